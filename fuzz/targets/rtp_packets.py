"""Whatever comes to an audio port, each key that was pressed is told at most once, and nothing piles up."""

from __future__ import annotations

from voicedr.wire.rtp import EventReader, Packet, event_payloads, pack, unpack

SEEDS = [
    b"".join(
        len(data).to_bytes(2, "big") + data
        for data in (pack(Packet(101, n, 160, 7, payload)) for n, payload in enumerate(event_payloads("5")))
    ),
    b"\x00\x0c" + b"\x80\x00" + bytes(10),
]


def one(data: bytes) -> None:
    """Packets, each with its length before it."""
    reader, at, taken = EventReader(), 0, 0
    while at + 2 <= len(data) and taken < 200:
        length = int.from_bytes(data[at : at + 2], "big") % 1600
        packet = unpack(data[at + 2 : at + 2 + length])
        at, taken = at + 2 + length, taken + 1
        if packet is not None:
            assert len(reader.key(packet, taken * 0.02)) <= 1
            assert 0 <= packet.payload_type < 128
