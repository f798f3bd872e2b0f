"""The call-back line's account at the provider, and what its fallback and its token service are told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from voicedr.runtime.sample_deployment.lines import FALLBACK_SAYS, THANKS
from voicedr.runtime.webhooks.overrides import with_overrides

NUMBERS: Mapping[str, tuple[str, ...]] = {
    "us1": ("+14155550600", "+14155550601"),
    "ie1": ("+14155550602", "+14155550603"),
}
"""By the Region that takes their calls on an ordinary day. Each is configured in both."""

EDGES: Mapping[str, tuple[str, ...]] = {"us1": ("ashburn", "umatilla"), "ie1": ("dublin", "frankfurt")}
"""Where webhooks leave: the Region's nearest edge first, then another."""

CONNECT_MS = 2000
"""An instance of ours is connected to in milliseconds; what takes longer is not there."""

WORDS_PER_SECOND = 20.0
"""The twin's voices hurry, so that a call is over in a few seconds."""


def webhook(base: str, region: str) -> str:
    """A voice URL with the Region's connection overrides: two edges, three attempts, also after a 5xx."""
    return with_overrides(
        f"{base}/voice", edges=EDGES[region], retries=2, retry_on=("ct", "5xx"), connect_ms=CONNECT_MS
    )


def account(
    account_sid: str,
    balancers: Mapping[str, str],
    fallback: str,
    credentials: Mapping[str, Mapping[str, str]],
    propagation_s: float,
) -> dict[str, Any]:
    """The account for the twin.

    Args:
        account_sid: Its SID.
        balancers: Base URL by Region.
        fallback: Base URL of the fallback app.
        credentials: ``auth_token``, ``api_key``, ``api_secret`` by Region.
        propagation_s: The longest that a route change takes.
    """
    voice = {
        region: {
            "voice_url": webhook(base, region),
            "voice_method": "POST",
            "voice_fallback_url": f"{fallback}/voice",
            "voice_fallback_method": "POST",
            "status_callback": f"{base}/status",
            "status_callback_method": "POST",
        }
        for region, base in balancers.items()
    }
    return {
        "account_sid": account_sid,
        "credentials": {region: dict(values) for region, values in credentials.items()},
        "settings": {
            "words_per_second": WORDS_PER_SECOND,
            "calls_per_second": 20,
            "propagation_s": [0.0, propagation_s],
        },
        "numbers": [
            {"e164": e164, "friendly_name": f"Call back {region}", "route": region, "voice": voice}
            for region, numbers in NUMBERS.items()
            for e164 in numbers
        ],
        "applications": {region: [{"friendly_name": "Call back"} | voice[region]] for region in balancers},
    }


def fallback_policy(auth_tokens: Mapping[str, str]) -> dict[str, Any]:
    """The fallback app's policy; ``auth_tokens`` are references by Region."""
    return {
        "fallback": 1,
        "auth_tokens": dict(auth_tokens),
        "default": {"do": "voicemail", "say": FALLBACK_SAYS, "thanks": THANKS},
    }


def token_settings(
    account_sid: str, context: str, caller_secret: str, keys: Mapping[str, tuple[str, str]]
) -> dict[str, Any]:
    """A token service's settings.

    Args:
        account_sid: The account.
        context: Path of the application's context document.
        caller_secret: Reference to the backend's secret.
        keys: API key and reference to its secret, by Region.
    """
    return {
        "account": account_sid,
        "region": "us1",
        "context": context,
        "per_minute": 6000,
        "callers": [{"name": "backend", "secret": caller_secret}],
        "regions": {
            region: {"edges": list(EDGES[region]), "keys": [{"sid": sid, "secret": secret}]}
            for region, (sid, secret) in keys.items()
        },
    }
