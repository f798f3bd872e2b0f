"""The checks of SIP: each passes, fails and cannot look, by tables."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import msgspec
import pytest

from readiness_scene import A_TRUNK, RECOVERY, a_flow, an_account, snapshot
from sip_readiness_scene import (
    AT,
    FIREWALL,
    LIST_SID,
    NAMES,
    OPEN_FIREWALL,
    SBC,
    SBC_URIS,
    SIP_SAID,
    USERS_SID,
    alive,
    dead,
    resource,
    seen,
    sip_estate,
    sip_facts,
)
from voicedr.program.network.coverage import coverage
from voicedr.program.network.firewall import read_firewall
from voicedr.program.network.published import published_ranges
from voicedr.program.network.sbc import read_sbc
from voicedr.program.readiness.check import Outcome
from voicedr.program.readiness.checks import all_checks
from voicedr.program.readiness.declared import About, Declaration, Declarations
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.readiness.resources import OriginationUrl, Trunk
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.subjects import Case
from voicedr.program.vocabulary import IE1, US1

P, F, U = Outcome.PASS, Outcome.FAIL, Outcome.UNKNOWN
NO = Unobserved("nobody was allowed to look")

Spoil = Callable[[Snapshot, dict[About, Any]], Snapshot]


def healthy() -> Snapshot:
    """The scene's snapshot with all of SIP in it."""
    base = snapshot()
    estate = {kind: seen(found) for kind, found in sip_estate().items()}
    regions = {
        region: msgspec.structs.replace(facts, estate={**facts.estate, **estate})
        for region, facts in base.regions.items()
    }
    return msgspec.structs.replace(base, regions=regions, sip=sip_facts())


def outcomes(check: str, facts: Snapshot, said: dict[About, Any]) -> set[Outcome]:
    """What a check says of everything that it is said of."""
    every = tuple(Declaration(a, value, "ruiz", date(2026, 11, 1), date(2027, 5, 1)) for a, value in said.items())
    case = Case(a_flow(), an_account(), facts, Declarations(every), now=AT)
    found = all_checks()[check]
    return {one.outcome for subject in found.over(case) if (one := found.judge(subject)) is not None}


def sip(**changes: Any) -> Spoil:
    """Other facts of SIP."""
    return lambda facts, _said: msgspec.structs.replace(facts, sip=sip_facts(**changes))


def answering(uri: str, answers: Any) -> Spoil:
    """One URI answers otherwise."""
    return sip(answers={**sip_facts().answers, uri: answers})


def trunk(region: Any = IE1, **changes: Any) -> Spoil:
    """Another trunk in a Region."""
    return region_facts(region, trunks=seen((msgspec.structs.replace(A_TRUNK, **changes),)))


def region_facts(region: Any, **changes: Any) -> Spoil:
    """Other facts of a Region."""

    def spoil(facts: Snapshot, _said: dict[About, Any]) -> Snapshot:
        changed = msgspec.structs.replace(facts.regions[region], **changes)
        return msgspec.structs.replace(facts, regions={**facts.regions, region: changed})

    return spoil


def estate(region: Any = IE1, **changes: Any) -> Spoil:
    """Other things of a kind in a Region; ``Unobserved`` where nobody could look."""

    def spoil(facts: Snapshot, _said: dict[About, Any]) -> Snapshot:
        found = {k.replace("_", "-"): v if isinstance(v, Unobserved) else seen(v) for k, v in changes.items()}
        changed = msgspec.structs.replace(facts.regions[region], estate={**facts.regions[region].estate, **found})
        return msgspec.structs.replace(facts, regions={**facts.regions, region: changed})

    return spoil


def declaring(about: About, value: Any = None) -> Spoil:
    """Somebody says something else, or nothing."""

    def spoil(facts: Snapshot, said: dict[About, Any]) -> Snapshot:
        said.pop(about, None)
        if value is not None:
            said[about] = value
        return facts

    return spoil


def urls(*uris: str, priority: int = 10) -> tuple[OriginationUrl, ...]:
    """Origination URIs of one priority."""
    return tuple(OriginationUrl(f"OU{n}", uri, priority, 10, True) for n, uri in enumerate(uris))


def firewall(text: str) -> Spoil:
    """Another firewall."""
    return sip(firewalls={FIREWALL: seen(coverage(read_firewall(text, FIREWALL), published_ranges()))})


def sbc(text: str) -> Spoil:
    """Another SBC."""
    return sip(sbcs={SBC: seen(read_sbc(text, SBC))})


def domain(**fields: Any) -> Any:
    """The SIP domain with other settings."""
    (as_usual,) = sip_estate()["sip-domain"]
    return (msgspec.structs.replace(as_usual, fields={**as_usual.fields, **fields}),)


def a_trunk(**fields: Any) -> Any:
    """The trunk's resource with other settings."""
    (as_usual,) = sip_estate()["trunk"]
    return (msgspec.structs.replace(as_usual, fields={**as_usual.fields, **fields}),)


SIGNALLING = "\n".join(line for line in OPEN_FIREWALL.splitlines() if "10000" not in line)
MEDIA = "\n".join(line for line in OPEN_FIREWALL.splitlines() if "10000" in line)
UNSEEN_TRUNKS = region_facts(IE1, trunks=NO)
OTHER_ADDRESS = (resource("ip-address", "IP" + "2" * 32, LIST_SID, ip_address="203.0.113.6", cidr_prefix_length=32),)
OTHER_USER = (resource("credential", "CR" + "2" * 32, USERS_SID, username="desk2"),)
SAME = {"sbc1.acme.example": seen(("203.0.113.10",)), "sbc2.acme.example": seen(("203.0.113.10",))}
PRIVATE = urls("sip:sbc1.acme.example;edge=london-ix", "sip:sbc2.acme.example;edge=frankfurt-ix")
HALF_PRIVATE = urls("sip:sbc1.acme.example;edge=london-ix", "sip:sbc2.acme.example;edge=dublin")

SPOILED: list[tuple[str, Spoil, Outcome]] = [
    ("origination_answers", answering(SBC_URIS[0], seen((dead("203.0.113.10"),))), F),
    ("origination_answers", answering(SBC_URIS[0], seen(())), F),
    ("origination_answers", answering(SBC_URIS[0], NO), U),
    ("origination_answers", sip(answers={}), U),
    ("origination_answers", UNSEEN_TRUNKS, U),
    ("origination_addresses_answer", answering(SBC_URIS[0], seen((alive("203.0.113.10"), dead("203.0.113.12")))), F),
    ("origination_addresses_answer", answering(SBC_URIS[0], NO), U),
    (
        "origination_certificate_lasts",
        answering(SBC_URIS[0], seen((alive("203.0.113.10", certificate_until=AT + timedelta(days=20)),))),
        F,
    ),
    ("origination_certificate_lasts", trunk(origination_urls=urls("sip:sbc9.acme.example;transport=tls")), U),
    ("origination_edge_exists", trunk(origination_urls=urls("sip:sbc1.acme.example;edge=dublyn")), F),
    ("origination_edge_exists", trunk(origination_urls=urls("sip:sbc1.acme.example;edge=roaming")), F),
    ("origination_edge_exists", UNSEEN_TRUNKS, U),
    ("origination_has_standby_group", trunk(origination_urls=urls(*SBC_URIS)), F),
    ("origination_has_standby_group", trunk(origination_urls=()), F),
    ("origination_has_standby_group", UNSEEN_TRUNKS, U),
    (
        "origination_last_group_elsewhere",
        declaring(About.SBC_PLACES, {"sbc1.acme.example": "dc A", "sbc2.acme.example": "dc A"}),
        F,
    ),
    ("origination_last_group_elsewhere", declaring(About.SBC_PLACES, {"sbc1.acme.example": "dc A"}), U),
    ("origination_last_group_elsewhere", declaring(About.SBC_PLACES), U),
    ("origination_hosts_are_distinct", sip(hosts=SAME), F),
    ("origination_hosts_are_distinct", sip(hosts={}), U),
    ("origination_hosts_are_distinct", UNSEEN_TRUNKS, U),
    (
        "disaster_recovery_on_other_address",
        sip(hosts={**sip_facts().hosts, "dr.other.example": seen(("203.0.113.10",))}),
        F,
    ),
    ("disaster_recovery_on_other_address", sip(hosts={**sip_facts().hosts, "dr.other.example": NO}), U),
    ("origination_alike", trunk(origination_urls=urls("sip:sbc1.acme.example")), F),
    ("origination_alike", trunk(origination_urls=(*A_TRUNK.origination_urls, *urls("sip:sbc7.acme.example"))), F),
    ("origination_alike", UNSEEN_TRUNKS, U),
    ("trunk_lets_calls_in", estate(trunk_acl=(), trunk_credentials=()), F),
    ("trunk_lets_calls_in", estate(ip_address=()), F),
    ("trunk_lets_calls_in", estate(trunk_acl=NO), U),
    ("trunk_lets_calls_in", estate(trunk=NO), U),
    ("trunk_addresses_alike", estate(ip_address=OTHER_ADDRESS), F),
    ("trunk_addresses_alike", estate(trunk_acl=()), F),
    ("trunk_addresses_alike", estate(US1, trunk_acl=()), F),
    ("trunk_addresses_alike", estate(ip_address=NO), U),
    ("trunk_users_alike", estate(credential=OTHER_USER), F),
    ("trunk_users_alike", estate(US1, credential=NO), U),
    ("sip_domain_addresses_alike", estate(domain_acl=()), F),
    ("sip_domain_addresses_alike", estate(ip_acl=NO), U),
    ("sip_domain_users_alike", estate(domain_credentials=()), F),
    ("sip_domain_users_alike", estate(domain_credentials=NO), U),
    ("sip_domain_devices_alike", estate(domain_registrations=()), F),
    ("sip_domain_devices_alike", estate(domain_registrations=NO), U),
    ("trunk_settings_alike", estate(trunk=a_trunk(secure=True)), F),
    ("trunk_settings_alike", estate(trunk=a_trunk(transfer_mode="enable-all")), F),
    ("trunk_settings_alike", estate(trunk=NO), U),
    ("sip_domain_settings_alike", estate(sip_domain=domain(emergency_calling_enabled=True)), F),
    ("sip_domain_settings_alike", estate(sip_domain=NO), U),
    ("sip_domain_settings_alike", estate(sip_domain=domain(voice_url="https://a.example/v", voice_method="GET")), P),
    ("sip_domain_takes_registrations", estate(domain_registrations=()), F),
    ("sip_domain_takes_registrations", estate(credential=NO), U),
    ("sip_domain_takes_registrations", estate(sip_domain=NO), U),
    ("devices_register_with_two_edges", declaring(About.DEVICE_EDGES, ["dublin"]), F),
    ("devices_register_with_two_edges", declaring(About.DEVICE_EDGES, ["dublin", "dublin"]), F),
    ("devices_register_with_two_edges", declaring(About.DEVICE_EDGES, ["dublin", "roaming"]), F),
    ("devices_register_with_two_edges", declaring(About.DEVICE_EDGES), U),
    ("firewall_admits_signalling", firewall(MEDIA), F),
    ("firewall_admits_signalling", declaring(About.FIREWALL_EXPORT), U),
    ("firewall_admits_signalling", sip(firewalls={FIREWALL: NO}), U),
    ("firewall_admits_media", firewall(SIGNALLING), F),
    ("firewall_admits_media", sip(firewalls={}), U),
    ("sbc_sends_to_names", sbc("1 sip:54.171.127.193 0 0\n1 sip:acme.pstn.dublin.twilio.com 0 0\n"), F),
    ("sbc_sends_to_names", sbc("1 sip:pbx.acme.example 0 0\n"), U),
    ("sbc_sends_to_names", declaring(About.SBC_CONFIG), U),
    ("sbc_knows_two_edges", sbc("1 sip:acme.pstn.dublin.twilio.com 0 0\n"), F),
    ("sbc_knows_two_edges", sbc("1 sip:acme.pstn.twilio.com 0 0\n"), F),
    ("sbc_knows_two_edges", sip(sbcs={SBC: NO}), U),
    ("termination_answers", answering(NAMES[0], seen((alive("198.51.100.1"), dead("198.51.100.2")))), F),
    ("termination_answers", answering(NAMES[0], seen(())), F),
    ("termination_answers", answering(NAMES[0], NO), U),
    ("termination_has_several_addresses", answering(NAMES[1], seen((alive("198.51.100.1"),))), F),
    ("termination_has_several_addresses", answering(NAMES[1], NO), U),
    ("interconnect_in_two_regions", declaring(About.EXCHANGE_LOCATIONS, {"london": "Europe"}), F),
    (
        "interconnect_in_two_regions",
        declaring(About.EXCHANGE_LOCATIONS, {"london": "Europe", "frankfurt": "Europe"}),
        F,
    ),
    ("interconnect_in_two_regions", declaring(About.EXCHANGE_LOCATIONS, {"berlin": "Europe", "tokyo": "Asia"}), F),
    ("interconnect_in_two_regions", declaring(About.EXCHANGE_LOCATIONS, {"london": "Europe", "tokyo": "Asia"}), P),
    (
        "interconnect_in_two_regions",
        declaring(About.EXCHANGE_LOCATIONS, {"london-ix": "Europe", "tokyo-ix": "Asia"}),
        P,
    ),
    (
        "interconnect_in_two_regions",
        declaring(About.EXCHANGE_LOCATIONS, {"london": "Europe", "london-ix": "Dublin"}),
        F,
    ),
    ("interconnect_in_two_regions", trunk(origination_urls=HALF_PRIVATE), U),
    ("interconnect_has_way_outside", trunk(origination_urls=PRIVATE), F),
    ("interconnect_has_way_outside", trunk(origination_urls=HALF_PRIVATE), P),
    ("interconnect_has_way_outside", UNSEEN_TRUNKS, U),
]

NOT_THERE = {"interconnect_in_two_regions", "interconnect_has_way_outside"}
"""Do not apply to the scene, which has no private line."""


@pytest.mark.parametrize("check", sorted({check for check, _, _ in SPOILED}))
def test_all_is_well(check: str) -> None:
    """In the healthy scene every check passes of everything, or does not apply."""
    found = outcomes(check, healthy(), dict(SIP_SAID))
    assert found == (set() if check in NOT_THERE else {P})


@pytest.mark.parametrize(
    ("check", "spoil", "expected"), SPOILED, ids=[f"{c}-{o}-{n}" for n, (c, _, o) in enumerate(SPOILED)]
)
def test_one_thing_is_spoiled(check: str, spoil: Spoil, expected: Outcome) -> None:
    """The check says so, and never passes what nobody could see."""
    said = dict(SIP_SAID)
    facts = spoil(healthy(), said)
    found = outcomes(check, facts, said)
    assert expected in found
    if expected is U:
        assert F not in found


def test_a_flow_without_sip_is_not_asked_about_it() -> None:
    """Checks of SIP do not apply to numbers that webhooks answer."""
    flow = a_flow()
    numbers = tuple(
        msgspec.structs.replace(cohort, subjects=tuple(s for s in cohort.subjects if s.kind == "number"))
        for cohort in flow.cohorts
    )
    plain = msgspec.structs.replace(flow, cohorts=numbers)
    facts = healthy()
    regions = {
        region: msgspec.structs.replace(
            here,
            numbers=seen({n: msgspec.structs.replace(c, trunk_sid=None) for n, c in here.numbers.value.items()}),  # type: ignore[union-attr]
        )
        for region, here in facts.regions.items()
    }
    case = Case(plain, an_account(), msgspec.structs.replace(facts, regions=regions), now=AT)
    for check in {check for check, _, _ in SPOILED}:
        assert list(all_checks()[check].over(case)) == [], check


def test_the_trunk_of_the_scene_is_the_one_that_is_spoiled() -> None:
    """The two scenes are of one trunk."""
    assert isinstance(A_TRUNK, Trunk)
    assert tuple(url.sip_url for url in A_TRUNK.origination_urls) == SBC_URIS
    assert A_TRUNK.disaster_recovery_url == RECOVERY


@pytest.mark.parametrize(
    ("trunk_there", "expected"),
    [
        (trunk(), P),
        (trunk(origination_urls=urls("sip:sbc1.acme.example;transport=tls", "sip:sbc2.acme.example")), F),
        (estate(trunk=a_trunk(secure=True)), F),
        (estate(sip_domain=domain(secure=True)), F),
        (estate(sip_domain=NO), U),
    ],
)
def test_signalling_over_tls_counts_where_the_flow_speaks_it(trunk_there: Spoil, expected: Outcome) -> None:
    """A firewall without port 5061 is a gap to a trunk that is encrypted, and none to one that is not."""
    said = dict(SIP_SAID)
    without = "\n".join(line for line in OPEN_FIREWALL.splitlines() if not line.endswith("5061-5061"))
    facts = trunk_there(firewall(without)(healthy(), said), said)
    assert outcomes("firewall_admits_signalling", facts, said) == {expected}


def test_a_sip_domain_that_asks_with_another_method_is_a_gap() -> None:
    """A method counts where both Regions have the URL that it belongs to."""
    said = dict(SIP_SAID)
    url = "https://app.acme.example/voice"
    facts = estate(US1, sip_domain=domain(voice_url=url))(healthy(), said)
    facts = estate(IE1, sip_domain=domain(voice_url=url, voice_method="GET"))(facts, said)
    assert outcomes("sip_domain_settings_alike", facts, said) == {F}
