"""Whatever a name server says about a name, it becomes places in an order, or what is not known; and soon."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from ipaddress import ip_address
from itertools import cycle
from typing import Any

import dns.asyncquery
import dns.exception
import dns.message

from voicedr.runtime.sipkit.resolve import TARGETS_MAX, resolve

NAME = "pstn.example"
_CUT = b"\x00cut\x00"


def _answer(kind: str, *records: str) -> bytes:
    said = "\n".join(records)
    text = f"id 1\nopcode QUERY\nrcode NOERROR\nflags QR RD RA\n;QUESTION\n{NAME}. IN {kind}\n;ANSWER\n{said}\n"
    return dns.message.from_text(text).to_wire()


_NAPTR = _answer(
    "NAPTR",
    f'{NAME}. 60 IN NAPTR 10 10 "s" "SIP+D2U" "" _sip._udp.{NAME}.',
    f'{NAME}. 60 IN NAPTR 20 10 "s" "SIPS+D2T" "" _sips._tcp.{NAME}.',
    f'{NAME}. 60 IN NAPTR 5 1 "u" "SIP+D2T" "!a!b!" .',
)
_SRV = _answer(
    "SRV",
    f"_sip._udp.{NAME}. 30 IN SRV 10 0 5060 a.{NAME}.",
    f"_sip._udp.{NAME}. 30 IN SRV 10 60 0 b.{NAME}.",
    f"_sips._tcp.{NAME}. 30 IN SRV 1 65535 5061 .",
    f"_sip._tcp.{NAME}. 30 IN SRV 1 1 5060 a.{NAME}.",
)
_A = _answer("A", f"a.{NAME}. 9 IN A 192.0.2.1", f"{NAME}. 9 IN A 0.0.0.0", f"{NAME}. 9 IN A 10.0.0.1")
_AAAA = _answer("AAAA", f"a.{NAME}. 9 IN AAAA 2001:db8::1", f"{NAME}. 9 IN AAAA ::ffff:192.0.2.1")
_ROUND = _answer("A", f"{NAME}. 5 IN CNAME a.{NAME}.", f"a.{NAME}. 5 IN CNAME {NAME}.")
_CHAOS = dns.message.from_text(
    f"id 1\nopcode QUERY\nrcode NOERROR\nflags QR RD RA\n;QUESTION\n{NAME}. IN A\n;ANSWER\n{NAME}. 9 CH A a. 0123\n"
).to_wire()
SEEDS = [
    _CUT.join((_NAPTR, _SRV, _A, _AAAA)),
    _CUT.join((_SRV, _A)),
    _A,
    _ROUND,
    _CHAOS,
    _CUT.join((_NAPTR, b"", _A)),
    _CUT.join((_NAPTR, _SRV, _CHAOS)),
]
_LOOP = asyncio.new_event_loop()


def one(data: bytes) -> None:
    """Ask for a name, of a server whose answers these are, one after another and again."""
    pieces = cycle(data.split(_CUT)[:20])
    asked = _said_by(pieces)
    real, dns.asyncquery.udp_with_fallback = dns.asyncquery.udp_with_fallback, asked
    try:
        found = _LOOP.run_until_complete(
            resolve(NAME, servers=[("127.0.0.1", 53)], within_s=2.0, chance=lambda: (len(data) % 10) / 10)
        )
    finally:
        dns.asyncquery.udp_with_fallback = real
    assert found.targets or found.why_empty
    assert len(found.targets) <= TARGETS_MAX
    assert found.took_s < 2.5
    for target in found.targets:
        assert 1 <= target.port <= 65_535
        address = ip_address(target.address)
        assert not address.is_unspecified
        assert not address.is_multicast
        assert target.place
    for text in (*found.notes, *found.unanswered):
        assert text.isprintable(), f"a note sends something to the terminal: {text!r}"


def _said_by(pieces: Iterator[bytes]) -> Any:
    async def answered(question: dns.message.Message, where: str, **_: Any) -> tuple[dns.message.Message, bool]:
        piece = next(pieces)
        try:
            reply = dns.message.from_wire(piece, ignore_trailing=True)
        except dns.exception.DNSException as exc:
            raise dns.exception.Timeout from exc  # it is waited past, until the time is over
        if not question.is_response(reply):
            reply.id, reply.question = question.id, question.question
            reply.flags |= 0x8000
        if not question.is_response(reply):
            raise dns.exception.Timeout
        return reply, False

    return answered
