"""A twin's SIP sockets in this process, and a client of a few lines that says one thing and hears what comes.

The client knows nothing of ours: it writes the text of RFC 3261 and reads the text that comes back.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from switchboard_scene import NUMBER, SERVES, T0, make_world, put_trunk
from voicedr.twin.server.certificates import Authority
from voicedr.twin.server.sip import SipServer, sip_serving
from voicedr.twin.server.wall_clock import WallClock
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import Party, Trunk, World
from voicedr.twin.world.sip_lists import IpAccessControlList, IpAddress
from voicedr.wire.http import Request, Response, Timeouts

OUTSIDE = "+442079460123"
DOMAIN = "acme.pstn.twilio.com"


@dataclass
class SipTwin:
    """The sockets, and who decides behind them."""

    world: World
    sip: SipServer
    switchboard: Switchboard
    ca_file: Path

    def place(self, edge: str = "ashburn", number: int = 1, *, tls: bool = False) -> tuple[str, int]:
        """One of an edge's addresses and its port."""
        return (self.sip.tls_places if tls else self.sip.places)[edge][number - 1]

    def now(self) -> float:
        """The time that faults are asked at."""
        return time.time()


def trunk_world(*targets: tuple[str, int, int], secure: bool = False) -> tuple[World, Trunk]:
    """A trunk that this machine may call through, without a pace; whoever it calls answers at once."""
    world = make_world()
    world.settings.setup_s = 0.0
    world.settings.termination_calls_per_second = 1e6
    world.parties[OUTSIDE] = Party(after_s=0.0, talks_s=600)
    trunk = put_trunk(world, *targets)
    trunk.secure = secure
    listed = world.regions["us1"].ip_access_control_lists["AL1"] = IpAccessControlList("AL1", "offices", T0, T0)
    listed.addresses["IP1"] = IpAddress("IP1", "office", "127.0.0.0", 8, T0, T0)
    trunk.ip_access_control_lists["AL1"] = T0
    return world, trunk


@asynccontextmanager
async def sip_twin(world: World, directory: Path, *, port: int = 0) -> AsyncIterator[SipTwin]:
    """Serve this world's SIP, with TLS, while the block lasts."""

    async def send(request: Request, timeouts: Timeouts) -> Response:
        return SERVES

    authority = Authority(directory)
    async with sip_serving(port=port, authority=authority) as sip:
        switchboard = Switchboard(world, WallClock(), send, sip=sip)
        try:
            yield SipTwin(world, sip, switchboard, authority.file)
        finally:
            await switchboard.close()


def request(
    method: str, local: tuple[str, int], *, transport: str = "UDP", to: str = OUTSIDE, domain: str = DOMAIN
) -> str:
    """The text of a request outside a dialog."""
    token = secrets.token_hex(6)
    body = ""
    if method == "INVITE":
        body = (
            f"v=0\r\no=pbx 1 1 IN IP4 {local[0]}\r\ns=-\r\nc=IN IP4 {local[0]}\r\nt=0 0\r\n"
            "m=audio 6000 RTP/AVP 0\r\n"
        )  # fmt: skip
    lines = [
        f"{method} sip:{to}@{domain} SIP/2.0",
        f"Via: SIP/2.0/{transport} {local[0]}:{local[1]};branch=z9hG4bK{token};rport",
        f"From: <sip:{NUMBER}@{local[0]}>;tag={token}",
        f"To: <sip:{to}@{domain}>",
        f"Call-ID: {token}@{local[0]}",
        f"CSeq: 1 {method}",
        f"Contact: <sip:pbx@{local[0]}:{local[1]};transport={transport.lower()}>",
        "Max-Forwards: 70",
        *(["Content-Type: application/sdp"] if body else []),
        f"Content-Length: {len(body)}",
    ]
    return "\r\n".join(lines) + "\r\n\r\n" + body


@dataclass
class Heard:
    """What came, and how many seconds after the connection was made."""

    codes: list[int] = field(default_factory=list)
    at_s: list[float] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)
    final: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, text: str) -> None:
        """A message came."""
        self.codes.append(int(text.split(" ", 2)[1]))
        self.at_s.append(time.monotonic() - self.began)
        self.texts.append(text)
        if self.codes[-1] >= 200:
            self.final.set()


class UdpClient(asyncio.DatagramProtocol):
    """Datagrams from one socket."""

    def __init__(self) -> None:
        self.heard = Heard()
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def datagram_received(self, data: bytes, addr: Any) -> None:
        if data.startswith(b"SIP/2.0"):
            self.heard.take(data.decode())


@asynccontextmanager
async def by_udp(source: str, place: tuple[str, int]) -> AsyncIterator[UdpClient]:
    """A client at this address of ours, for one of the twin's."""
    loop = asyncio.get_running_loop()
    transport, client = await loop.create_datagram_endpoint(UdpClient, local_addr=(source, 0), remote_addr=place)
    try:
        yield client
    finally:
        transport.close()


async def ask_by_udp(place: tuple[str, int], method: str, *, source: str = "127.0.0.8", wait_s: float = 3.0) -> Heard:
    """Send one request, once, and hear what comes up to a final response, at most for so many seconds."""
    async with by_udp(source, place) as client:
        local = client.transport.get_extra_info("sockname")
        client.transport.sendto(request(method, local).encode())
        with suppress(TimeoutError):
            await asyncio.wait_for(client.heard.final.wait(), wait_s)
        return client.heard


@asynccontextmanager
async def by_stream(
    place: tuple[str, int], *, tls: ssl.SSLContext | None = None, name: str | None = None
) -> AsyncIterator[StreamClient]:
    """A connection to one of the twin's addresses."""
    reader, writer = await asyncio.wait_for(
        asyncio.open_connection(*place, ssl=tls, server_hostname=name), 5
    )  # fmt: skip
    try:
        yield StreamClient(reader, writer, "TLS" if tls is not None else "TCP")
    finally:
        writer.transport.abort()


@dataclass
class StreamClient:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    transport: str

    async def ask(self, method: str, *, final: bool = True, wait_s: float = 3.0, **more: Any) -> int | None:
        """Send one request and give the code of its final response, or of its first; None if none came."""
        local = self.writer.get_extra_info("sockname")[:2]
        self.writer.write(request(method, local, transport=self.transport, **more).encode())
        try:
            async with asyncio.timeout(wait_s):
                while True:
                    head = (await self.reader.readuntil(b"\r\n\r\n")).decode()
                    size = next(
                        int(line.partition(":")[2])
                        for line in head.split("\r\n")
                        if line.lower().startswith("content-length:")
                    )
                    await self.reader.readexactly(size)
                    code = int(head.split(" ", 2)[1])
                    if code >= 200 or not final:
                        return code
        except TimeoutError:
            return None


def trusting(ca_file: Path) -> ssl.SSLContext:
    """A client that trusts the twin's authority and nobody else."""
    return ssl.create_default_context(cafile=str(ca_file))
