"""A flow that is ready in every respect, as an account and as a snapshot. Tests spoil one thing at a time."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from ready_application import PEOPLE, application_facts, declaring, dialing, resource
from ready_web import (
    APPLICATION_CONTEXT,
    FALLBACK,
    MESSAGES,
    MESSAGES_FALLBACK,
    RECOVERY,
    STATUS,
    URL,
    answer,
    web_facts,
)
from sip_readiness_scene import sip_estate, sip_facts
from voicedr.program.readiness import judge as judging
from voicedr.program.readiness.declared import Declarations
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.kinds import Resource
from voicedr.program.readiness.outside.web import WebFacts
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
    Failback,
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
HANDLER = VoiceHandler(voice_url=URL, voice_fallback_url=FALLBACK, status_callback=STATUS)
APPLICATION = Application("AP" + "1" * 32, "support", HANDLER)
SBCS = (
    OriginationUrl("OU1", "sip:sbc1.acme.example", 10, 10, True),
    OriginationUrl("OU2", "sip:sbc2.acme.example;edge=dublin", 20, 10, True),
)
A_TRUNK = Trunk("TK" + "1" * 32, "acme", TRUNK.name, RECOVERY, "POST", "IP_ACL", SBCS)
A_SIP_DOMAIN = SipDomain("SD" + "1" * 32, SIP_DOMAIN.name, "acme", HANDLER, "IP_ACL")
PN = "PN" + "1" * 32
TRICKLE = Routable("number", "+14155550190")


def a_flow(**changes: Any) -> Flow:
    """The flow: a canary of two numbers, then the other numbers, a trunk domain and a SIP domain."""
    numbers = [Routable("number", number) for number in NUMBERS]
    cohorts = (Cohort("canary", tuple(numbers[:2])), Cohort("rest", (*numbers[2:], TRUNK, SIP_DOMAIN)))
    flow = Flow(
        "support-line", "Support", 1, US1, IE1, 3600.0, cohorts, Roles("noc", "tel", "biz", ("lead",)),
        must_survive=("callers reach a person",), can_degrade=("queue music",), can_wait=("reports",),
        out_of_scope=("surveys",), success=("95 % of callers are greeted",), trickle=(TRICKLE,),
        failback=Failback(criteria=("the provider has closed its incident",)),
        application=APPLICATION_CONTEXT,
    )  # fmt: skip
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
        estate={kind: seen(found) for kind, found in an_estate().items()},
    )
    return msgspec.structs.replace(facts, **changes)


def number_resource(number: str, **changes: Any) -> Resource:
    """A number of an estate, as ``config`` configures it."""
    as_usual: dict[str, Any] = {
        "phone_number": number, "voice_url": URL, "voice_method": "POST", "voice_fallback_url": FALLBACK,
        "voice_fallback_method": "POST", "voice_caller_id_lookup": False, "voice_receive_mode": "voice",
        "sms_url": MESSAGES, "sms_method": "POST", "sms_fallback_url": MESSAGES_FALLBACK,
        "bundle_sid": "BU" + "1" * 32, "emergency_status": "Inactive",
    }  # fmt: skip
    if number == BY_APPLICATION:
        as_usual |= {"voice_url": None, "voice_fallback_url": None, "voice_application_sid": APPLICATION.sid}
    if number == BY_TRUNK:
        as_usual |= {"voice_url": None, "voice_fallback_url": None, "trunk_sid": A_TRUNK.sid}
    return resource("number", PN, **(as_usual | changes))


def an_estate(**changes: Iterable[Resource]) -> dict[str, tuple[Resource, ...]]:
    """Everything that either Region has; a kind among the changes (``dialing_country``) is what it has of it."""
    application = {"friendly_name": APPLICATION.friendly_name, "voice_url": URL, "voice_fallback_url": FALLBACK}
    estate: dict[str, tuple[Resource, ...]] = {
        "number": tuple(number_resource(number) for number in NUMBERS),
        "application": (resource("application", APPLICATION.sid, **application),),
        "queue": (resource("queue", "QU" + "1" * 32, friendly_name="support", max_size=50),),
        "api-key": (),
        "caller-id": (),
        "dialing-country": (dialing("US"), dialing("IE")),
    }
    estate |= sip_estate()
    return estate | {kind.replace("_", "-"): tuple(found) for kind, found in changes.items()}


def judge(
    flow: Flow, account: Account, facts: Snapshot, *, now: datetime | None = None, said: Declarations | None = None
) -> judging.FlowReadiness:
    """A flow judged with its people and with everything that they declared."""
    return judging.judge(flow, account, facts, now=now, declarations=said or declaring(), people=PEOPLE)


def report(flows: Iterable[Flow], account: Account, facts: Snapshot) -> judging.ReadinessReport:
    """Flows judged in the same way."""
    return judging.report(flows, account, facts, declarations=declaring(), people=PEOPLE)


def snapshot(
    *,
    standby: Mapping[str, Any] | None = None,
    primary: Mapping[str, Any] | None = None,
    routes: Mapping[Routable, Fact[Route | None]] | None = None,
    webhooks: Mapping[str, Fact[WebhookAnswer]] | None = None,
    web: WebFacts | None = None,
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
    every_route[TRICKLE.key] = seen(Route(TRICKLE, IE1, "QQ" + "2" * 32))
    every_route |= {subject.key: fact for subject, fact in (routes or {}).items()}
    answers: dict[str, Fact[WebhookAnswer]] = {url: seen(answer(url)) for url in (URL, FALLBACK, RECOVERY)}
    return Snapshot(
        AT,
        "AC" + "0" * 32,
        regions,
        every_route,
        {**answers, **(webhooks or {})},
        sip=sip_facts(),
        web=web or web_facts(),
        application=application_facts(),
    )


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
    account.add_number(TRICKLE.name, route=IE1)
    account.seed_route(TRUNK, US1)
    account.seed_route(SIP_DOMAIN, US1)
    return account
