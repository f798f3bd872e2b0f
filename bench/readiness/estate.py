"""What the healthy account has, as an account file of the twin: every way in which a number may be answered.

Every name in it is made up: numbers lie in the 555 exchange, hosts end in ``.example``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EDGES = {"us1": "ashburn", "ie1": "dublin"}
OTHER_EDGE = {"us1": "umatilla", "ie1": "frankfurt"}

BY_URL = tuple(f"+1415555010{n}" for n in range(5))
HOSTED = "+14155550105"
"""Its fallback is run by the provider."""

BY_APPLICATION = ("+14155550106", "+14155550107")
BY_TRUNK = ("+14155550108", "+14155550109")
NUMBERS = (*BY_URL, HOSTED, *BY_APPLICATION, *BY_TRUNK)
TRICKLE = "+14155550190"
TEST_CALLER = "+14155550199"
TRUNK = "acme.pstn.twilio.com"
SIP_DOMAIN = "acme.sip.twilio.com"
BUNDLE = "BU" + "1" * 32

APP = {"us1": "app-us.acme.example", "ie1": "app-ie.acme.example"}
FALLBACK = "dr.other.example"
RECOVERY = "recovery.other.example"
SBCS = ("sbc1.acme.example", "sbc2.acme.example")
TOKENS = ("tokens.acme.example", "tokens.other.example")
BOARDS = "boards.acme.example"
INSTANCES = ("a.acme.example", "b.acme.example")
HOSTED_HOST = {"us1": "late-1234.twil.io", "ie1": "late-1234.dublin.ie1.twil.io"}


@dataclass(frozen=True, slots=True)
class Direction:
    """Where the flow lives, and where it goes."""

    primary: str
    standby: str

    def __str__(self) -> str:
        return f"{self.primary} to {self.standby}"


OUT, BACK = Direction("us1", "ie1"), Direction("ie1", "us1")


def leaving(*edges: str) -> str:
    """Connection overrides: by these edges in turn, within the budget."""
    return f"#e={','.join(edges)}&rc={len(edges) - 1}&rp=ct,5xx&ct=3000"


def voice_url(region: str) -> str:
    """Where a Region's calls are answered."""
    return f"https://{APP[region]}/voice/support-line{leaving(EDGES[region], OTHER_EDGE[region])}"


def fallback_url(path: str = "/voice/support-line") -> str:
    """Where they are answered when that fails; the edges are those of neither Region first."""
    return f"https://{FALLBACK}{path}{leaving('frankfurt', 'umatilla')}"


def handler(region: str) -> dict[str, str]:
    """Who answers, and who is told."""
    return {
        "voice_url": voice_url(region),
        "voice_method": "POST",
        "voice_fallback_url": fallback_url(),
        "voice_fallback_method": "POST",
        "status_callback": f"https://{APP[region]}/status",
        "status_callback_method": "POST",
    }


def account_file(way: Direction) -> dict[str, Any]:
    """The account in the format of ``voicedr twin up --account``."""
    return {
        "account_sid": "AC" + "0123456789abcdef" * 2,
        "settings": {"propagation_s": [0, 0], "calls_per_second": 20},
        "ip_access_control_lists": {
            region: [
                {"friendly_name": "SBCs", "addresses": ["203.0.113.10", "203.0.113.11"]},
                {"friendly_name": "Office", "addresses": ["198.51.100.0/24"]},
            ]
            for region in EDGES
        },
        "credential_lists": {
            region: [
                {"friendly_name": "Trunk users", "credentials": [{"username": "sbc", "password": "Correct4Horse99"}]},
                {"friendly_name": "Desks", "credentials": [
                    {"username": f"desk{n}", "password": "Correct4Horse99"} for n in (1, 2)
                ]},
            ]
            for region in EDGES
        },
        "applications": {region: [{"friendly_name": "support"} | handler(region)] for region in EDGES},
        "trunks": {region: [_trunk(region, way)] for region in EDGES},
        "sip_domains": {region: [_sip_domain(region, way)] for region in EDGES},
        "numbers": [_number(e164, way) for e164 in (*NUMBERS, TRICKLE, TEST_CALLER)],
    }  # fmt: skip


def _number(e164: str, way: Direction) -> dict[str, Any]:
    voice = {}
    for region in EDGES:
        if e164 in BY_APPLICATION:
            has: dict[str, Any] = {"application": "support"}
        elif e164 in BY_TRUNK:
            has = {"trunk": "Acme"}
        else:
            has = handler(region)
        if e164 == HOSTED:
            has["voice_fallback_url"] = f"https://{HOSTED_HOST[region]}/voice"
        has |= {
            "sms_url": f"https://{APP[region]}/messages",
            "sms_fallback_url": f"https://{FALLBACK}/messages",
        }
        voice[region] = has
    route = way.standby if e164 == TRICKLE else way.primary
    return {"e164": e164, "friendly_name": e164, "route": route, "voice": voice}


def _trunk(region: str, way: Direction) -> dict[str, Any]:
    first, second = SBCS
    made = {
        "friendly_name": "Acme",
        "domain_name": TRUNK,
        "disaster_recovery_url": f"https://{RECOVERY}/voice/dispatch{leaving('frankfurt', 'umatilla')}",
        "ip_access_control_lists": ["SBCs"],
        "credential_lists": ["Trunk users"],
        "origination_urls": [
            _origination(f"sip:{first};edge={'ashburn-ix' if region == 'us1' else 'frankfurt-ix'}", 10),
            _origination(f"sip:{second};transport=tls;edge={EDGES[region]}", 20),
        ],
    }
    return made | ({"route": region} if region == way.primary else {})


def _origination(sip_url: str, priority: int) -> dict[str, Any]:
    return {"sip_url": sip_url, "priority": priority, "weight": 10, "enabled": True}


def _sip_domain(region: str, way: Direction) -> dict[str, Any]:
    made = handler(region) | {
        "domain_name": SIP_DOMAIN,
        "friendly_name": "Acme",
        "sip_registration": True,
        "ip_access_control_lists": ["Office"],
        "credential_lists": ["Desks"],
    }
    return made | ({"route": region} if region == way.primary else {})
