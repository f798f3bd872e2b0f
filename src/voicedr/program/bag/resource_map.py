"""What answers a flow's callers in each of its two Regions, entry point by entry point, as it was read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import msgspec

from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import Routable, Trunk, VoiceHandler
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.urls import shown, without_fragment
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.vocabulary import E164, Region

_USER = re.compile(r"^(sips?:)[^@]*@", re.IGNORECASE)
"""A SIP URI's user, and the password that may be behind it (RFC 3261 section 19.1.1)."""


class Place(msgspec.Struct, frozen=True):
    """An entry point in one Region. ``not_known``: why nobody could look; ``handler`` is empty if nobody answers."""

    region: Region
    handler: str = ""
    fallback: str = ""
    sid: str = ""
    not_known: str = ""


class Entry(msgspec.Struct, frozen=True):
    """One entry point: where it is routed, and who answers it on both sides."""

    cohort: str
    kind: str
    name: str
    route: str
    primary: Place
    standby: Place


def resource_map(flow: Flow, snapshot: Snapshot) -> tuple[Entry, ...]:
    """Every entry point of a flow, in the order in which it moves."""
    return tuple(
        Entry(
            cohort.name,
            subject.kind,
            subject.name,
            _route(subject, snapshot),
            _place(subject, snapshot, flow.primary),
            _place(subject, snapshot, flow.standby),
        )
        for cohort in flow.cohorts
        for subject in cohort.subjects
    )


def hosts_of(workbook: Workbook, flow: Flow, entries: tuple[Entry, ...]) -> tuple[tuple[str, str], ...]:
    """The hosts that must be reached to act, and what for: the standby's at its edge, and who answers calls there."""
    access = workbook.account.regions[flow.standby]
    place = f"{access.edge}.{flow.standby}.twilio.com"
    hosts = {
        f"routes.{place}": "routes are read and written",
        f"api.{place}": "numbers, the call log, test calls",
        f"monitor.{place}": "alerts",
        f"trunking.{place}": "trunks are read",
    }
    for host in _webhook_hosts(entries):
        hosts.setdefault(host, f"answers calls in {flow.standby}")
    for url in flow.application.confirm if flow.application is not None else ():
        hosts.setdefault(urlsplit(url).netloc, "says which Region the application uses")
    return tuple(hosts.items())


def _webhook_hosts(entries: tuple[Entry, ...]) -> Iterator[str]:
    for entry in entries:
        for url in (entry.standby.handler, entry.standby.fallback):
            if url.startswith(("http://", "https://")):
                yield urlsplit(url).netloc.rpartition("@")[2]


def _route(subject: Routable, snapshot: Snapshot) -> str:
    match snapshot.routes.get(subject.key):
        case Observed(value):
            return "never set (us1)" if value is None else value.region
        case Unobserved(reason):
            return f"not known: {reason}"
        case None:
            return "not known: it was not read"


def _place(subject: Routable, snapshot: Snapshot, region: Region) -> Place:
    if subject.kind == "number":
        config = snapshot.number_in(region, E164(subject.name))
        handler = snapshot.handler_in(region, E164(subject.name))
        sid = config.value.sid if isinstance(config, Observed) and config.value is not None else ""
        match handler:
            case Unobserved(reason):
                return Place(region, sid=sid, not_known=reason)
            case Observed(value=None):
                return Place(region, sid=sid)
            case Observed(value=Trunk() as trunk):
                return _trunk(region, trunk)
            case Observed(value=VoiceHandler() as found):
                return _answered(region, found, sid)
    return _domain(subject, snapshot, region)


def _domain(subject: Routable, snapshot: Snapshot, region: Region) -> Place:
    facts = snapshot.regions.get(region)
    if facts is None:
        return Place(region, not_known=f"{region} was not read")
    if subject.kind == "trunk":
        if isinstance(facts.trunks, Unobserved):
            return Place(region, not_known=facts.trunks.reason)
        trunk = next((one for one in facts.trunks.value if one.domain_name == subject.name), None)
        return Place(region) if trunk is None else _trunk(region, trunk)
    if isinstance(facts.sip_domains, Unobserved):
        return Place(region, not_known=facts.sip_domains.reason)
    domain = next((one for one in facts.sip_domains.value if one.domain_name == subject.name), None)
    if domain is None:
        return Place(region)
    return _answered(region, domain.handler, domain.sid)


def _answered(region: Region, handler: VoiceHandler, sid: str) -> Place:
    return Place(region, _open(handler.voice_url), _open(handler.voice_fallback_url), sid)


def _open(url: str | None) -> str:
    """A URL without the password and the query that it may carry: both may be secrets."""
    before, asks, _ = shown(without_fragment(url or "")).partition("?")
    return f"{before}?…" if asks else before


def _trunk(region: Region, trunk: Trunk) -> Place:
    urls = ", ".join(_USER.sub(r"\1", one.sip_url) for one in trunk.origination_urls if one.enabled)
    return Place(
        region, f"trunk {trunk.domain_name or trunk.sid}: {urls}", _open(trunk.disaster_recovery_url), trunk.sid
    )
