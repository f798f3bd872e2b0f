"""One check over a flow that is ready in every respect but for what a test spoils."""

from __future__ import annotations

from collections.abc import Sequence

from readiness_scene import AT, NUMBERS, PEOPLE, a_flow, an_account, declaring, snapshot
from voicedr.program.readiness.check import Conclusion, Outcome
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.declared import Declarations
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.subjects import Case
from voicedr.program.scope.workbook import Flow, Person


def conclude(
    check: str,
    facts: Snapshot | None = None,
    said: Declarations | None = None,
    flow: Flow | None = None,
    people: Sequence[Person] = PEOPLE,
) -> list[Conclusion]:
    """Every conclusion of one check."""
    one = all_checks()[check]
    case = Case(
        flow or a_flow(test_caller=NUMBERS[0]),
        an_account(),
        facts or snapshot(),
        said or declaring(),
        tuple(people),
        AT,
    )
    every = (one.judge(subject) for subject in one.over(case))
    return [conclusion for conclusion in every if conclusion is not None]


def passes(conclusions: list[Conclusion]) -> bool:
    """Whether all of them pass, each with somebody's eyes or somebody's word behind it."""
    return bool(conclusions) and all(
        one.outcome is Outcome.PASS and (one.seen is not None or one.said is not None) for one in conclusions
    )


def fails(conclusions: list[Conclusion], says: str) -> bool:
    """Whether there is a gap, it says this, and rests on what was seen or said."""
    failed = [one for one in conclusions if one.outcome is Outcome.FAIL]
    return any(says in one.detail for one in failed) and all(
        one.seen is not None or one.said is not None or "refused" in one.detail for one in failed
    )


def is_unknown(conclusions: list[Conclusion], says: str = "") -> bool:
    """Whether nobody knows, and nothing is called a gap for it."""
    outcomes = {one.outcome for one in conclusions}
    return (
        Outcome.UNKNOWN in outcomes
        and Outcome.FAIL not in outcomes
        and any(says in one.detail for one in conclusions if one.outcome is Outcome.UNKNOWN)
    )
