"""The customer's application as it was declared, and as its instances say it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.outside.web import InstanceSaid, Reached
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.urls import shown
from voicedr.program.vocabulary import Region


@dataclass(frozen=True, slots=True)
class Instance:
    """One instance of the application; ``url`` is empty where nobody declared any."""

    url: str
    said: Said[Any] | Unsaid
    reached: Fact[Reached]

    @property
    def kind(self) -> str:
        return "instances"

    @property
    def name(self) -> str:
        return shown(self.url) if self.url else "its instances"

    @property
    def region(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Dependency:
    """Something that the application needs; ``what`` is empty where nobody declared any."""

    what: str
    how: Any
    said: Said[Any] | Unsaid

    @property
    def kind(self) -> str:
        return "dependencies"

    @property
    def name(self) -> str:
        return self.what or "its dependencies"

    @property
    def region(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Confirming:
    """One instance that says which Region it uses, and the Region in which the flow is."""

    url: str
    answer: Fact[InstanceSaid]
    flow_is_in: Fact[Region]
    epochs: tuple[int, ...]
    """Of all instances that said one."""

    @property
    def kind(self) -> str:
        return "instances"

    @property
    def name(self) -> str:
        return shown(self.url)

    @property
    def region(self) -> None:
        return None


def instances(case: Case) -> Iterator[Instance]:
    """Every instance that was declared."""
    said = case.said(About.APPLICATION_INSTANCES)
    if isinstance(said, Unsaid):
        yield Instance("", said, Unobserved(said.reason))
        return
    for url in said.value if isinstance(said.value, dict) else ():
        yield Instance(str(url), said, case.snapshot.web.instance_at(str(url)))


def dependencies(case: Case) -> Iterator[Dependency]:
    """Everything that the application was declared to need; the empty declaration as one."""
    said = case.said(About.DEPENDENCIES)
    if isinstance(said, Unsaid) or not isinstance(said.value, dict) or not said.value:
        yield Dependency("", None, said)
        return
    for name, how in said.value.items():
        yield Dependency(str(name), how, said)


def confirming(case: Case) -> Iterator[Confirming]:
    """Every instance that confirms the context. Nothing where the workbook names none."""
    if case.flow.application is None:
        return
    answers = [(url, case.snapshot.web.confirmed_at(url)) for url in case.flow.application.confirm]
    epochs = tuple(
        fact.value.epoch for _, fact in answers if isinstance(fact, Observed) and fact.value.epoch is not None
    )
    where = flow_is_in(case)
    for url, fact in answers:
        yield Confirming(url, fact, where, epochs)


def with_context(case: Case) -> Iterator[Case]:
    """The flow, if its application is told by a context which Region is active."""
    if case.flow.application is not None:
        yield case


def flow_is_in(case: Case) -> Fact[Region]:
    """The one Region that all of the flow's entry points are routed to, without the trickle."""
    trickle = set(case.flow.trickle)
    where: dict[Region, Observed[Region]] = {}
    for subject in case.flow.subjects:
        if subject in trickle:
            continue
        fact = case.snapshot.route_of(subject)
        if isinstance(fact, Unobserved):
            return Unobserved(f"where the flow is could not be read: {fact.reason}")
        where.setdefault(fact.value, fact)
    if len(where) != 1:
        return Unobserved(f"the flow is routed to {' and '.join(sorted(where)) or 'nowhere'}")
    return next(iter(where.values()))
