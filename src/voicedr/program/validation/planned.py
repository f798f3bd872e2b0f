"""Planned against actual, cohort by cohort: the forecast's terms beside what the journal says it took."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from voicedr.program.execution.plan import Plan, PlannedCohort
from voicedr.program.validation.chapters import CohortChapter, Story
from voicedr.program.validation.gate import calls_to_pass
from voicedr.program.validation.spoken import span
from voicedr.program.validation.surroundings import CohortCompared


def compare_cohorts(plan: Plan, cohorts: Sequence[CohortChapter]) -> tuple[CohortCompared, ...]:
    """Every planned cohort with what it took; None where the journal does not say."""
    told = {cohort.name: cohort for cohort in cohorts}
    return tuple(_compared(plan, planned, told[planned.name]) for planned in plan.cohorts if planned.name in told)


def longest_stretch(story: Story) -> str:
    """Between which two moments most of the time went; empty where there are not two."""
    stretches = [
        (after.after_s, before.title, after.title)
        for before, after in zip(story.moments, story.moments[1:], strict=False)
        if after.after_s
    ]
    if not stretches:
        return ""
    seconds, before, after = max(stretches)
    return f'The longest stretch, {span(seconds)}, lies between "{before}" and "{after}".'


def _compared(plan: Plan, planned: PlannedCohort, cohort: CohortChapter) -> CohortCompared:
    test = planned.gate.test
    calls = max(cohort.numbers, calls_to_pass(test)) if test.synthetic and cohort.numbers else cohort.numbers
    moving_from = cohort.first_intent_at or cohort.started_at
    return CohortCompared(
        cohort=planned.name,
        term=next((term for term in plan.forecast.terms if term.startswith(f"{planned.name}: ")), ""),
        writes_planned_s=len(planned.actions) / plan.requests_per_second if plan.requests_per_second else 0.0,
        writes_actual_s=_between(moving_from, cohort.all_moved_at),
        proof_planned_s_max=plan.propagation_s_max if cohort.numbers else 0.0,
        proof_actual_s=_between(cohort.all_moved_at, cohort.all_proved_at),
        calls_planned=calls,
        calls_actual=cohort.good + cohort.bad,
        gate_actual_s=_between(cohort.all_proved_at or cohort.all_moved_at, cohort.go_at),
        total_actual_s=_between(cohort.started_at or cohort.first_intent_at, cohort.passed_at),
    )


def _between(start: datetime | None, end: datetime | None) -> float | None:
    return None if start is None or end is None else (end - start).total_seconds()
