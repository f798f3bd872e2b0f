"""Whether a cohort may start while earlier ones are moved and not yet passed.

What is at risk is what stands in the new Region without the word of its gate. It is counted from the start of a cohort,
not from its last route, so that the budget also holds while it moves. In this order, all of:

    the workbook says so, and the first cohort has passed: the canary is never overlapped
    every cohort before it is moved, and its entry points were seen as wanted afterwards
    no gate that was started says no-go, or is blind: what is not measured is not added to
    none of those that wait asks people, or can be proved by their word alone
    at most ``cohorts_max`` wait
    what they put at risk, with the new one, is within the budget
"""

from __future__ import annotations

from collections.abc import Sequence

from voicedr.program.execution.actions import SetRoute
from voicedr.program.execution.plan import PlannedCohort
from voicedr.program.execution.state import CohortState, Execution
from voicedr.program.scope.moving import Overlap
from voicedr.program.vocabulary import Verdict


def at_risk(overlap: Overlap, cohorts: Sequence[PlannedCohort]) -> float:
    """What cohorts put at risk until they have passed, in the budget's unit."""
    return sum(
        overlap.risk_of(
            sum(isinstance(action, SetRoute) for action in cohort.actions),
            cohort.calls_per_minute,
        )
        for cohort in cohorts
    )


def may_overlap(execution: Execution, cohort: CohortState, waiting: Sequence[CohortState]) -> bool:
    """True if the cohort may start beside those that wait for their proof or their gate."""
    overlap = execution.plan.overlap
    if overlap is None or len(waiting) > overlap.cohorts_max:
        return False
    first = execution.current[0]
    if not first.provable or not execution.passed(first.plan.name):
        return False  # one that was left has proved nothing
    started = [one for one in execution.current if one.started_at is not None]
    if any(one.blind_since is not None or _stopped(one) for one in started):
        return False
    for one in waiting:
        settled = one.left == 0 and one.after is not None and one.after.holds
        if not settled or not one.provable or one.plan.gate.on_go == "ask" or one.asked:
            return False
    return at_risk(overlap, [one.plan for one in (*waiting, cohort)]) <= overlap.budget


def _stopped(cohort: CohortState) -> bool:
    said_no = cohort.reading is not None and cohort.reading.verdict is Verdict.NO_GO
    return said_no or cohort.decided is False
