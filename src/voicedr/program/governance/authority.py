"""Who may decide what now: by role, by what their function may do, and by the clock.

The order of a function says who is asked first. It does not weigh anybody's word: a deputy who is on decides as well as
the first one does, so that nobody waits for a person who does not answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import msgspec

from voicedr.program.governance.hours import Span, gaps, is_on, next_on_at
from voicedr.program.scope.authority import Decision, Function, OnNoAnswer, Rollback
from voicedr.program.scope.declarations import ended
from voicedr.program.scope.durations import write_duration
from voicedr.program.scope.workbook import Flow, Person, Workbook
from voicedr.program.validation.spoken import listed


class Standing(msgspec.Struct, frozen=True):
    """One person in one function. ``place`` 1 is asked first; the others are deputies in their order."""

    person: str
    name: str
    place: int
    on: bool
    next_on_at: datetime | None
    contact: str | None


class FunctionStanding(msgspec.Struct, frozen=True):
    """One function at one moment.

    Attributes:
        roles: The roles that belong to it.
        may: What it may decide.
        quorum: So many different people must decide.
        people: In the order in which they are asked.
        ask: Who is asked now: the first who is on. None: nobody is.
        answer_within_s: After so long without an answer the next one is asked.
    """

    function: Function
    roles: tuple[str, ...]
    may: tuple[Decision, ...]
    quorum: int
    people: tuple[Standing, ...]
    ask: str | None
    answer_within_s: float

    @property
    def reachable(self) -> int:
        """How many of them are on."""
        return sum(one.on for one in self.people)


class Matrix(msgspec.Struct, frozen=True):
    """The four functions of a flow at one moment, and what is missing, in words."""

    flow: str
    at: datetime
    functions: tuple[FunctionStanding, ...]
    missing: tuple[str, ...]


def matrix(workbook: Workbook, flow: Flow, now: datetime) -> Matrix:
    """Who is who for a flow, and who is reachable now."""
    functions = tuple(_standing(workbook, flow, function, now) for function in Function)
    return Matrix(flow.id, now, functions, (*_missing_now(functions), *cautions(workbook, flow, now)))


def roles_of(flow: Flow, function: Function) -> tuple[str, ...]:
    """The roles that make up a function."""
    match function:
        case Function.DETECTION:
            return (flow.roles.detection,)
        case Function.TECHNICAL_ASSESSMENT:
            return (flow.roles.technical_assessment,)
        case Function.BUSINESS_IMPACT:
            return (flow.roles.business_impact,)
        case Function.APPROVAL:
            return flow.roles.approval


def people_of(workbook: Workbook, flow: Flow, function: Function) -> tuple[Person, ...]:
    """Who is in a function: first those whom its order names, then the others as the workbook lists them."""
    roles = roles_of(flow, function)
    order = workbook.authority.duty(function).order
    able = [person for person in workbook.people if any(role in roles for role in person.roles)]
    named = [person for wanted in order for person in able if person.id == wanted]
    return (*named, *(person for person in able if person not in named))


def functions_of(workbook: Workbook, flow: Flow, person: Person) -> tuple[Function, ...]:
    """The functions that a person belongs to."""
    return tuple(function for function in Function if person in people_of(workbook, flow, function))


def who_may(workbook: Workbook, flow: Flow, decision: Decision, now: datetime) -> tuple[Person, ...]:
    """Everybody who may take this decision at this moment, those who are asked first in front."""
    found: dict[str, Person] = {}
    for function in Function:
        if decision in workbook.authority.duty(function).may:
            found |= {one.id: one for one in people_of(workbook, flow, function) if is_on(one.hours, now)}
    return tuple(found.values())


def why_may_not(
    workbook: Workbook,
    flow: Flow,
    decision: Decision,
    person: Person,
    now: datetime,
    *,
    function: Function | None = None,
    any_hour: bool = False,
) -> str:
    """Why a person may not take a decision now, with whom to ask instead; empty if they may.

    Args:
        workbook: As it stands now: whoever was taken out of it is out.
        flow: The flow that is decided about.
        decision: What they want to do.
        person: Who.
        now: When.
        function: Only in this function; None: in any.
        any_hour: Do not look at the clock.
    """
    deciding = [
        one
        for one in Function
        if decision in workbook.authority.duty(one).may and (function is None or function is one)
    ]
    if not any(person.id == one.id for each in deciding for one in people_of(workbook, flow, each)):
        return f"{person.name} may not {_words(decision)} for {flow.id}. {_instead(workbook, flow, decision, now)}"
    if any_hour or is_on(person.hours, now):
        return ""
    again = next_on_at(person.hours, now)
    when = f"; they are on again at {again:%a %Y-%m-%d %H:%M} UTC" if again else ""
    return f"{person.name} is not on at {now:%a %H:%M} UTC{when}. {_instead(workbook, flow, decision, now)}"


def why_no_rollback(workbook: Workbook, flow: Flow, person: Person | None, now: datetime) -> str:
    """Why somebody may not ask for a rollback now, with whom to ask instead; empty if they may."""
    if workbook.authority.rollback is Rollback.ANYBODY:
        return ""
    if person is None:
        said = f"{workbook.path} lets a rollback be asked for only by who may approve one. Say who you are: --as PERSON"
        return f"{said}. {_instead(workbook, flow, Decision.APPROVE_ROLLBACK, now)}"
    return why_may_not(workbook, flow, Decision.APPROVE_ROLLBACK, person, now)


def stood(workbook: Workbook, flow: Flow | None, decision: Decision, person: Person | None, now: datetime) -> str:
    """How somebody who holds things up, or moves them back, stood to the authority: for the record, and no obstacle.

    ``in the authority as approval``, or why they are outside it, without whom to ask instead.
    """
    if flow is None or person is None:
        return "outside the authority: nobody of the workbook was named"
    functions = [one for one in functions_of(workbook, flow, person) if decision in workbook.authority.duty(one).may]
    if not functions:
        return f"outside the authority: {person.name} may not {_words(decision)} for {flow.id}"
    if not is_on(person.hours, now):
        return f"outside the authority: {person.name} is not on at {now:%a %H:%M} UTC"
    return f"in the authority as {listed([_name(one) for one in functions])}"


def asked_after(standing: FunctionStanding, waited_s: float) -> Standing | None:
    """Whom to ask once so long was waited, each in turn; None once everybody who is on had their time."""
    on = [one for one in standing.people if one.on]
    turn = int(waited_s // standing.answer_within_s)
    return on[turn] if turn < len(on) else None


def cautions(workbook: Workbook, flow: Flow, now: datetime) -> tuple[str, ...]:
    """What is allowed in the workbook and will hurt: functions with one person, hours with holes, silence that acts."""
    return tuple(_cautions(workbook, flow, now))


def _cautions(workbook: Workbook, flow: Flow, now: datetime) -> Iterator[str]:
    everywhere: set[str] | None = None
    for function in Function:
        people = people_of(workbook, flow, function)
        ids = {one.id for one in people}
        everywhere = ids if everywhere is None else everywhere & ids
        if len(people) == 1:
            yield f"{_name(function)} has no deputy: only {people[0].name}. Give the role to somebody else, too"
        for outsider in (one for one in workbook.authority.duty(function).order if one not in ids):
            role = " or ".join(roles_of(flow, function))
            yield f'{_name(function)} lists "{outsider}" in its order, who does not have the role {role}'
        if people and (open_at := gaps((one.hours for one in people), now)):
            yield f"{_name(function)} is not covered {_hours(open_at)}: {_spans(open_at)}"
    for lonely in sorted(everywhere or ()):
        if flow.roles.approvals < 2:
            yield f"{lonely} holds all four functions and may approve alone. Ask for two approvals, or split the roles"
    if flow.on_no_answer is OnNoAnswer.GO_ON:
        yield "silence moves callers: on_no_answer is go-on, so a cohort follows although nobody answered"
    if flow.on_no_answer is OnNoAnswer.ROLL_BACK:
        yield "silence moves callers back: on_no_answer is roll-back, although the gate may have said go"
    yield from ended(workbook.declared, flow.id, now)
    if flow.automatic is not None:
        yield f"this flow may be failed over without people, after {flow.automatic.after_drills} successful drills"


def _missing_now(functions: tuple[FunctionStanding, ...]) -> Iterator[str]:
    for one in functions:
        if one.reachable < one.quorum:
            on = f"{one.reachable} of {len(one.people)} on now"
            yield f"{_name(one.function)} needs {one.quorum} and has {on}"


def _standing(workbook: Workbook, flow: Flow, function: Function, now: datetime) -> FunctionStanding:
    duty = workbook.authority.duty(function)
    people = tuple(
        Standing(one.id, one.name, place, is_on(one.hours, now), next_on_at(one.hours, now), one.contact)
        for place, one in enumerate(people_of(workbook, flow, function), 1)
    )
    return FunctionStanding(
        function=function,
        roles=roles_of(flow, function),
        may=duty.may,
        quorum=flow.roles.approvals if function is Function.APPROVAL else 1,
        people=people,
        ask=next((one.person for one in people if one.on), None),
        answer_within_s=duty.answer_within_s,
    )


def _instead(workbook: Workbook, flow: Flow, decision: Decision, now: datetime) -> str:
    able = who_may(workbook, flow, decision, now)
    if able:
        return "Ask " + ", ".join(f"{one.name} ({one.id}{f', {one.contact}' if one.contact else ''})" for one in able)
    return f"Nobody may {_words(decision)} now: voicedr who {flow.id} says who is on when"


def _words(decision: Decision) -> str:
    return decision.value.replace("-", " ").replace("approve ", "approve a ")


def _name(function: Function) -> str:
    return function.value.replace("_", " ")


def _hours(open_at: tuple[Span, ...]) -> str:
    total_s = sum((end - begin).total_seconds() for begin, end in open_at)
    return f"{write_duration(total_s // 60 * 60)} of the week"


def _spans(open_at: tuple[Span, ...]) -> str:
    shown = ", ".join(f"{begin:%a %H:%M} to {end:%a %H:%M}" for begin, end in open_at[:3])
    return f"{shown} UTC" + (f" and {len(open_at) - 3} more" if len(open_at) > 3 else "")
