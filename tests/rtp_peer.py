"""The sound side of a SIP peer, written apart from the product: it keeps every RTP packet that comes and can send."""

from __future__ import annotations

import asyncio
import struct
from dataclasses import dataclass, field
from typing import Any, cast

import numpy as np

FRAME = 160
RATE = 8000
EAR_PORT = 7000
"""SIPp has one of its own at 6000."""


def from_mu_law(coded: bytes) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Samples between -1 and 1, by the formula of ITU-T G.711."""
    code = ~np.frombuffer(coded, np.uint8)
    exponent, mantissa = (code >> 4) & 7, (code & 15).astype(np.float64)
    size = (2.0**exponent * (mantissa * 2 + 33) - 33) / 8159.0
    return np.where(code & 0x80, -size, size)


def to_mu_law(samples: np.ndarray[Any, np.dtype[np.float64]]) -> bytes:
    """The nearest code of each sample."""
    levels = from_mu_law(bytes(range(256)))
    order = np.argsort(levels)
    places = np.searchsorted((levels[order][1:] + levels[order][:-1]) / 2, samples)
    return bytes(order[places].astype(np.uint8))


def tone(frequency: float, seconds: float) -> bytes:
    """A tone, mu-law."""
    return to_mu_law(0.3 * np.sin(2 * np.pi * frequency * np.arange(int(seconds * RATE)) / RATE))


def strongest(coded: bytes) -> float:
    """The frequency that is loudest in it; 0 if there is nothing to be heard."""
    sound = from_mu_law(coded)
    if len(sound) < FRAME or np.sqrt(np.mean(sound**2)) < 0.01:
        return 0.0
    return float(np.argmax(np.abs(np.fft.rfft(sound * np.hanning(len(sound)))))) * RATE / len(sound)


def likeness(heard: np.ndarray[Any, np.dtype[np.float64]], source: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """The best normalised correlation of the source with any stretch of what was heard, 1 if it is all there."""
    if len(heard) < len(source):
        return 0.0
    size = len(heard) + len(source)
    found = np.fft.irfft(np.fft.rfft(heard, size) * np.conj(np.fft.rfft(source, size)), size)[
        : len(heard) - len(source) + 1
    ]
    at = int(np.argmax(found))
    stretch = heard[at : at + len(source)]
    return float(found[at] / (np.linalg.norm(stretch) * np.linalg.norm(source) + 1e-12))


@dataclass
class RtpPeer(asyncio.DatagramProtocol):
    """A socket. ``packets`` are what came, oldest first: arrival, type, number, timestamp, payload."""

    packets: list[tuple[float, int, int, int, bytes]] = field(default_factory=list)
    transport: asyncio.DatagramTransport | None = None
    source: tuple[str, int] | None = None
    number: int = 1
    began: asyncio.Event = field(default_factory=asyncio.Event)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        first, second, number, timestamp, _ = struct.unpack("!BBHII", data[:12])
        assert first == 0x80
        self.source = (addr[0], addr[1])
        self.began.set()
        self.packets.append((asyncio.get_running_loop().time(), second & 0x7F, number, timestamp, data[12:]))

    def send(self, payload: bytes, payload_type: int = 0, *, timestamp: int | None = None) -> None:
        """Send one packet to where the last one came from."""
        assert self.transport is not None
        assert self.source is not None
        at = self.number * FRAME if timestamp is None else timestamp
        self.transport.sendto(struct.pack("!BBHII", 0x80, payload_type, self.number, at, 0x1234) + payload, self.source)
        self.number += 1

    async def speak(self, coded: bytes) -> None:
        """Send sound at its pace, once somebody is there."""
        await self.began.wait()
        loop = asyncio.get_running_loop()
        due = loop.time()
        for at in range(0, len(coded) - FRAME + 1, FRAME):
            self.send(coded[at : at + FRAME])
            due += 0.02
            await asyncio.sleep(max(0.0, due - loop.time()))

    def heard(self, payload_type: int = 0) -> bytes:
        """The sound that came, as it came."""
        return b"".join(payload for _, kind, _, _, payload in self.packets if kind == payload_type)

    def close(self) -> None:
        """Take nothing any more."""
        if self.transport is not None:
            self.transport.close()


async def rtp_peer(host: str, port: int = EAR_PORT) -> RtpPeer:
    """A socket on this address."""
    _, peer = await asyncio.get_running_loop().create_datagram_endpoint(RtpPeer, local_addr=(host, port))
    return peer
