"""The REST API as this machine reaches it, and the source files that use it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Fact
from voicedr.program.readiness.outside.web import Reached, RestSource
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.vocabulary import REGIONS, US1, Region

EDGES: dict[Region, tuple[str, ...]] = {
    region: ("ashburn", "umatilla", "sydney") if region == US1 else (edge,) for region, edge in REGIONS.items()
}
"""Names of the REST API that are documented for each Region. Outside us1 there is one: the label of the edge is part
of the name, and no second one is documented for ie1 and au1
(https://www.twilio.com/docs/global-infrastructure/using-the-twilio-rest-api-in-a-non-us-region and
https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices, read 2026-11-21)."""


@dataclass(frozen=True, slots=True)
class RestRegion:
    """A Region's REST API under each of its names."""

    region: Region
    reached: tuple[tuple[str, Fact[Reached]], ...]

    @property
    def kind(self) -> str:
        return "Regions"

    @property
    def name(self) -> str:
        return self.region


@dataclass(frozen=True, slots=True)
class RestFile:
    """A source file that somebody named; the whole flow's, if nobody named one."""

    path: str
    said: Said[object] | Unsaid
    source: Fact[RestSource]

    @property
    def kind(self) -> str:
        return "source files"

    @property
    def name(self) -> str:
        return self.path or "its REST clients"

    @property
    def region(self) -> None:
        return None


def edges_to_ask(case: Case, region: Region) -> tuple[str, ...]:
    """The edges under whose names a Region's REST API is asked: the workbook's own first."""
    access = case.account.regions.get(region)
    own = (access.edge,) if access is not None and region == US1 else ()
    return tuple(dict.fromkeys((*own, *EDGES.get(region, ()))))


def rest_regions(case: Case) -> Iterator[RestRegion]:
    """The flow's Regions that have more than one name."""
    for region in (case.flow.standby, case.flow.primary):
        edges = edges_to_ask(case, region)
        if len(edges) > 1:
            yield RestRegion(region, tuple((edge, case.snapshot.web.edge_of(edge, region)) for edge in edges))


def rest_files(case: Case) -> Iterator[RestFile]:
    """The source files that were declared."""
    said = case.said(About.REST_CLIENTS)
    if isinstance(said, Unsaid):
        yield RestFile("", said, case.snapshot.web.source_in(""))
        return
    for path in said.value if isinstance(said.value, list | tuple) else ():
        yield RestFile(str(path), said, case.snapshot.web.source_in(str(path)))
