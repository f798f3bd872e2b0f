"""Which rules of the decision chain hold when something is to move, and over which of them glass was broken.

Rules are named, so that breaking one says which. What cannot be broken (residency, a dead target, a plan nobody knows)
is not here: plans are not made, and executions are not opened, against it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from voicedr.program.execution.events import Approved
from voicedr.program.governance.incident import GlassBroken, Incident
from voicedr.program.scope.authority import Function, Rule
from voicedr.program.scope.workbook import Flow, Person, Workbook
from voicedr.program.validation.spoken import listed, stamp


class Violation(msgspec.Struct, frozen=True):
    """A rule that does not hold: which, how it stands and the way on, in words."""

    rule: Rule
    words: str


def violations(
    workbook: Workbook,
    flow: Flow,
    approvals: Sequence[Approved],
    incident: Incident | None,
    executor: Person | None,
    now: datetime,
    *,
    real: bool = False,
) -> tuple[Violation, ...]:
    """Which rules beside the quorum do not hold for an execution that is to be opened now.

    Args:
        workbook: As it is now.
        flow: What is to move.
        approvals: Those that count.
        incident: The open one; None: there is none, so nobody declared or assessed.
        executor: Who carries it out, where they said so.
        now: The moment.
        real: It is no practice: a freeze never holds a real event.
    """
    frozen = () if real else tuple(_freezes(workbook, now))
    return (*frozen, *_same_people(workbook, approvals, incident, executor))


def broken_over(incident: Incident | None, plan_hash: str, now: datetime) -> tuple[GlassBroken, ...]:
    """What was broken over this plan and has not expired."""
    if incident is None:
        return ()
    return tuple(one for one in incident.broken if one.plan_hash == plan_hash and now < one.expires_at)


def _freezes(workbook: Workbook, now: datetime) -> Iterator[Violation]:
    for window in workbook.freeze:
        if window.from_at <= now < window.to_at:
            yield Violation(
                Rule.FREEZE_WINDOW,
                f"nothing is moved until {stamp(window.to_at)}: {window.why}."
                " It holds practice only. Wait, or break glass over freeze-window",
            )


def _same_people(
    workbook: Workbook, approvals: Sequence[Approved], incident: Incident | None, executor: Person | None
) -> Iterator[Violation]:
    names = {one.name: one.id for one in workbook.people}
    approvers = {one.person_id or names.get(one.person, one.person) for one in approvals}
    pairs = workbook.authority.different_people
    if pairs is None:
        assessors = incident.assessors if incident is not None else frozenset()
        others = approvers - assessors - ({executor.id} if executor is not None else set())
        if approvers and not others:
            yield Violation(
                Rule.DIFFERENT_PEOPLE,
                f"everybody who approved ({listed(sorted(approvers))}) also assessed it or carries it out. Have"
                " somebody else approve it, or somebody else carry it out",
            )
        return
    acted = _acted(incident, approvers, executor)
    for first, second in pairs:
        for person in sorted(acted[first] & acted[second]):
            yield Violation(
                Rule.DIFFERENT_PEOPLE,
                f"{person} acts in {_name(first)} and in {_name(second)}, which the workbook keeps apart. Have"
                " somebody else take one of the two",
            )


def _acted(incident: Incident | None, approvers: set[str], executor: Person | None) -> dict[Function, frozenset[str]]:
    def of(one: object) -> frozenset[str]:
        person = getattr(one, "person_id", "")
        return frozenset({person} if person else ())

    return {
        Function.DETECTION: of(incident.declared if incident is not None else None),
        Function.TECHNICAL_ASSESSMENT: of(incident.technical if incident is not None else None),
        Function.BUSINESS_IMPACT: of(incident.business if incident is not None else None),
        Function.APPROVAL: frozenset(approvers | ({executor.id} if executor is not None else set())),
    }


def _name(function: Function) -> str:
    return function.value.replace("_", " ")
