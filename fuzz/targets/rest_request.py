"""Whatever is asked of the provider's API, the twin answers as an API does."""

from __future__ import annotations

import json
from base64 import b64encode

from voicedr.twin.api.broken import Broken
from voicedr.twin.api.handle import handle
from voicedr.twin.world.account import world_from_account
from voicedr.twin.world.model import REGIONS, World
from voicedr.wire.http import Request

NOW = 1_790_000_000.0
_METHODS = ("GET", "POST", "DELETE", "PUT", "PATCH", "HEAD", "get", "BREW")
_CALLS_MAX = 300


def _world() -> World:
    voice = {"voice_url": "https://app.example/voice"}
    return world_from_account(
        {
            "applications": {"us1": [{"friendly_name": "Support", **voice}]},
            "trunks": {"us1": [{"friendly_name": "Yard", "domain_name": "yard.pstn.twilio.com"}]},
            "numbers": [{"e164": "+14155550100", "route": "us1", "voice": {"us1": voice}}],
        },
        7,
        NOW,
    )


_FRESH = _world()
_A = f"/2010-04-01/Accounts/{_FRESH.account_sid}"
SEEDS = [
    f"\x00\x01{product} {path}\n{body}".encode()
    for product, path, body in (
        ("api", f"{_A}/IncomingPhoneNumbers.json?PageSize=1", ""),
        ("api", f"{_A}/Calls.json", "To=%2B14155550100&From=%2B14155550100&Url=https%3A%2F%2Fapp.example%2F"),
        ("routes", "/v2/PhoneNumbers/+14155550100", "VoiceRegion=ie1"),
        ("trunking", "/v1/Trunks", "FriendlyName=x&DomainName=x.pstn.twilio.com"),
        ("monitor", "/v1/Alerts?PageToken=AAA&Page=1", ""),
        ("api", f"{_A}/SIP/Domains.json", "DomainName=x.sip.twilio.com&SipRegistration=true"),
    )
]


def one(data: bytes) -> None:
    """Bytes: a method, a Region, then host and path, then the body. Each input meets a fresh world."""
    if len(data) < 4:
        return
    region = list(REGIONS)[data[1] % len(REGIONS)]
    line, _, body = data[2:].partition(b"\n")
    product, _, path = line.decode("utf-8", "replace").partition(" ")
    world = _world()
    key = next(iter(world.regions[region].keys.values()))
    secret = b64encode(f"{key.sid}:{key.secret}".encode()).decode()
    headers = (("Authorization", f"Basic {secret}"), ("Content-Type", "application/x-www-form-urlencoded"))
    host = f"{product[:20]}.{REGIONS[region]}.{region}.twilio.com"
    for method in (_METHODS[data[0] % len(_METHODS)], "GET"):
        answer = handle(world, Request(method, f"https://{host}{path}", headers, body), NOW + 60)
        if isinstance(answer.response, Broken):
            continue
        assert 100 <= answer.response.status < 600
        if answer.response.status >= 500:
            raise AssertionError(f"{method} {host}{path}: {answer.response.status}")
        if answer.response.body and "json" in (answer.response.header("Content-Type") or ""):
            json.loads(answer.response.body)
    assert len(world.regions[region].calls) < _CALLS_MAX
