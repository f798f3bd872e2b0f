"""A large account as a snapshot shows it, in three Regions: numbers, trunks, SIP domains, Apps, what hosts said."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from voicedr.program.readiness.declared import About, Declaration, Declarations
from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.kinds import Resource, Value
from voicedr.program.readiness.outside.web import CertificateSeen, WebFacts
from voicedr.program.readiness.resources import Routable, Route, WebhookAnswer
from voicedr.program.readiness.snapshot import RegionFacts, Snapshot
from voicedr.program.readiness.typed import (
    application_of,
    number_of,
    sip_domain_of,
    trunk_of,
)
from voicedr.program.scope.workbook import Account, Cohort, Flow, Limits, Person, RegionAccess, Roles
from voicedr.program.vocabulary import AU1, E164, IE1, US1, Region

AT = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)
EDGES: dict[Region, str] = {US1: "ashburn", IE1: "dublin", AU1: "sydney"}
NUMBERS_A_FLOW = 20
HOSTS = 20
PEOPLE = tuple(Person(name, name.title(), ("noc", "tel", "biz", "lead"), "+15005550006") for name in ("ann", "bo"))


def account() -> Account:
    """The account, with a key in each Region."""
    return Account(
        "AC" + "0" * 32,
        {region: RegionAccess(edge, f"env:K_{region}", f"env:S_{region}") for region, edge in EDGES.items()},
        Limits(calls_per_second=10.0),
    )


def flows(count: int) -> tuple[Flow, ...]:
    """So many flows of twenty numbers, a trunk domain and a SIP domain each, with two standbys in turn."""
    return tuple(_flow(index) for index in range(count))


def declarations() -> Declarations:
    """What people say of all flows."""
    said: dict[About, Any] = {
        About.REGULATORY: "the bundles are for any place",
        About.NEED: {"calls_per_second": 2, "concurrent_calls": 100},
        About.OUTBOUND_COUNTRIES: ["US", "IE"],
        About.HOST_PLACES: {f"app{n}.example": f"aws us-east-1 {n}" for n in range(HOSTS)},
    }
    return Declarations(
        tuple(Declaration(about, value, "ann", date(2026, 10, 1), date(2027, 3, 31)) for about, value in said.items())
    )


def snapshot(count: int) -> Snapshot:
    """What was seen of so many flows in all three Regions, once."""
    every = flows(count)
    routes: dict[str, Any] = {
        subject.key: _seen(Route(subject, US1, "QQ" + "1" * 32)) for flow in every for subject in flow.subjects
    }
    urls = [url for index in range(count) for url in _urls(index)]
    hosts = [f"{kind}{n}.example" for n in range(HOSTS) for kind in ("app", "dr")]
    web = WebFacts(
        addresses={host: _seen((f"8.8.{n // 250}.{n % 250}",)) for n, host in enumerate(hosts)},
        certificates={
            f"{host}:443": _seen(CertificateSeen(AT + timedelta(days=60), None, "TLSv1.3")) for host in hosts
        },
    )
    answers: dict[str, Any] = {url: _seen(WebhookAnswer(url, 200, 0.2, ("Say", "Dial"))) for url in urls}
    return Snapshot(AT, "AC" + "0" * 32, {region: _region(region, every) for region in EDGES}, routes, answers, web=web)


def _flow(index: int) -> Flow:
    numbers = [Routable("number", f"+1415{index * NUMBERS_A_FLOW + n:07d}") for n in range(NUMBERS_A_FLOW)]
    others = (Routable("trunk", f"flow{index}.pstn.twilio.com"), Routable("sip-domain", f"flow{index}.sip.twilio.com"))
    cohorts = (Cohort("canary", tuple(numbers[:2])), Cohort("rest", (*numbers[2:], *others)))
    standby = AU1 if index % 2 else IE1
    return Flow(
        f"flow-{index:03d}", f"Flow {index}", 1 + index % 3, US1, standby, 3600.0, cohorts,
        Roles("noc", "tel", "biz", ("lead",)),
    )  # fmt: skip


def _urls(index: int) -> tuple[str, str]:
    host = index % HOSTS
    return f"https://app{host}.example/{index}/voice#e=dublin,frankfurt", f"https://dr{host}.example/{index}/voice"


def _region(region: Region, every: tuple[Flow, ...]) -> RegionFacts:
    estate: dict[str, list[Resource]] = {kind: [] for kind in _KINDS}
    for index, flow in enumerate(every):
        _put(estate, region, index, flow)
    trunks = tuple(trunk_of(one, [uri]) for one, uri in zip(estate["trunk"], estate["origination-url"], strict=True))
    return RegionFacts(
        credential=_seen("asked"),
        numbers=_seen({(config := number_of(one)).e164: config for one in estate["number"]}),
        applications=_seen({one.sid: application_of(one) for one in estate["application"]}),
        trunks=_seen(trunks),
        sip_domains=_seen(tuple(sip_domain_of(one) for one in estate["sip-domain"])),
        route_write=_seen(Routable("number", every[0].numbers[0])),
        estate={kind: _seen(tuple(found)) for kind, found in estate.items()},
    )


_KINDS = (
    "number", "application", "trunk", "origination-url", "sip-domain", "ip-acl", "ip-address", "domain-acl",
    "trunk-acl", "credential-list", "credential", "domain-credentials", "domain-registrations", "trunk-credentials",
    "queue", "api-key", "caller-id", "dialing-country",
)  # fmt: skip


def _put(estate: dict[str, list[Resource]], region: Region, index: int, flow: Flow) -> None:
    voice, fallback = _urls(index)
    urls: dict[str, Value] = {"voice_url": voice, "voice_fallback_url": fallback, "voice_method": "POST"}
    app, trunk, domain, acl = (f"{start}{region}{index:029d}"[:34] for start in ("AP", "TK", "SD", "AL"))

    def put(kind: str, sid: str, parent: str | None = None, **fields: Value) -> None:
        estate[kind].append(Resource(kind, sid, parent, fields))

    put("application", app, friendly_name=flow.id, **urls)
    put("trunk", trunk, domain_name=f"flow{index}.pstn.twilio.com", friendly_name=flow.id, disaster_recovery_url=voice)
    put("origination-url", f"OU{index}", trunk, sip_url=f"sip:sbc{index}.example", priority=10, weight=10, enabled=True)
    put("sip-domain", domain, domain_name=f"flow{index}.sip.twilio.com", auth_type="IP_ACL", **urls)
    put("ip-acl", acl, friendly_name=f"office {index}")
    for address in range(4):
        put("ip-address", f"IP{index}-{address}", acl, ip_address=f"9.{index % 250}.{address}.1", cidr_prefix_length=32)
    put("domain-acl", acl, domain, friendly_name=f"office {index}")
    put("trunk-acl", acl, trunk, friendly_name=f"office {index}")
    put("queue", f"QU{index}", friendly_name=flow.id, max_size=50)
    for position, number in enumerate(flow.numbers):
        how: dict[str, Value] = {"trunk_sid": trunk} if position == 0 else {"voice_application_sid": app}
        put("number", f"PN{number}", phone_number=E164(number), **(how if position < 4 else urls))


def _seen(value: Any) -> Any:
    return Observed(value, AT, "bench")
