"""Whether a flow may come home: each criterion of the workbook, how it stands, and what to do where it does not hold.

met      it was seen to hold
waits    it holds so far; the failback waits for the rest
told     nobody can look at it: the approvers take it on with their approval
not met  it was seen not to hold
unknown  nobody could look: it holds the failback as what is not met does
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import StrEnum

import msgspec

from voicedr.program.execution.plan import Plan
from voicedr.program.governance.hours import is_on, next_on_at
from voicedr.program.governance.incident import Incident
from voicedr.program.governance.preconditions import blocking, may_block
from voicedr.program.readiness.facts import Fact, Unobserved
from voicedr.program.readiness.judge import FlowReadiness
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.validation.spoken import listed, span, stamp
from voicedr.program.vocabulary import Kind


class Stands(StrEnum):
    """How a criterion stands."""

    MET = "met"
    WAITS = "waits"
    TOLD = "told"
    NOT_MET = "not met"
    UNKNOWN = "unknown"


class Criterion(msgspec.Struct, frozen=True):
    """One criterion: its name, how it stands, and in words why, with the next step where it holds things up."""

    name: str
    stands: Stands
    words: str


class Health(msgspec.Struct, frozen=True):
    """How long the primary was seen good, of how long; ``bad`` speaks against it, ``unseen`` says nothing."""

    good_s: float
    wanted_s: float
    bad: tuple[str, ...] = ()
    unseen: tuple[str, ...] = ()


class Seen(msgspec.Struct, frozen=True):
    """What was looked at, just now. None: the workbook does not ask for it.

    Attributes:
        incident: The open one; its value None: there is none.
        plan: The plan; None with the reasons where there can be none; None without: nobody has tried yet.
    """

    health: Health
    plan: Plan | None = None
    refused: tuple[str, ...] = ()
    incident: Fact[Incident | None] | None = None
    readiness: Fact[FlowReadiness] | None = None


def criteria(workbook: Workbook, flow: Flow, seen: Seen, kind: Kind, now: datetime) -> tuple[Criterion, ...]:
    """Every criterion in the order in which people read them."""
    return tuple(_criteria(workbook, flow, seen, kind, now))


def held_by(found: Sequence[Criterion]) -> tuple[Criterion, ...]:
    """Those that hold the failback up."""
    return tuple(one for one in found if one.stands in (Stands.NOT_MET, Stands.UNKNOWN))


def _criteria(workbook: Workbook, flow: Flow, seen: Seen, kind: Kind, now: datetime) -> Iterator[Criterion]:
    if seen.plan is not None or seen.refused:
        yield _plan(seen)
    yield _health(flow, seen.health)
    if seen.incident is not None:
        yield _incident(flow, seen.incident)
    if seen.readiness is not None:
        yield _readiness(flow, seen.readiness)
    if flow.failback.hours:
        yield _hours(flow, now)
    yield from _freeze(workbook, kind, now)
    for words in flow.failback.criteria:
        yield Criterion("in words", Stands.TOLD, f"{words}. Approving says that it is so")


def _plan(seen: Seen) -> Criterion:
    if seen.plan is None:
        return Criterion("plan", Stands.NOT_MET, f"there can be no plan: {'; '.join(seen.refused)}")
    roles = listed(seen.plan.approval_roles)
    cohorts, numbers = len(seen.plan.cohorts), len(seen.plan.actions)
    words = f"{numbers} changes in {cohorts} cohorts, {seen.plan.approvals} approvals of {roles}"
    return Criterion("plan", Stands.MET, words)


def _health(flow: Flow, health: Health) -> Criterion:
    name = f"{flow.primary} healthy"
    so_far = f"good for {span(health.good_s)} of {span(health.wanted_s)}"
    if health.bad:
        return Criterion(name, Stands.NOT_MET, f"{'; '.join(health.bad)}. Wait until the Region is back")
    if health.unseen:
        return Criterion(name, Stands.UNKNOWN, f"{'; '.join(health.unseen)}. See that it can be looked at")
    if health.good_s < health.wanted_s:
        return Criterion(name, Stands.WAITS, f"{so_far}; it is watched until then")
    return Criterion(name, Stands.MET, so_far)


def _incident(flow: Flow, fact: Fact[Incident | None]) -> Criterion:
    if isinstance(fact, Unobserved):
        return Criterion("no open incident", Stands.UNKNOWN, f"nobody could look: {fact.reason}")
    if fact.value is None:
        return Criterion("no open incident", Stands.MET, f"{flow.id} has none")
    words = f"{fact.value.incident} is open. When it is over: voicedr stand-down {flow.id} --as PERSON --why WHY"
    return Criterion("no open incident", Stands.NOT_MET, words)


def _readiness(flow: Flow, fact: Fact[FlowReadiness]) -> Criterion:
    name = f"{flow.primary} ready"
    if isinstance(fact, Unobserved):
        return Criterion(name, Stands.UNKNOWN, f"nobody could look: {fact.reason}")
    gaps = blocking(fact.value, flow.primary)
    unknown = may_block(fact.value, flow.primary)
    if gaps:
        return Criterion(name, Stands.NOT_MET, f"{listed(gaps, 2)}. All of it: voicedr ready {flow.id}")
    if unknown:
        return Criterion(name, Stands.UNKNOWN, f"{listed(unknown, 2)}. All of it: voicedr ready {flow.id}")
    return Criterion(name, Stands.MET, "no gap in the way, and nothing that could not be seen")


def _hours(flow: Flow, now: datetime) -> Criterion:
    if is_on(flow.failback.hours, now):
        return Criterion("hours", Stands.MET, "now is within the hours of failback")
    again = next_on_at(flow.failback.hours, now)
    words = "they are not within a week" if again is None else f"again from {stamp(again)}"
    return Criterion("hours", Stands.NOT_MET, f"now is outside the hours of failback; {words}")


def _freeze(workbook: Workbook, kind: Kind, now: datetime) -> Iterator[Criterion]:
    for window in workbook.freeze:
        if not window.from_at <= now < window.to_at:
            continue
        if kind is Kind.REAL:
            words = f"until {stamp(window.to_at)}: {window.why}. It holds practice, and this is real"
            yield Criterion("freeze", Stands.MET, words)
        else:
            words = f"nothing is practised until {stamp(window.to_at)}: {window.why}. Wait until then"
            yield Criterion("freeze", Stands.NOT_MET, words)
