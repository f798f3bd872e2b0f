"""What is otherwise since the last look: new gaps, new unknowns, what is closed, what was answered for and is no more.

A gap is known by its id, and never by its wording: a webhook that takes 16.1 s instead of 16.0 s is no news.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.gaps import GapList, gap_id
from voicedr.program.readiness.package import FlowPackage, Package
from voicedr.program.readiness.telling import MARKS, clean, names_text


class What(StrEnum):
    """How something changed. The first three are told to people who are not looking."""

    GAP = "new gap"
    UNKNOWN = "new unknown"
    CLOSED = "closed"
    WAIVED = "waived"
    STAGE = "stage"


class Held(StrEnum):
    """How one check of a flow in a Region is held."""

    GAP = "gap"
    UNKNOWN = "unknown"
    WAIVED = "waived"


class Standing(msgspec.Struct, frozen=True):
    """How everything stood at one look: what is not clear by its id, and each flow's stage.

    ``stages`` is empty if nobody has looked at a flow yet.
    """

    held: dict[str, Held] = {}
    stages: dict[str, int] = {}


class News(msgspec.Struct, frozen=True):
    """One thing that changed. ``id``: the gap's; a flow's where it is about the flow."""

    what: What
    flow: str
    id: str
    words: str

    @property
    def line(self) -> str:
        """In one line."""
        mark = {What.GAP: MARKS[Outcome.FAIL], What.UNKNOWN: MARKS[Outcome.UNKNOWN], What.WAIVED: "w"}
        return clean(f"{mark.get(self.what, MARKS[Outcome.PASS])} {self.flow}  {self.what}: {self.words}")


def standing_of(package: Package) -> Standing:
    """How everything stands in a package."""
    held = {id_: how for flow in package.flows for id_, how in _held(flow).items()}
    return Standing(held, {flow.readiness.flow: flow.readiness.standing.reached for flow in package.flows})


def standing_in(known: GapList) -> Standing:
    """How everything stood in the latest runs of a gap list."""
    held = {id_: Held.UNKNOWN for ids in known.unknown.values() for id_ in ids}
    for gap in known.gaps.values():
        if gap.stands:
            held[gap.id] = Held.GAP if gap.waiver is None else Held.WAIVED
    return Standing(held, {run.flow: run.reached for run in known.runs})


def news(before: Standing, package: Package) -> tuple[News, ...]:
    """What is otherwise, flow by flow. Of a flow that nobody had looked at, nothing is new."""
    return tuple(
        one for flow in package.flows if flow.readiness.flow in before.stages for one in _of_flow(before, flow)
    )


def _of_flow(before: Standing, flow: FlowPackage) -> list[News]:
    name, now = flow.readiness.flow, _held(flow)
    words = _words(flow)
    kinds = {Held.GAP: What.GAP, Held.UNKNOWN: What.UNKNOWN, Held.WAIVED: What.WAIVED}
    found = [News(kinds[how], name, id_, words[id_]) for id_, how in now.items() if before.held.get(id_) is not how]
    for result in flow.readiness.checks:
        for region in (None, flow.readiness.primary, flow.readiness.standby):
            id_ = gap_id(name, result.check, region)
            if id_ in before.held and id_ not in now:
                found.append(News(What.CLOSED, name, id_, result.title))
    was, reached = before.stages[name], flow.readiness.standing.reached
    if was != reached:
        found.append(News(What.STAGE, name, name, f"{reached} reached, was {was}"))
    return found


def _held(flow: FlowPackage) -> dict[str, Held]:
    """The worst way in which each is held: a gap before an unknown before what is answered for."""
    name = flow.readiness.flow
    held = {gap_id(name, one.finding.check, one.finding.region): Held.WAIVED for one in flow.waived}
    held |= {gap_id(name, one.check, one.region): Held.UNKNOWN for one in flow.unknown}
    held |= {gap_id(name, one.check, one.region): Held.GAP for one in flow.failing}
    return held


def _words(flow: FlowPackage) -> dict[str, str]:
    name = flow.readiness.flow
    findings = (*(one.finding for one in flow.waived), *reversed(flow.unknown), *reversed(flow.failing))
    return {
        gap_id(name, one.check, one.region): f"{names_text(one.subjects, 3)} {one.detail} ({one.check})"
        for one in findings
    }
