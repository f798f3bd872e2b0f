"""Asking the twin's REST API without sockets: a world, a client of one Region, and the time by hand."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlencode

from voicedr.twin.api.broken import Broken
from voicedr.twin.api.handle import Answer, handle
from voicedr.twin.api.traffic import Traffic
from voicedr.twin.world.account import world_from_account
from voicedr.twin.world.model import REGIONS, World
from voicedr.wire.http import Request, Response

T0 = 1_790_000_000.0
N0, N1, N2 = "+14155550100", "+14155550101", "+14155550102"


def small_world(seed: int = 7, **settings: Any) -> World:
    """Three numbers, an application and a trunk in two Regions, a SIP domain; N0 is routed to us1, the others never."""
    voice = {"voice_url": "https://app.example/voice", "voice_fallback_url": "https://fallback.example/voice"}
    trunk = {
        "friendly_name": "Yard",
        "domain_name": "yard.pstn.twilio.com",
        "auth_type": "IP_ACL",
        "origination_urls": [{"sip_url": "sip:sbc1.acme.example", "priority": 10, "weight": 10}],
    }
    domain = {"domain_name": "lobby.sip.twilio.com", "voice_url": "https://app.example/lobby", "auth_type": "IP_ACL"}
    return world_from_account(
        {
            "settings": {"propagation_s": [2, 6], **settings},
            "applications": {region: [{"friendly_name": "Support", **voice}] for region in ("us1", "ie1")},
            "trunks": {"us1": [{**trunk, "route": "us1"}], "ie1": [trunk]},
            "sip_domains": {"us1": [domain], "ie1": [domain]},
            "numbers": [
                {"e164": N0, "friendly_name": "Line 0", "route": "us1", "voice": {"us1": voice}},
                {"e164": N1, "friendly_name": "Line 1", "voice": {"us1": {"application": "Support"}}},
                {"e164": N2, "friendly_name": "Line 2", "voice": {"us1": {"trunk": "Yard"}}},
            ],
        },
        seed,
        T0,
    )


class Client:
    """A client with one Region's API key, or with its Auth Token."""

    def __init__(self, world: World, region: str, *, key_of: str | None = None, token: bool = False) -> None:
        self.world = world
        self.region = region
        self.now = T0 + 60
        self.traffic: Traffic | None = None
        store = world.regions[key_of or region]
        key = next(iter(store.keys.values()))
        credential = f"{world.account_sid}:{store.auth_token}" if token else f"{key.sid}:{key.secret}"
        self._authorization = "Basic " + b64encode(credential.encode()).decode()

    def answer(self, method: str, product: str, path: str, fields: Any = None) -> Answer:
        """The whole answer. ``path`` may begin with ``A/`` for the account's part of the 2010 API."""
        path = path.replace("A/", f"2010-04-01/Accounts/{self.world.account_sid}/", 1) if path[:2] == "A/" else path
        url = f"https://{product}.{REGIONS[self.region]}.{self.region}.twilio.com/{path}"
        body = b""
        if fields and method == "GET":
            url += "?" + urlencode(fields, doseq=True)
        elif fields:
            body = urlencode(fields, doseq=True).encode()
        request = Request(method, url, (("Authorization", self._authorization),), body)
        return handle(self.world, request, self.now, self.traffic)

    def get(self, product: str, path: str, fields: Any = None) -> tuple[int, Any]:
        """Status and JSON of a GET."""
        return read(self.answer("GET", product, path, fields))

    def post(self, product: str, path: str, fields: Any = None) -> tuple[int, Any]:
        """Status and JSON of a POST."""
        return read(self.answer("POST", product, path, fields))

    def delete(self, product: str, path: str) -> int:
        """Status of a DELETE."""
        return read(self.answer("DELETE", product, path))[0]


def read(answer: Answer) -> tuple[int, Any]:
    """Status and JSON of an answer that is whole."""
    assert isinstance(answer.response, Response), answer
    body = answer.response.body
    return answer.response.status, json.loads(body) if body else None


def failure(answer: Answer) -> str:
    """How an exchange broke."""
    assert isinstance(answer.response, Broken), answer
    return answer.response.failure.value
