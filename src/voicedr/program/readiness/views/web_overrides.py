"""What the connection overrides of a URL say, and what is wrong with them. Pure.

``wire.overrides`` obeys a fragment as the provider would, and brings what is out of its range back into it, because
what the provider does with that is not documented. Here nothing is brought back: it is a fault.
"""

from __future__ import annotations

from urllib.parse import unquote

from voicedr.wire.overrides import BadOverrides, Overrides, read

RANGES: dict[str, tuple[int, int]] = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
"""Source: https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides (read 2026-11-21)."""

KEYS = frozenset(RANGES) | {"rp", "sni", "e"}


def pairs(url: str) -> tuple[tuple[str, str], ...]:
    """The overrides as written, in order."""
    fragment = url.partition("#")[2]
    if not fragment:
        return ()
    split = (pair.partition("=") for pair in fragment.split("&"))
    return tuple((key.strip(), unquote(value).strip()) for key, _, value in split)


def faults(url: str) -> list[str]:
    """What is wrong with the overrides of a URL, one line each; empty: nothing."""
    found: list[str] = []
    seen: set[str] = set()
    for key, value in pairs(url):
        if key not in KEYS:
            found.append(f"{key[:20]!r} is no override")
        elif key in seen:
            found.append(f"{key} stands there twice")
        elif key in RANGES:
            least, most = RANGES[key]
            if not (value.isascii() and value.isdecimal()) or not least <= int(value[:9]) <= most or len(value) > 9:
                found.append(f"{key}={value[:20]} is not a whole number from {least} to {most}")
        elif key == "sni" and value not in ("y", "n"):
            found.append(f"sni={value[:20]} is neither y nor n")
        seen.add(key)
    try:
        # Whether the account has Interconnect cannot be read; its edges are taken as good here.
        read(url, interconnect=True)
    except BadOverrides as bad:
        found.append(f"{bad.message} ({bad.code})")
    return found


def overrides_of(url: str) -> Overrides | None:
    """The overrides, or None if the provider would refuse them."""
    try:
        return read(url, interconnect=True)
    except BadOverrides:
        return None


def attempts_s(overrides: Overrides) -> float:
    """How long the attempts may last together before the last one has begun and failed, if all fail slowly.

    A 4xx or 5xx may come at once, so only what is waited for is counted.
    """
    each = overrides.connect_s
    if "rt" in overrides.retried:
        each += overrides.read_s
    return each * (overrides.retries + 1)
