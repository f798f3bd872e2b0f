"""When a running execution will be over, with its error band: the forecast's arithmetic over what is left, at the pace
and with the propagation that were measured so far.

    shortest   the better of planned and measured pace; the quickest propagation seen, or none at all if none was seen
    expected   the measured pace; the middle propagation seen, or half the longest if none was seen
    longest    the worse of planned and measured pace; the longest propagation that the workbook expects

The band around the expected time is what the measured times differ by, once there are any; before, it is half of what
lies between shortest and longest. Waiting for people is in none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import NamedTuple

import msgspec

from voicedr.program.execution.course import Leg, course_s
from voicedr.program.execution.forecast import CALL_S
from voicedr.program.execution.plan import Plan, PlannedCohort
from voicedr.program.validation.chapters import CohortChapter, Story
from voicedr.program.validation.gate import calls_to_pass
from voicedr.program.validation.spoken import clock, span

PACE_MOVES_MIN = 10
"""Fewer moves say nothing of a pace."""

BAND_S_MIN = 5.0
"""No band is narrower: a call takes that long to be placed, answered and read in the log."""


class Eta(msgspec.Struct, frozen=True):
    """When it will be over if nobody has to be asked."""

    at: datetime
    plus_minus_s: float
    earliest: datetime
    latest: datetime

    @property
    def words(self) -> str:
        """``ETA 22:41:10 ± 20 s (22:40:50…22:46:00)``."""
        band = f"({clock(self.earliest)}…{clock(self.latest)})"
        return f"ETA {clock(self.at)} ± {span(self.plus_minus_s)} {band}"


class _Case(NamedTuple):
    pace: float
    propagation_s: float


def eta(story: Story, now: datetime) -> Eta | None:
    """None where nothing can be said: it is over, going back, held by people or not begun."""
    plan = story.plan
    held = any(stop.to_at is None for stop in story.stops)
    asked = any(decision.taken_at is None for decision in story.decisions)
    if plan is None or story.outcome or story.rollbacks or story.aborts or held or asked or not story.runners:
        return None
    pace = _pace(story.cohorts) or plan.requests_per_second
    seen_s = _propagations_s(story.cohorts, plan)
    longest_s = max(plan.propagation_s_max, *seen_s) if seen_s else plan.propagation_s_max
    middle_s = median(seen_s) if seen_s else plan.propagation_s_max / 2
    shortest, expected, longest = (
        course_s([_left(story, plan, planned, now, case) for planned in plan.cohorts], plan.overlap)
        for case in (
            _Case(max(pace, plan.requests_per_second), min(seen_s, default=0.0)),
            _Case(pace, middle_s),
            _Case(min(pace, plan.requests_per_second), longest_s),
        )
    )
    waits = sum(not cohort.passed for cohort in story.cohorts)
    spread_s = (max(seen_s) - min(seen_s)) * waits if seen_s else (longest - shortest) / 2
    return Eta(
        at=now + timedelta(seconds=expected),
        plus_minus_s=max(BAND_S_MIN, spread_s),
        earliest=now + timedelta(seconds=shortest),
        latest=now + timedelta(seconds=longest),
    )


def _left(story: Story, plan: Plan, planned: PlannedCohort, now: datetime, case: _Case) -> Leg:
    cohort = next(one for one in story.cohorts if one.name == planned.name)
    if cohort.passed:
        return Leg(0.0, 0.0, 0.0, 0.0, started=True)
    overlap = plan.overlap
    propagation_s = case.propagation_s
    if cohort.all_moved_at is not None:
        propagation_s = max(0.0, case.propagation_s - (now - cohort.all_moved_at).total_seconds())
    if cohort.numbers and cohort.proved == cohort.numbers:
        propagation_s = 0.0
    test = planned.gate.test
    needed = cohort.numbers - cohort.proved
    if test.synthetic and cohort.numbers:
        to_go = calls_to_pass(test) if cohort.good_to_go is None else cohort.good_to_go
        needed = max(needed, to_go)
    ours = plan.test_caller is not None and plan.calls_per_second > 0
    return Leg(
        writes_s=max(0, cohort.entry_points - cohort.moved) / case.pace,
        propagation_s=propagation_s,
        placing_s=needed / plan.calls_per_second if ours else 0.0,
        last_call_s=CALL_S,
        risk=0.0 if overlap is None else overlap.risk_of(cohort.entry_points, planned.calls_per_minute),
        overlapped=bool(cohort.numbers) and planned.gate.on_go == "continue",
        started=cohort.touched,
    )


def _pace(cohorts: Sequence[CohortChapter]) -> float | None:
    """Moves per second while moves were made; None before enough of them."""
    moves, seconds = 0, 0.0
    for cohort in cohorts:
        if cohort.first_moved_at is not None and cohort.all_moved_at is not None:
            moves += cohort.entry_points - 1
            seconds += (cohort.all_moved_at - cohort.first_moved_at).total_seconds()
    return moves / seconds if moves >= PACE_MOVES_MIN and seconds > 0 else None


def _propagations_s(cohorts: Sequence[CohortChapter], plan: Plan) -> list[float]:
    """From the last move of a cohort to the last proof, without the time that placing the calls takes."""
    return [
        max(0.0, (cohort.all_proved_at - cohort.all_moved_at).total_seconds() - cohort.numbers / plan.calls_per_second)
        for cohort in cohorts
        if cohort.all_proved_at is not None and cohort.all_moved_at is not None
    ]
