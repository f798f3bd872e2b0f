"""The people of a flow's decision chain, and what the workbook says of its scope.

The workbook is what is judged here, so it is also the evidence: it was read when the flow is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from voicedr.program.governance.authority import people_of
from voicedr.program.governance.hours import Span, gaps
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.scope.authority import Function
from voicedr.program.scope.workbook import Person, Workbook

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class FunctionOf:
    """One function of the decision chain, who is in it, and when nobody of them is on."""

    name: str
    quorum: int
    people: Observed[tuple[Person, ...]]
    open_at: tuple[Span, ...]

    @property
    def kind(self) -> str:
        return "functions"

    @property
    def region(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class PersonOf:
    """Somebody in the decision chain. ``person`` None: nobody is."""

    person: Person | None
    seen: Observed[tuple[Person, ...]]
    reached: Said[object] | Unsaid
    today: date

    @property
    def kind(self) -> str:
        return "people"

    @property
    def name(self) -> str:
        return self.person.name if self.person is not None else "the people of the decision chain"

    @property
    def region(self) -> None:
        return None

    @property
    def reached_on(self) -> date | None:
        """The day of the last test call that they answered; None if nobody says one."""
        if self.person is None or not isinstance(self.reached, Said) or not isinstance(self.reached.value, dict):
            return None
        on = self.reached.value.get(self.person.id)
        if isinstance(on, date):
            return on
        try:
            return date.fromisoformat(on) if isinstance(on, str) else None
        except ValueError:
            return None


def written(case: Case, value: T) -> Observed[T]:
    """Something that the workbook says, as a fact of now."""
    return Observed(value, case.now or case.snapshot.taken_at, "the workbook")


def functions(case: Case) -> Iterator[FunctionOf]:
    """The four functions of the decision chain."""
    at = case.now or case.snapshot.taken_at
    for function in Function:
        people = _people(case, function)
        quorum = case.flow.roles.approvals if function is Function.APPROVAL else 1
        open_at = gaps((one.hours for one in people), at)
        yield FunctionOf(function.value.replace("_", " "), quorum, written(case, people), open_at)


def approval(case: Case) -> Iterator[FunctionOf]:
    """The function that approves."""
    yield from (one for one in functions(case) if one.name == Function.APPROVAL.value)


def people(case: Case) -> Iterator[PersonOf]:
    """Everybody in the decision chain, once."""
    every = {one.id: one for function in Function for one in _people(case, function)}
    seen = written(case, tuple(every.values()))
    today = (case.now or case.snapshot.taken_at).date()
    for person in every.values() or (None,):
        yield PersonOf(person, seen, case.said(About.PEOPLE_REACHED), today)


def _people(case: Case, function: Function) -> tuple[Person, ...]:
    return people_of(Workbook(case.account, case.people, (case.flow,)), case.flow, function)
