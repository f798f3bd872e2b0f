"""Connection overrides for people: read what a URL says, with what is wrong and what to think of; write it checked.

The fragment of a webhook's URL tells the provider how to ask it: ``#e=dublin,frankfurt&rc=2&rp=ct,5xx``
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides, read 2026-11-21). The format and the ranges
are in ``voicedr.wire.overrides``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from voicedr.wire import overrides as wire
from voicedr.wire.overrides import BadOverrides, Overrides

RANGES = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}
"""Milliseconds, and for ``rc`` attempts after the first."""

KEYS = (*RANGES, "rp", "sni", "e")


@dataclass(frozen=True, slots=True)
class Advised:
    """What a URL says.

    Attributes:
        overrides: How it is asked; a number out of its range counts as the nearest in it (assumption: what the
            provider does with one is not documented).
        mistakes: What the provider refuses, or what cannot mean what was meant.
        advice: What is allowed and deserves a thought.
    """

    overrides: Overrides
    mistakes: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()


def read_overrides(url: str, *, interconnect: bool = False) -> Advised:
    """What the URL's fragment says, and what is to be said about it. Never raises.

    Args:
        interconnect: Whether the account has Interconnect, and so the ``-ix`` edges.
    """
    mistakes = list(_mistakes(url))
    try:
        found = wire.read(url, interconnect=interconnect)
    except BadOverrides as bad:
        return Advised(wire.DEFAULTS, (*mistakes, f"{bad.code}: {bad.message}"))
    return Advised(found, tuple(mistakes), tuple(_advice(found)))


def with_overrides(
    url: str,
    *,
    edges: Iterable[str] = (),
    retries: int = 1,
    retry_on: Iterable[str] = ("ct",),
    connect_ms: int = 5000,
    read_ms: int = 15_000,
    total_ms: int = 15_000,
    sni: bool = True,
    interconnect: bool = False,
) -> str:
    """The URL with these overrides, in place of those it had. What is the default is left out.

    Args:
        edges: Where attempts leave, in turn.
        retries: After the first attempt, 0–5.
        retry_on: Any of ``4xx``, ``5xx``, ``ct`` (connect or TLS), ``rt`` (no answer in time), or ``all``.

    Raises:
        ValueError: If the provider would refuse it or its effect is not documented: what, and what is allowed.
    """
    if urlsplit(url).scheme not in ("http", "https"):
        raise ValueError(f"{url[:200]!r} is no absolute URL; overrides belong to a webhook's https://…")
    for key, value in {"ct": connect_ms, "rt": read_ms, "tt": total_ms, "rc": retries}.items():
        least, most = RANGES[key]
        if not least <= value <= most:
            raise ValueError(f"{key}={value} is out of its range; give one from {least} to {most}")
    on = frozenset(retry_on)
    if not on:
        raise ValueError("retry_on is empty; for no retry at all give retries=0")
    wanted = Overrides(
        tuple(edges), retries, wire.POLICIES if "all" in on else on, connect_ms / 1000, read_ms / 1000,
        total_ms / 1000, sni,
    )  # fmt: skip
    written = wire.write(url, wanted)
    # What was written is read as the provider would: an edge or a policy that there is not is found there.
    if wire.read(written, interconnect=interconnect) != wanted:
        raise ValueError(f"{written[:300]!r} would not mean what was asked for; this is a defect, please report it")
    return written


def _mistakes(url: str) -> Iterable[str]:
    fragment = url.partition("#")[2]
    if not fragment:
        return
    for pair in fragment.split("&"):
        key, equals, value = pair.partition("=")
        key, value = key.strip(), unquote(value).strip()
        if not equals or key not in KEYS:
            yield f"{pair[:60]!r} is no override, and counts for nothing; there are {', '.join(KEYS)}"
        elif key == "sni" and value not in ("y", "n"):
            yield f"sni={value[:20]} counts for nothing; write y or n"
        elif key in RANGES:
            least, most = RANGES[key]
            if not (value.isascii() and value.isdigit() and len(value) <= 12):
                yield f"{key}={value[:20]} is no whole number, and counts for nothing"
            elif not least <= int(value) <= most:
                yield f"{key}={value} is out of its range, {least} to {most}; what the provider does is not documented"


def _advice(found: Overrides) -> Iterable[str]:
    attempts = found.retries + 1
    if found.retries:
        connecting_s = attempts * found.connect_s
        if connecting_s > min(found.total_s, wire.CALL_TOTAL_S):
            yield (
                f"{attempts} attempts of {found.connect_s:g} s to connect make {connecting_s:g} s, and everything ends"
                f" after {min(found.total_s, wire.CALL_TOTAL_S):g} s; lower ct, or the last ones are never made"
            )
        if "rt" in found.retried and found.read_s >= found.total_s:
            yield f"rt is retried, but the first attempt may use all {found.total_s:g} s; lower rt"
    elif found.retried != wire.DEFAULTS.retried:
        yield "rp says what is retried, and rc=0 that nothing is"
    if len(found.edges) > attempts:
        unused = ", ".join(found.edges[attempts:])
        yield f"there are {len(found.edges)} edges and {attempts} attempts, so {unused} is never used; raise rc"
    if len(found.edges) > 1 and found.retried == wire.DEFAULTS.retried:
        yield "another edge is tried only if connecting fails; add rp=ct,5xx to leave a server that answers badly"
    if found.total_s < found.connect_s:
        yield f"tt ({found.total_s:g} s) ends before ct ({found.connect_s:g} s) can"
