"""RTP packets and telephone events, with whatever the network does to them."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.wire.rtp import KEYS, PACKET_BYTES_MAX, EventReader, Packet, event_payloads, pack, unpack

PCAPS = Path("/usr/share/sip-tester")

packets = st.builds(
    Packet,
    st.integers(0, 127),
    st.integers(0, 0xFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.integers(0, 0xFFFFFFFF),
    st.binary(max_size=400),
    st.booleans(),
)


@given(packet=packets)
def test_there_and_back(packet: Packet) -> None:
    """What is written is read."""
    assert unpack(pack(packet)) == packet


@given(packet=packets, sources=st.integers(0, 15), extension=st.none() | st.integers(0, 5), padding=st.integers(0, 9))
def test_what_stands_around_the_payload(packet: Packet, sources: int, extension: int | None, padding: int) -> None:
    """Contributing sources, an extension and padding are left out (RFC 3550 sections 5.1 and 5.3.1)."""
    first = 0x80 | sources | (0x10 if extension is not None else 0) | (0x20 if padding else 0)
    head = bytes([first]) + pack(packet)[1:12] + b"s" * 4 * sources
    if extension is not None:
        head += struct.pack("!HH", 1, extension) + b"e" * 4 * extension
    tail = b"\0" * (padding - 1) + bytes([padding]) if padding else b""
    assert unpack(head + packet.payload + tail) == packet


@given(data=st.binary(max_size=PACKET_BYTES_MAX + 100))
def test_anything_is_read_or_dropped(data: bytes) -> None:
    """No bytes break the reader, and it never gives more than there were."""
    found = unpack(data)
    assert found is None or len(found.payload) <= len(data) - 12


@pytest.mark.parametrize(
    "data",
    [b"", b"\x80" * 11, b"\x00" * 12, b"\xc0" + b"\0" * 20, b"\x8f" + b"\0" * 30, b"\xa0" + b"\0" * 20,
     b"\xa0" + b"\0" * 12 + b"\xff", b"\x90" + b"\0" * 11 + b"\0\1\xff\xff", b"\x80" * (PACKET_BYTES_MAX + 1)],
)  # fmt: skip
def test_what_is_no_packet(data: bytes) -> None:
    """Too short, too long, another version, or lengths that lead outside."""
    assert unpack(data) is None


def keyed(text: str, ssrc: int = 7) -> list[Packet]:
    """The packets of these keys, one after the other."""
    made, sequence = [], 100
    for number, key in enumerate(text):
        for payload in event_payloads(key):
            made.append(Packet(101, sequence, 5000 + number * 3000, ssrc, payload))
            sequence += 1
    return made


def read(arrived: list[Packet]) -> str:
    """The keys that a reader gives, 20 ms from one packet to the next."""
    reader = EventReader()
    return "".join(reader.key(packet, number * 0.02) for number, packet in enumerate(arrived))


@given(text=st.text(KEYS, max_size=12), seed=st.integers(0, 1000))
def test_lost_repeated_and_out_of_order(text: str, seed: int) -> None:
    """Each key is given once and in order if one of its packets comes, though many are lost, repeated or swapped."""
    chance = random.Random(seed)
    arrived: list[Packet] = []
    for number in range(len(text)):
        of_key = [one for one in keyed(text) if one.timestamp == 5000 + number * 3000]
        chance.shuffle(of_key)
        left = of_key[: chance.randint(1, len(of_key))]
        arrived += [*left, *left[: chance.randint(0, len(left))]]
    assert read(arrived) == text


def test_late_packets_of_a_key_before() -> None:
    """The end of a key that comes after the next has begun is not a key."""
    first, second = keyed("12")[:7], keyed("12")[7:]
    assert read([*first[:-2], *second[:2], *first[-2:], *second[2:]]) == "12"


def test_the_same_key_played_again() -> None:
    """A recorded key that is sent again with its timestamp is another key once the first has been over for a while."""
    reader = EventReader()
    found = [reader.key(packet, at + 0.02 * number) for at in (0.0, 0.6) for number, packet in enumerate(keyed("5"))]
    assert "".join(found) == "55"


def test_a_key_held_for_long() -> None:
    """A key held for more than 8 s comes in segments (RFC 4733 section 2.5.1.3) and is one key."""
    reader = EventReader()
    event = bytes((3, 10))
    first = reader.key(Packet(101, 1, 0, 7, event + b"\xff\xff"), 8.19)
    assert (first, reader.key(Packet(101, 2, 0xFFFF, 7, event + b"\0\xa0"), 8.21)) == ("3", "")


@pytest.mark.parametrize("payload", [b"", b"\1\n\0", b"\x10\n\0\xa0", b"\xff\n\0\xa0"])
def test_events_that_are_no_keys(payload: bytes) -> None:
    """Cut off, or an event that is not on a telephone."""
    assert EventReader().key(Packet(101, 1, 1, 1, payload), 0.0) == ""


@pytest.mark.parametrize(("name", "key"), [*((digit, digit) for digit in "0123456789"), ("star", "*"), ("pound", "#")])
def test_recorded_keys(name: str, key: str) -> None:
    """Recordings of somebody else's keys, which come with SIPp, are read."""
    file = PCAPS / f"dtmf_2833_{name}.pcap"
    if not file.exists():
        pytest.skip(f"{file} is not there: install the package sip-tester")
    data, at, found = file.read_bytes(), 24, []
    while at < len(data):
        size = struct.unpack_from("<8xI4x", data, at)[0]
        packet = unpack(data[at + 16 + 42 : at + 16 + size])  # After Ethernet, IPv4 and UDP.
        assert packet is not None
        found.append(packet)
        at += 16 + size
    assert read(found) == key


def test_what_is_sent_for_a_key() -> None:
    """Durations rise by 20 ms, and the end comes three times (RFC 4733 section 2.5.1.4)."""
    made = [struct.unpack("!BBH", payload) for payload in event_payloads("#", 100)]
    assert made == [(11, 10, 160), (11, 10, 320), (11, 10, 480), (11, 10, 640), *[(11, 0x8A, 800)] * 3]
    with pytest.raises(ValueError, match="not found"):
        next(event_payloads("E"))
