"""What people's own network says: firewalls, SBCs, exchange locations, edges that devices register with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from voicedr.program.network.coverage import Covered
from voicedr.program.network.sbc import SbcConfig
from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.resources import Trunk, VoiceHandler
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case, answered_in_both, sip_domains_in_both, trunks_in_both
from voicedr.program.readiness.views.sip import enabled


@dataclass(frozen=True, slots=True)
class File:
    """A file that somebody declared, and what was read in it.

    Attributes:
        file: Its name; empty if none was declared.
        said: The declaration, or that there is none.
    """

    kind: str
    file: str
    said: Said[Any] | Unsaid

    @property
    def name(self) -> str:
        return self.file or self.kind

    @property
    def region(self) -> None:
        return None


@dataclass(frozen=True, slots=True)
class FirewallFile(File):
    """A firewall's export.

    Attributes:
        ranges: How each published range stands there.
        speaks_tls: Whether a trunk or SIP domain of the flow signals over TLS; None: that could not be read.
    """

    ranges: Fact[tuple[Covered, ...]]
    speaks_tls: bool | None = False


@dataclass(frozen=True, slots=True)
class SbcFile(File):
    """An SBC's configuration."""

    config: Fact[SbcConfig]


def has_trunks(case: Case) -> bool:
    """True if calls of the flow go over SIP trunks, or if nobody could see that they do not."""
    return any(not (isinstance(one.trunk, Observed) and one.trunk.value is None) for one in trunks_in_both(case))


def has_sip(case: Case) -> bool:
    """True if the flow has trunks or SIP domains."""
    return has_trunks(case) or any(subject.kind == "sip-domain" for subject in case.flow.subjects)


def flows_with_sip(case: Case) -> Iterator[Case]:
    """The flow, if it has trunks or SIP domains."""
    if has_sip(case):
        yield case


def flows_with_devices(case: Case) -> Iterator[Case]:
    """The flow, if devices register with one of its SIP domains, or if nobody could see whether they do."""
    for one in sip_domains_in_both(case):
        every = case.snapshot.every(one.region, "sip-domain")
        if isinstance(every, Unobserved):
            yield case
            return
        if any(
            str(found.fields.get("domain_name")).lower() == one.name.lower() and found.fields.get("sip_registration")
            for found in every.value
        ):
            yield case
            return


def flows_with_interconnect(case: Case) -> Iterator[Case]:
    """The flow, if anything in it names an Interconnect edge, or if somebody declared exchange locations."""
    said = case.said(About.EXCHANGE_LOCATIONS)
    if (isinstance(said, Said) and said.value) or any(_is_private(edge) for edge in _edges(case)):
        yield case


def firewalls(case: Case) -> Iterator[FirewallFile]:
    """Every firewall before the flow's SBCs, if it has trunks or SIP domains."""
    if not has_sip(case):
        return
    said = case.said(About.FIREWALL_EXPORT)
    if isinstance(said, Unsaid):
        yield FirewallFile("firewalls", "", said, Unobserved(said.reason))
        return
    over_tls = speaks_tls(case)
    for file in said.value:
        yield FirewallFile("firewalls", file, said, case.snapshot.sip.firewall(file), over_tls)


def speaks_tls(case: Case) -> bool | None:
    """True if a trunk or SIP domain of the flow wants encryption, or an origination URI goes over TLS; None: unread."""
    unread = False
    for one in trunks_in_both(case):
        if isinstance(one.trunk, Unobserved):
            unread = True
        elif one.trunk.value is not None and any(_over_tls(url.sip_url) for url in enabled(one.trunk.value)):
            return True
    trunks = {one.name.lower() for one in trunks_in_both(case)}
    domains = {subject.name.lower() for subject in case.flow.subjects if subject.kind == "sip-domain"}
    for kind, names in (("trunk", trunks), ("sip-domain", domains)):
        for region in (case.flow.standby, case.flow.primary) if names else ():
            every = case.snapshot.every(region, kind)
            if isinstance(every, Unobserved):
                unread = True
            elif any(found.name.lower() in names and found.fields.get("secure") for found in every.value):
                return True
    return None if unread else False


def _over_tls(uri: str) -> bool:
    lowered = uri.lower()
    return lowered.startswith("sips:") or "transport=tls" in lowered


def sbcs(case: Case) -> Iterator[SbcFile]:
    """Every SBC of the flow, if it has trunks."""
    if not has_trunks(case):
        return
    said = case.said(About.SBC_CONFIG)
    if isinstance(said, Unsaid):
        yield SbcFile("SBCs", "", said, Unobserved(said.reason))
        return
    for file in said.value:
        yield SbcFile("SBCs", file, said, case.snapshot.sip.sbc(file))


def edge_of(uri: str) -> str | None:
    """The edge that a SIP URI's parameters name; None if they name none."""
    for part in uri.partition("?")[0].split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "edge":
            return value.strip().lower()
    return None


def _edges(case: Case) -> Iterator[str]:
    for one in trunks_in_both(case):
        if isinstance(one.trunk, Observed) and isinstance(one.trunk.value, Trunk):
            yield from (edge for url in enabled(one.trunk.value) if (edge := edge_of(url.sip_url)))
    for entry in answered_in_both(case):
        if isinstance(entry.answered_by, Observed) and isinstance(entry.answered_by.value, VoiceHandler):
            fragment = (entry.answered_by.value.voice_url or "").partition("#")[2]
            for pair in fragment.split("&"):
                if pair.startswith("e="):
                    yield from pair[2:].split(",")
    for file in sbcs(case):
        if isinstance(file.config, Observed):
            yield from file.config.value.edges


def _is_private(edge: str) -> bool:
    return edge.endswith("-ix")
