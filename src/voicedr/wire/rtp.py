"""RTP packets (RFC 3550 section 5.1) and the keys of a telephone in them (RFC 4733)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

PACKET_BYTES_MAX = 1500
"""A packet with more is not read: what a stream of 20 ms needs is 172."""

KEYS = "0123456789*#ABCD"
"""The event codes 0 to 15 (RFC 4733 section 3.2)."""

STEP = 160
"""Samples between two packets: 20 ms."""

END_PACKETS = 3
"""How often the end of an event is sent (RFC 4733 section 2.5.1.4)."""

FORGOTTEN_AFTER_S, ENDED_FORGOTTEN_AFTER_S = 1.0, 0.3
"""An event of which nothing came for so long is over, sooner if its end had come: the same timestamp then is another
event. Assumption: it serves senders that play a recorded key again."""

_EVENTS_MAX = 32
_SEGMENT = 0xFFFF

_HEADER = struct.Struct("!BBHII")
_EVENT = struct.Struct("!BBH")


@dataclass(frozen=True, slots=True)
class Packet:
    """One packet. Padding and header extensions are left out."""

    payload_type: int
    sequence: int
    timestamp: int
    ssrc: int
    payload: bytes
    marker: bool = False


def pack(packet: Packet) -> bytes:
    """The packet as it is sent."""
    second = (0x80 if packet.marker else 0) | packet.payload_type
    return _HEADER.pack(0x80, second, packet.sequence, packet.timestamp, packet.ssrc) + packet.payload


def unpack(data: bytes) -> Packet | None:
    """Read a packet; None if it is none."""
    if not _HEADER.size <= len(data) <= PACKET_BYTES_MAX or data[0] >> 6 != 2:
        return None
    first, second, sequence, timestamp, ssrc = _HEADER.unpack_from(data)
    begins = _HEADER.size + 4 * (first & 0x0F)
    if first & 0x10:
        if begins + 4 > len(data):
            return None
        begins += 4 + 4 * int.from_bytes(data[begins + 2 : begins + 4])
    ends = len(data)
    if first & 0x20:
        if data[-1] == 0:
            return None
        ends -= data[-1]
    if begins > ends:
        return None
    return Packet(second & 0x7F, sequence, timestamp, ssrc, data[begins:ends], bool(second & 0x80))


@dataclass(slots=True)
class _Pressed:
    last_at: float
    ended: bool


@dataclass(slots=True)
class EventReader:
    """Gives every key once, as soon as the first of its packets is there, whatever is lost, repeated or out of order.

    A key of which every packet is lost is lost.
    """

    _pressed: dict[tuple[int, int, int], _Pressed] = field(default_factory=dict)
    """By sender, timestamp and event; the one that was told last comes last."""

    def key(self, packet: Packet, now: float) -> str:
        """The key that this packet of an event brings; empty if it brings none, or none that is new."""
        if len(packet.payload) < _EVENT.size:
            return ""
        event, flags, _ = _EVENT.unpack_from(packet.payload)
        if event >= len(KEYS):
            return ""
        which = (packet.ssrc, packet.timestamp, event)
        self._forget(now)
        ended = bool(flags & 0x80)
        known = self._pressed.pop(which, None)
        goes_on = None
        if known is None:
            before = (packet.ssrc, (packet.timestamp - _SEGMENT) & 0xFFFFFFFF, event)
            goes_on = self._pressed.get(before)  # A key held for 8 s has a new segment (section 2.5.1.3).
        self._pressed[which] = _Pressed(now, ended or (known is not None and known.ended))
        if known is not None or (goes_on is not None and not goes_on.ended):
            return ""
        return KEYS[event]

    def _forget(self, now: float) -> None:
        over = [
            which
            for which, pressed in self._pressed.items()
            if now - pressed.last_at > (ENDED_FORGOTTEN_AFTER_S if pressed.ended else FORGOTTEN_AFTER_S)
        ]
        for which in over:
            del self._pressed[which]
        while len(self._pressed) >= _EVENTS_MAX:
            del self._pressed[next(iter(self._pressed))]


def event_payloads(key: str, lasts_ms: int = 100, volume: int = 10) -> Iterator[bytes]:
    """The packets of one key, 20 ms apart, all with the timestamp of the first; the end comes three times.

    Raises:
        ValueError: If there is no such key.
    """
    event = KEYS.index(key.upper())
    steps = max(1, lasts_ms // 20)
    for number in range(1, steps):
        yield _EVENT.pack(event, volume, number * STEP)
    for _ in range(END_PACKETS):
        yield _EVENT.pack(event, 0x80 | volume, steps * STEP)
