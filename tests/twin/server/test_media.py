"""RTP sockets: whom a phone listens to, what it is sent, and that it leaves nothing behind."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable

import numpy as np
import pytest

from rtp_peer import EAR_PORT, FRAME, RATE, RtpPeer, from_mu_law, rtp_peer, strongest, tone
from sipp_peer import address
from voicedr.twin.server import media as server_media
from voicedr.twin.server.media import Handset, Media
from voicedr.twin.sip.sound import NoPhone
from voicedr.wire.sip.sdp import Audio, Direction

EDGE = "127.60.10.1"


def run(script: Callable[[Media], Awaitable[None]]) -> None:
    """Run with media."""

    async def main() -> None:
        media = Media()
        try:
            await script(media)
        finally:
            await media.close()
            assert media.phones == 0

    asyncio.run(main())


async def answered(
    media: Media, *, events: int | None = 101, codecs: tuple[int, ...] = (0,), direction: Direction = "sendrecv"
) -> tuple[Handset, RtpPeer, str]:
    """A phone whose call is answered, its peer, and where that is."""
    host = address()
    peer = await rtp_peer(host)
    phone = media.phone(EDGE)
    phone.agreed(Audio(host, EAR_PORT, codecs, events, direction))
    phone.begins()
    return phone, peer, host


def packet(number: int, payload: bytes = b"\0" * FRAME, payload_type: int = 0) -> bytes:
    """An RTP packet."""
    return struct.pack("!BBHII", 0x80, payload_type, number, number * FRAME, 9) + payload


def sent_from(host: str, port: int, *datagrams: bytes) -> tuple[str, int]:
    """Send these to a port of the edge; gives from where."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind((host, 0))
        for datagram in datagrams:
            sender.sendto(datagram, (EDGE, port))
        where: tuple[str, int] = sender.getsockname()
        return where


def test_who_is_listened_to() -> None:
    """The first sender on this machine is the peer, also from another port; everybody else is dropped after it."""

    async def script(media: Media) -> None:
        phone, peer, _ = await answered(media)
        sent_from(address(), phone.port, b"", b"\0" * 20, packet(1, payload_type=96))
        await asyncio.sleep(0.05)
        assert (phone.counted.received, phone.counted.dropped) == (0, 3)
        sent_from(address(), phone.port, packet(1), packet(2), packet(5))
        await asyncio.sleep(0.05)
        sent_from(address(), phone.port, packet(6), packet(7))
        await asyncio.sleep(0.05)
        assert (phone.counted.received, phone.counted.dropped, phone.counted.missing) == (3, 5, 2)
        before = len(peer.packets)
        await asyncio.sleep(0.1)
        assert len(peer.packets) <= before + 1
        phone.agreed(Audio(address(), EAR_PORT, (0,), 101))
        sent_from(address(), phone.port, packet(8))
        await asyncio.sleep(0.05)
        assert phone.counted.received == 4

    run(script)


def test_an_address_that_is_not_here() -> None:
    """Nothing is sent to an address of another machine, whatever a description says."""

    async def script(media: Media) -> None:
        phone = media.phone(EDGE)
        phone.agreed(Audio("192.0.2.7", 4000))
        phone.begins()
        await asyncio.sleep(0.1)
        assert phone.counted.sent == 0

    run(script)


@pytest.mark.parametrize(
    ("direction", "hears", "is_heard"),
    [("sendrecv", True, True), ("sendonly", False, True), ("recvonly", True, False), ("inactive", False, False)],
)
def test_direction(direction: Direction, hears: bool, is_heard: bool) -> None:
    """Sound goes the ways that the peer's description leaves open, and time passes on hold as well."""

    async def script(media: Media) -> None:
        phone, _, host = await answered(media, direction=direction)
        phone.hears("beep", "")
        sent_from(host, phone.port, packet(1))
        async with asyncio.timeout(2):
            rung = asyncio.Event()
            phone.bell.listen(rung.set)
            await rung.wait()
        assert not phone.playing
        assert bool(phone.counted.sent) == hears
        assert bool(phone.counted.received) == is_heard

    run(script)


@pytest.mark.parametrize("codec", [0, 8])
def test_keys_in_band(codec: int) -> None:
    """A peer that has no telephone events hears the two tones of each key, in the coding that it prefers."""

    async def script(media: Media) -> None:
        phone, peer, _ = await answered(media, events=None, codecs=(codec,))
        phone.hears("digits", "5w#")
        assert phone.playing
        async with asyncio.timeout(3):
            rung = asyncio.Event()
            phone.bell.listen(rung.set)
            await rung.wait()
        sound = peer.heard(codec)
        if codec:
            from voicedr.wire.g711 import MU_OF_A

            sound = sound.translate(MU_OF_A)
        loud = np.abs(from_mu_law(sound)).reshape(-1, FRAME).max(axis=1) > 0.05
        begins = [at for at in range(len(loud)) if loud[at] and not (at and loud[at - 1])]
        assert len(begins) == 2
        assert begins[1] - begins[0] == pytest.approx(5 + 3 + 25 + 3, abs=4)
        for begin, (low, high) in zip(begins, ((770, 1336), (941, 1477)), strict=True):
            spectrum = np.abs(np.fft.rfft(from_mu_law(sound[begin * FRAME : (begin + 5) * FRAME])))
            top = sorted(int(at) * RATE / (5 * FRAME) for at in np.argsort(spectrum)[-2:])
            assert top == pytest.approx([low, high], abs=15)

    run(script)


def test_quiet() -> None:
    """Speech ends the quiet; silence, however much of it comes, does not."""

    async def script(media: Media) -> None:
        phone, peer, _ = await answered(media)
        await asyncio.sleep(0.1)
        begun = media.now()
        assert phone.quiet_s >= 0.1
        await peer.speak(tone(500, 0.2))
        assert phone.quiet_s < media.now() - begun - 0.1
        begun = media.now()
        await peer.speak(b"\xff" * 2400)
        assert phone.quiet_s >= media.now() - begun

    run(script)


def test_sound_that_comes_in_bursts_is_heard_evenly() -> None:
    """Uneven arrival does not tear holes into what the other side hears."""

    async def script(media: Media) -> None:
        one, speaker, _ = await answered(media)
        other, listener, _ = await answered(media)
        one.connect(other)
        await speaker.began.wait()
        sound = tone(700, 1.0)
        for at in range(0, len(sound), 2 * FRAME):
            speaker.send(sound[at : at + FRAME])
            speaker.send(sound[at + FRAME : at + 2 * FRAME])
            await asyncio.sleep(0.04)
        middle = listener.heard()[-RATE // 2 - 800 : -800]
        assert strongest(middle) == pytest.approx(700, abs=5)
        loud = np.abs(from_mu_law(middle)).reshape(-1, FRAME).max(axis=1)
        assert media.counted.late or np.count_nonzero(loud < 0.1) <= len(loud) / 4

    run(script)


def test_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more than there may be is refused; when one is gone its port and place are free again."""
    monkeypatch.setattr(server_media, "PHONES_MAX", 2)

    async def script(media: Media) -> None:
        first, _ = media.phone(EDGE), media.phone(EDGE)
        with pytest.raises(NoPhone, match="2 phones are open"):
            media.phone(EDGE)
        first.close()
        first.close()
        assert media.phone(EDGE).port % 2 == 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as again:
            again.bind((EDGE, first.port))

    run(script)


def test_a_busy_machine() -> None:
    """A few frames that were not sent in time are made up for; of a long stall the rest is counted as late."""

    async def script(media: Media) -> None:
        phone, _, _ = await answered(media)
        await asyncio.sleep(0.1)
        before = phone.counted.sent
        media._due -= 0.5
        await asyncio.sleep(0.03)
        assert media.counted.late >= 18
        assert before < phone.counted.sent <= before + 10

    run(script)
