"""Tokens: credentials for the network traversal servers, in us1.

Source: https://www.twilio.com/docs/stun-turn/api (read 2026-11-21): a day unless ``Ttl`` says otherwise, at most a day.
That other Regions refuse it in the words of their realm was seen in the field. The servers are named and are not there:
the twin relays no media.
"""

from __future__ import annotations

from voicedr.twin.api.answers import resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.world.credentials import mint_secret
from voicedr.wire.http import Response

TTL_S_MAX = 86_400
_STUN = "stun:global.stun.twilio.com:3478"
_TURN = (
    "turn:global.turn.twilio.com:3478?transport=udp",
    "turn:global.turn.twilio.com:3478?transport=tcp",
    "turn:global.turn.twilio.com:443?transport=tcp",
)


def create(ask: Ask) -> Response:
    """New credentials."""
    ttl = ask.whole("Ttl", TTL_S_MAX, 1, TTL_S_MAX)
    user, password = ask.world.mint(""), mint_secret(ask.world)
    login = {"username": user, "credential": password}
    return resource(
        {
            "account_sid": ask.world.account_sid,
            "username": user,
            "password": password,
            "ttl": str(ttl),
            "ice_servers": [{"url": _STUN, "urls": _STUN}, *({"url": url, "urls": url, **login} for url in _TURN)],
            "date_created": rfc2822(ask.now),
            "date_updated": rfc2822(ask.now),
        },
        201,
    )


endpoints = (Endpoint("api", "2010-04-01", "Tokens", {"POST": create}, us1_realm=True),)
