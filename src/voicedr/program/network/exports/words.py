"""Addresses and ports as exports write them."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Network, ip_network

from voicedr.program.network.boxes import PORT_MAX, span_of
from voicedr.program.network.rules import Spans

PROTOCOLS = {"tcp": "tcp", "6": "tcp", "udp": "udp", "17": "udp"}
"""The protocols that calls come by, by name and by number (RFC 5237's registry)."""

PORTS = {"sip": 5060, "sips": 5061, "sip-tls": 5061}
"""The services that a ruleset may name instead of a port."""


class NotUnderstood(Exception):
    """A word that is none of those that are known. Whoever asked says what hangs on it."""


def address_span(word: str) -> tuple[int, int] | None:
    """An address, a prefix or a range ``a-b`` as an interval; None if it is IPv6, which no published range is.

    Raises:
        NotUnderstood: If it is nothing of that: a name, or a slip.
    """
    word = word.strip()
    try:
        if ":" in word:
            for one in word.split("-"):
                IPv6Network(one, strict=False)
            return None
        if "-" in word:
            first, last = (int(IPv4Address(one.strip())) for one in word.split("-"))
            if first > last:
                raise NotUnderstood(f"address range {word!r} runs backwards")
            return first, last
        ip_network(word, strict=False)
        return span_of(word)
    except ValueError as exc:
        raise NotUnderstood(f"{word!r} is not an address") from exc


def port_span(word: str | int) -> tuple[int, int]:
    """A port, or a range with ``-`` or ``:``, as an interval.

    Raises:
        NotUnderstood: If it is neither.
    """
    text = str(word).strip().lower()
    low, _, high = text.replace(":", "-").partition("-")
    try:
        first = PORTS.get(low) if low in PORTS else int(low or 0)
        last = first if not _ else PORTS.get(high) if high in PORTS else int(high or PORT_MAX)
    except ValueError as exc:
        raise NotUnderstood(f"{text!r} is not a port") from exc
    if first is None or last is None or not 0 <= first <= last <= PORT_MAX:
        raise NotUnderstood(f"{text!r} is not a port")
    return first, last


def protocol(word: str | int) -> frozenset[str]:
    """``udp`` or ``tcp`` as a set; empty for one that no call comes by."""
    found = PROTOCOLS.get(str(word).strip().lower())
    return frozenset(() if found is None else (found,))


def address_spans(words: Sequence[str]) -> Spans:
    """The IPv4 ones, as intervals."""
    return tuple(span for word in words if (span := address_span(word)) is not None)
