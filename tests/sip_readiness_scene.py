"""What SIP shows of a flow that is ready in every respect: its lists, its addresses, its firewall, its SBCs."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from voicedr.program.network.coverage import coverage
from voicedr.program.network.firewall import read_firewall
from voicedr.program.network.published import published_ranges
from voicedr.program.network.sbc import read_sbc
from voicedr.program.readiness.declared import About, Declaration
from voicedr.program.readiness.facts import Fact, Observed
from voicedr.program.readiness.kinds import KINDS, Resource
from voicedr.program.readiness.outside.sip import SipAnswer, SipFacts

AT = datetime(2026, 11, 21, 14, 2, tzinfo=UTC)
TRUNK_SID, DOMAIN_SID = "TK" + "1" * 32, "SD" + "1" * 32
LIST_SID, USERS_SID = "AL" + "1" * 32, "CL" + "1" * 32
SBC_URIS = ("sip:sbc1.acme.example", "sip:sbc2.acme.example;edge=dublin")
NAMES = tuple(f"sip:acme.pstn.{edge}.twilio.com" for edge in ("dublin", "frankfurt", "ashburn", "umatilla"))
FIREWALL, SBC = "firewall.txt", "dispatcher.list"

OPEN_FIREWALL = "\n".join(
    f"{prefix} {one.protocol} {one.port_min}-{one.port_max}"
    for one in published_ranges().chosen(None, interconnect=False)
    for prefix in one.prefixes
)
"""A list of prefixes that lets everything in."""

DISPATCHER = "1 sip:acme.pstn.dublin.twilio.com;transport=udp 0 0\n1 sip:acme.pstn.frankfurt.twilio.com 0 0\n"


def seen(value: Any) -> Any:
    """An observation of now."""
    return Observed(value, AT, "test")


def resource(kind: str, sid: str, parent_sid: str | None = None, **fields: Any) -> Resource:
    """A thing of a kind, with every field that the kind has."""
    given = {"sid": sid, **fields}
    return Resource(kind, sid, parent_sid, {field.name: given.get(field.name) for field in KINDS[kind].fields})


def sip_estate() -> dict[str, tuple[Resource, ...]]:
    """The trunk, the SIP domain and their lists, as either Region has them."""
    return {
        "trunk": (
            resource("trunk", TRUNK_SID, domain_name="acme.pstn.twilio.com", friendly_name="acme", secure=False),
        ),
        "sip-domain": (
            resource("sip-domain", DOMAIN_SID, domain_name="acme.sip.twilio.com", sip_registration=True, secure=False),
        ),
        "ip-acl": (resource("ip-acl", LIST_SID, friendly_name="office"),),
        "ip-address": (
            resource("ip-address", "IP" + "1" * 32, LIST_SID, ip_address="203.0.113.5", cidr_prefix_length=32),
        ),
        "credential-list": (resource("credential-list", USERS_SID, friendly_name="phones"),),
        "credential": (resource("credential", "CR" + "1" * 32, USERS_SID, username="desk1"),),
        "trunk-acl": (resource("trunk-acl", LIST_SID, TRUNK_SID),),
        "trunk-credentials": (resource("trunk-credentials", USERS_SID, TRUNK_SID),),
        "domain-acl": (resource("domain-acl", LIST_SID, DOMAIN_SID),),
        "domain-credentials": (resource("domain-credentials", USERS_SID, DOMAIN_SID),),
        "domain-registrations": (resource("domain-registrations", USERS_SID, DOMAIN_SID),),
        "origination-url": tuple(
            resource("origination-url", f"OU{n}", TRUNK_SID, sip_url=uri, priority=n * 10, weight=10, enabled=True)
            for n, uri in enumerate(SBC_URIS, start=1)
        ),
    }


def alive(address: str, **changes: Any) -> SipAnswer:
    """An address that answers."""
    told: dict[str, Any] = {"target": f"{address}:5060 udp", "address": address, "status": 200, "seconds": 0.02}
    return SipAnswer(**(told | changes))


def dead(address: str) -> SipAnswer:
    """One that does not."""
    return alive(address, status=None, problem="no answer within 4 s")


def sip_facts(**changes: Any) -> SipFacts:
    """What was seen of SIP when all is well."""
    answers: dict[str, Fact[tuple[SipAnswer, ...]]] = {
        uri: seen((alive(f"203.0.113.{n}", certificate_until=AT + timedelta(days=90)),))
        for n, uri in enumerate(SBC_URIS, start=10)
    }
    for n, name in enumerate(NAMES):
        answers[name] = seen(tuple(alive(f"198.51.100.{n * 4 + one}") for one in range(4)))
    facts: dict[str, Any] = {
        "answers": answers,
        "hosts": {
            "sbc1.acme.example": seen(("203.0.113.10",)),
            "sbc2.acme.example": seen(("203.0.113.11",)),
            "dr.other.example": seen(("192.0.2.9",)),
        },
        "firewalls": {FIREWALL: seen(coverage(read_firewall(OPEN_FIREWALL, FIREWALL), published_ranges()))},
        "sbcs": {SBC: seen(read_sbc(DISPATCHER, SBC))},
    }
    return SipFacts(**(facts | changes))


SIP_SAID: dict[About, Any] = {
    About.FIREWALL_EXPORT: [FIREWALL],
    About.SBC_CONFIG: [SBC],
    About.SBC_PLACES: {"sbc1.acme.example": "dc Ashburn", "sbc2.acme.example": "dc Dublin"},
    About.DEVICE_EDGES: ["ashburn", "umatilla"],
}
"""What somebody declared about SIP."""


def sip_declarations() -> tuple[Declaration, ...]:
    """The same as declarations."""
    return tuple(
        Declaration(about, value, "ruiz", date(2026, 11, 1), date(2027, 5, 1)) for about, value in SIP_SAID.items()
    )
