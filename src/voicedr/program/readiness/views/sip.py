"""Where a trunk's calls go, and what its names lead to, as checks are said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.outside.sip import SipAnswer
from voicedr.program.readiness.resources import OriginationUrl, Trunk
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case, TrunkIn, trunks_in_both
from voicedr.program.readiness.urls import host_of
from voicedr.program.vocabulary import REGIONS, Region

SECOND_EDGES = {"ashburn": "umatilla", "dublin": "frankfurt", "sydney": "singapore"}
"""An edge near a Region's own, for a second way in. Any other public edge would do
(https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices, read 2026-11-21)."""


@dataclass(frozen=True, slots=True)
class Origination:
    """One origination URI that takes calls, of one trunk in one Region.

    Attributes:
        uri: As stored; empty if nobody could see which URIs there are.
        answers: What the addresses behind it said.
        stored: The trunk that it was read from.
    """

    trunk: str
    uri: str
    region: Region
    is_standby: bool
    answers: Fact[tuple[SipAnswer, ...]]
    stored: Fact[Any]

    @property
    def kind(self) -> str:
        return "origination URIs"

    @property
    def name(self) -> str:
        return f"{self.uri or 'the URIs'} of {self.trunk}"


@dataclass(frozen=True, slots=True)
class Termination:
    """A name that SBCs send a trunk's calls to, at one edge."""

    uri: str
    answers: Fact[tuple[SipAnswer, ...]]

    @property
    def kind(self) -> str:
        return "termination names"

    @property
    def name(self) -> str:
        return self.uri.partition(":")[2].partition(";")[0]

    @property
    def region(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Groups:
    """A trunk's URIs that take calls, by priority, the first group first; with the addresses behind each host."""

    trunk: str
    region: Region
    is_standby: bool
    groups: Fact[tuple[tuple[OriginationUrl, ...], ...]]
    recovery_url: str | None
    addresses: dict[str, Fact[tuple[str, ...]]]

    @property
    def kind(self) -> str:
        return "trunks"

    @property
    def name(self) -> str:
        return self.trunk


@dataclass(frozen=True, slots=True)
class Placed:
    """A trunk's SBCs by group, and where somebody says that they stand."""

    trunk: str
    region: Region
    groups: Fact[tuple[tuple[str, ...], ...]]
    places: Said[Any] | Unsaid

    @property
    def kind(self) -> str:
        return "trunks"

    @property
    def name(self) -> str:
        return self.trunk


@dataclass(frozen=True, slots=True)
class TrunkPair:
    """A trunk's origination URIs in the standby beside the primary, without their edges."""

    trunk: str
    region: Region
    primary: Region
    both: Observed[tuple[tuple[str, ...], tuple[str, ...]]] | Unobserved | None
    """In words that can be compared: ``"sbc1.acme.example priority 10 weight 10"``; None if a Region has no trunk."""

    @property
    def kind(self) -> str:
        return "trunks"

    @property
    def name(self) -> str:
        return self.trunk


def enabled(trunk: Trunk) -> tuple[OriginationUrl, ...]:
    """The URIs of a trunk that take calls."""
    return tuple(url for url in trunk.origination_urls if url.enabled)


def originations(case: Case) -> Iterator[Origination]:
    """Every origination URI that takes calls, of every trunk of the flow in both Regions."""
    for one in trunks_in_both(case):
        match one.trunk:
            case Unobserved() as why:
                yield Origination(one.name, "", one.region, one.is_standby, why, why)
            case Observed(value=Trunk() as trunk):
                for url in enabled(trunk):
                    answers = case.snapshot.sip.answered(url.sip_url)
                    yield Origination(one.name, url.sip_url, one.region, one.is_standby, answers, one.trunk)


def grouped(case: Case) -> Iterator[Groups]:
    """Every trunk of the flow in both Regions, with its URIs by priority."""
    for one in trunks_in_both(case):
        if (made := _groups(case, one)) is not None:
            yield made


def placed(case: Case) -> Iterator[Placed]:
    """The same with the places that were declared."""
    for one in grouped(case):
        groups = one.groups
        hosts: Fact[tuple[tuple[str, ...], ...]] = (
            groups
            if isinstance(groups, Unobserved)
            else Observed(
                tuple(tuple(host for url in group if (host := host_of(url.sip_url))) for group in groups.value),
                groups.at,
                groups.source,
            )
        )
        yield Placed(one.trunk, one.region, hosts, case.said(About.SBC_PLACES))


def trunks_compared(case: Case) -> Iterator[TrunkPair]:
    """Every trunk of the flow, the standby's URIs beside the primary's."""
    by_region = {
        is_standby: {one.name.lower(): one.trunk for one in trunks_in_both(case) if one.is_standby is is_standby}
        for is_standby in (True, False)
    }
    standby, primary = case.flow.standby, case.flow.primary
    for name in dict.fromkeys((*by_region[True], *by_region[False])):
        here = by_region[True].get(name)
        there = by_region[False].get(name)
        yield TrunkPair(name, standby, primary, None if here is None or there is None else _compared(here, there))


def termination_uris(case: Case) -> tuple[str, ...]:
    """The names that the flow's termination domains have at an edge of each Region, and at one edge more."""
    found: list[str] = []
    for subject in case.flow.subjects:
        if subject.kind != "trunk":
            continue
        label, _, rest = subject.name.partition(".pstn.")
        for region in (case.flow.standby, case.flow.primary):
            edge = REGIONS.get(region)
            for name in (edge, SECOND_EDGES.get(edge or "")):
                if name and rest:
                    found.append(f"sip:{label}.pstn.{name}.{rest}")
    return tuple(dict.fromkeys(found))


def terminations(case: Case) -> Iterator[Termination]:
    """Every name of the flow's termination domains."""
    for uri in termination_uris(case):
        yield Termination(uri, case.snapshot.sip.answered(uri))


def _compared(
    here: Fact[Trunk | None], there: Fact[Trunk | None]
) -> Observed[tuple[tuple[str, ...], tuple[str, ...]]] | Unobserved | None:
    if isinstance(here, Unobserved):
        return here
    if isinstance(there, Unobserved):
        return there
    if here.value is None or there.value is None:
        return None
    return Observed((_words(here.value), _words(there.value)), min(here.at, there.at), here.source)


def _words(trunk: Trunk) -> tuple[str, ...]:
    return tuple(
        f"{host_of(url.sip_url) or url.sip_url} priority {url.priority} weight {url.weight}"
        + ("" if url.enabled else " disabled")
        for url in sorted(trunk.origination_urls, key=lambda url: (url.priority, url.sip_url))
    )


def _groups(case: Case, one: TrunkIn) -> Groups | None:
    if isinstance(one.trunk, Unobserved):
        return Groups(one.name, one.region, one.is_standby, one.trunk, None, {})
    trunk = one.trunk.value
    if trunk is None:
        return None
    urls = sorted(enabled(trunk), key=lambda url: (url.priority, url.sip_url))
    priorities = dict.fromkeys(url.priority for url in urls)
    groups = tuple(tuple(url for url in urls if url.priority == priority) for priority in priorities)
    hosts = {host_of(url.sip_url) for url in urls} | {host_of(trunk.disaster_recovery_url or "")}
    return Groups(
        one.name,
        one.region,
        one.is_standby,
        Observed(groups, one.trunk.at, one.trunk.source),
        trunk.disaster_recovery_url,
        {host: case.snapshot.sip.addresses(host) for host in hosts if host},
    )
