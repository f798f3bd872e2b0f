"""A flow that is ready in every respect, as an account and as a snapshot. Tests spoil one thing at a time."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.resources import (
    Application,
    NumberConfig,
    OriginationUrl,
    Routable,
    Route,
    SipDomain,
    Trunk,
    VoiceHandler,
    WebhookAnswer,
)
from voicedr.program.readiness.snapshot import RegionFacts, Snapshot
from voicedr.program.scope.workbook import (
    Account,
    Cohort,
    Flow,
    Limits,
    RegionAccess,
    Roles,
    Workbook,
)
from voicedr.program.vocabulary import E164, IE1, US1, Region
from voicedr.testing.fake_account import FakeAccount

AT = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)
NUMBERS = tuple(E164(f"+1415555010{n}") for n in range(10))
BY_APPLICATION, BY_TRUNK = NUMBERS[8], NUMBERS[9]
TRUNK = Routable("trunk", "acme.pstn.twilio.com")
SIP_DOMAIN = Routable("sip-domain", "acme.sip.twilio.com")
URL, FALLBACK, RECOVERY = (
    "https://app.acme.example/voice",
    "https://dr.other.example/voice",
    "https://dr.other.example/dr",
)
HANDLER = VoiceHandler(voice_url=URL, voice_fallback_url=FALLBACK)
APPLICATION = Application("AP" + "1" * 32, "support", HANDLER)
SBCS = (
    OriginationUrl("OU1", "sip:sbc1.acme.example", 10, 10, True),
    OriginationUrl("OU2", "sip:sbc2.acme.example;edge=dublin", 20, 10, True),
)
A_TRUNK = Trunk("TK" + "1" * 32, "acme", TRUNK.name, RECOVERY, "POST", "IP_ACL", SBCS)
A_SIP_DOMAIN = SipDomain("SD" + "1" * 32, SIP_DOMAIN.name, "acme", HANDLER, "IP_ACL")
PN = "PN" + "1" * 32


def a_flow(**changes: Any) -> Flow:
    """The flow: a canary of two numbers, then the other numbers, a trunk domain and a SIP domain."""
    numbers = [Routable("number", number) for number in NUMBERS]
    cohorts = (Cohort("canary", tuple(numbers[:2])), Cohort("rest", (*numbers[2:], TRUNK, SIP_DOMAIN)))
    flow = Flow("support-line", "Support", 1, US1, IE1, 3600.0, cohorts, Roles("noc", "tel", "biz", ("lead",)))
    return msgspec.structs.replace(flow, **changes)


def an_account(**changes: Any) -> Account:
    """The account, with limits that make the RTO reachable."""
    access = {US1: RegionAccess("ashburn", "env:K1", "env:S1"), IE1: RegionAccess("dublin", "env:K2", "env:S2")}
    return msgspec.structs.replace(Account("AC" + "0" * 32, access, Limits(calls_per_second=10.0)), **changes)


def a_workbook(*flows: Flow) -> Workbook:
    """A workbook of these flows; of the one flow if none is given."""
    return Workbook(an_account(), (), flows or (a_flow(),), "dr.yaml")


def config(number: E164, **changes: Any) -> NumberConfig:
    """How a number is configured in either Region."""
    as_usual = NumberConfig(number, PN, None, HANDLER)
    if number == BY_APPLICATION:
        as_usual = NumberConfig(number, PN, None, VoiceHandler(), voice_application_sid=APPLICATION.sid)
    if number == BY_TRUNK:
        as_usual = NumberConfig(number, PN, None, VoiceHandler(), trunk_sid=A_TRUNK.sid)
    return msgspec.structs.replace(as_usual, **changes)


def seen(value: Any, source: str = "test") -> Any:
    """An observation of now."""
    return Observed(value, AT, source)


def region_facts(**changes: Any) -> RegionFacts:
    """What either Region shows when all is well."""
    facts = RegionFacts(
        credential=seen("asked"),
        numbers=seen({number: config(number) for number in NUMBERS}),
        applications=seen({APPLICATION.sid: APPLICATION}),
        trunks=seen((A_TRUNK,)),
        sip_domains=seen((A_SIP_DOMAIN,)),
        route_write=seen(Routable("number", NUMBERS[0])),
    )
    return msgspec.structs.replace(facts, **changes)


def snapshot(
    *,
    standby: Mapping[str, Any] | None = None,
    primary: Mapping[str, Any] | None = None,
    routes: Mapping[Routable, Fact[Route | None]] | None = None,
    webhooks: Mapping[str, Fact[WebhookAnswer]] | None = None,
) -> Snapshot:
    """A snapshot in which every check passes, but for the changes."""
    flow = a_flow()
    regions: dict[Region, RegionFacts] = {
        IE1: region_facts(**(standby or {})),
        US1: region_facts(**(primary or {})),
    }
    every_route: dict[str, Fact[Route | None]] = {
        subject.key: seen(Route(subject, US1, "QQ" + "1" * 32)) for subject in flow.subjects
    }
    every_route |= {subject.key: fact for subject, fact in (routes or {}).items()}
    answers: dict[str, Fact[WebhookAnswer]] = {
        url: seen(WebhookAnswer(url, 200, 0.2, ("Say", "Dial", "Dial/Number"))) for url in (URL, FALLBACK, RECOVERY)
    }
    return Snapshot(AT, "AC" + "0" * 32, regions, every_route, {**answers, **(webhooks or {})})


def nothing_seen(why: str = "nobody looked") -> Snapshot:
    """A snapshot of a reading in which everything failed."""
    no = Unobserved(why)
    dark = RegionFacts(no, no, no, no, no, no)
    routes: dict[str, Fact[Route | None]] = {subject.key: no for subject in a_flow().subjects}
    return Snapshot(AT, "AC" + "0" * 32, {IE1: dark, US1: dark}, routes, {URL: no, FALLBACK: no, RECOVERY: no})


def fake_account() -> FakeAccount:
    """The same as an account that can be asked."""
    account = FakeAccount()
    sids = {}
    for region in (US1, IE1):
        application = account.add_application(region, "support", HANDLER)
        trunk = account.add_trunk(region, msgspec.structs.replace(A_TRUNK, sid=""))
        account.add_sip_domain(region, msgspec.structs.replace(A_SIP_DOMAIN, sid=""))
        sids[region] = application.sid, trunk.sid
    for number in NUMBERS:
        account.add_number(number, route=US1)
        for region, (application_sid, trunk_sid) in sids.items():
            if number == BY_APPLICATION:
                account.configure(region, number, application_sid=application_sid)
            elif number == BY_TRUNK:
                account.configure(region, number, trunk_sid=trunk_sid)
            else:
                account.configure(region, number, HANDLER)
    account.seed_route(TRUNK, US1)
    account.seed_route(SIP_DOMAIN, US1)
    return account
