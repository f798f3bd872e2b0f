"""SIP on sockets: every edge has four addresses on this machine, UDP and TCP, and calls leave from them.

Only loopback is used: what an origination URI names is called if it is an address in 127.0.0.0/8, ``localhost``, or a
name that was given such an address. Everybody else stays simulated. TLS is spoken to others (1.2 or later, their
certificate is not checked: which authorities the provider trusts is not documented); nobody can connect to us by TLS.
"""

from __future__ import annotations

import asyncio
import secrets
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from voicedr.twin.calls.commands import Invite, SipFarEnd
from voicedr.twin.calls.termination import Desk
from voicedr.twin.sip.agent import Agent
from voicedr.twin.sip.dialog import is_loopback
from voicedr.twin.sip.table import Flow
from voicedr.twin.sip.target import NotDiallable, place_of, target_of
from voicedr.twin.world.model import EDGES
from voicedr.wire.sip.framing import Framing
from voicedr.wire.sip.messages import URI, MalformedSip, Request, Response

SIP_PORT = 5060
ADDRESSES_PER_EDGE = 4
"""As many as in the /30 that the provider lists for each (https://www.twilio.com/docs/sip-trunking/ip-addresses)."""

CONNECT_S = 32.0
UNSENT_BYTES_MAX = 1_000_000
"""A connection whose peer reads nothing is cut beyond so much."""

STREAMS_MAX = 10_000


class SipNotStarted(OSError):
    """An address cannot be used. Nothing is left open."""


def edge_addresses(edge: str) -> tuple[str, ...]:
    """The addresses of an edge on this machine."""
    return tuple(f"127.60.{10 + EDGES.index(edge)}.{number}" for number in range(1, ADDRESSES_PER_EDGE + 1))


def read_hosts(given: list[str]) -> dict[str, str]:
    """Read ``name=127.x.y.z[:port]`` pairs.

    Raises:
        ValueError: If one is not of this form, or its address is not on this machine.
    """
    hosts: dict[str, str] = {}
    for one in given:
        name, equals, place = one.partition("=")
        address, colon, port = place.partition(":")
        right_port = not colon or (port.isascii() and port.isdigit() and 0 < int(port) < 65_536)
        if not (name and equals and right_port and is_loopback(address)):
            raise ValueError(f"{one!r} is no host: write name=127.x.y.z:port, e.g. sbc1.acme.example=127.0.0.9:5070")
        hosts[name.lower().rstrip(".")] = place
    return hosts


@dataclass(frozen=True, slots=True)
class NotPlaced:
    """A call that was over before an INVITE was sent."""

    why: str
    sip_code: int = 0
    answered: bool = False
    over: bool = True
    outcome: str = "failed"
    watchers: list[asyncio.Future[None]] = field(default_factory=list)

    def hang_up(self) -> None:
        """There is nothing to hang up."""


class SipServer:
    """Places the calls of trunks on sockets. Made by ``sip_serving``."""

    def __init__(self, hosts: Mapping[str, str]) -> None:
        self._loop = asyncio.get_running_loop()
        self._hosts = hosts
        self._agent = Agent(self._transmit, lambda prefix: prefix + secrets.token_hex(10), self._loop.time)
        self._datagrams: dict[tuple[str, int], asyncio.DatagramTransport] = {}
        self._streams: dict[Flow, _Stream] = {}
        self._connecting: dict[Flow, asyncio.Task[None]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._winding = False
        self._closed = False
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._tls.check_hostname = False
        self._tls.verify_mode = ssl.CERT_NONE
        self.places: dict[str, tuple[tuple[str, int], ...]] = {}
        """Address and UDP port of every edge, four each; TCP is on the same port."""

    def addresses(self) -> dict[str, list[str]]:
        """Every edge's addresses and ports, as text. UDP and TCP listen there; OPTIONS is answered."""
        return {edge: [f"{host}:{port}" for host, port in places] for edge, places in self.places.items()}

    def calls(self, sip_url: str) -> bool:
        """Whether this URI is really called."""
        try:
            uri = URI.parse(sip_url.partition("?")[0])
        except (ValueError, TypeError):
            return False
        return place_of(uri.host, SIP_PORT, self._hosts) is not None

    def invite(self, order: Invite) -> SipFarEnd:
        """Call a URI from an edge's first address; at once, the rest is told to whoever watches."""
        try:
            target = target_of(order, self._hosts)
        except NotDiallable as exc:
            return NotPlaced(str(exc))
        flow = Flow(target.transport, self.places[target.edge][0], target.remote)
        return self._agent.invite(order, target.uri, target.headers, flow)

    def serve(self, desk: Desk) -> None:
        """Ask this desk about calls from outside from now on."""
        self._agent.desk = desk

    def received(self, data: bytes, flow: Flow) -> None:
        """A message came."""
        self._agent.receive(data, flow)

    def lost(self, flow: Flow, why: str) -> None:
        """A connection ended, or could not be made."""
        self._streams.pop(flow, None)
        if not self._closed:
            self._agent.broken(flow, why)

    def _transmit(self, message: Request | Response, flow: Flow) -> None:
        data = bytes(message)
        if not self._winding:
            self._winding = True
            self._loop.call_soon(self._wind)
        if not flow.reliable:
            self._datagrams[flow.local].sendto(data, flow.remote)
            return
        stream = self._streams.get(flow)
        if stream is None:
            stream = self._streams[flow] = _Stream(self, flow)
            self._connecting[flow] = self._loop.create_task(self._connect(stream, flow))
        stream.send(data)

    async def _connect(self, stream: _Stream, flow: Flow) -> None:
        context = self._tls if flow.transport == "tls" else None
        name = flow.remote[0] if context is not None else None
        try:
            async with asyncio.timeout(CONNECT_S):
                await self._loop.create_connection(
                    lambda: stream, *flow.remote, local_addr=(flow.local[0], 0), ssl=context, server_hostname=name
                )
        except (OSError, TimeoutError) as exc:
            what = "TLS" if isinstance(exc, ssl.SSLError) else flow.transport.upper()
            self.lost(flow, f"no {what} connection to {flow.remote[0]}:{flow.remote[1]}: {exc}")
        finally:
            self._connecting.pop(flow, None)

    def _wind(self) -> None:
        """Set the timer to when something is due next. Whatever is sent may make something due."""
        self._winding = False
        if self._timer is not None:
            self._timer.cancel()
        next_at = self._agent.next_at
        self._timer = None
        if next_at is not None and not self._closed:
            self._timer = self._loop.call_later(max(0.001, next_at - self._loop.time()), self._due)

    def _due(self) -> None:
        self._agent.due()
        self._wind()

    async def open(self, port: int) -> list[asyncio.Server]:
        """Bind every address of every edge. Port 0 takes free ones.

        Raises:
            SipNotStarted: If one cannot be used.
        """
        servers: list[asyncio.Server] = []
        for edge in EDGES:
            found = []
            for address in edge_addresses(edge):
                try:
                    server = await self._loop.create_server(lambda: _Stream(self, None), address, port)
                    servers.append(server)
                    bound = server.sockets[0].getsockname()[1]
                    transport, _ = await self._loop.create_datagram_endpoint(
                        lambda: _Datagrams(self), local_addr=(address, bound)
                    )
                except OSError as exc:
                    for server in servers:
                        server.close()
                    raise SipNotStarted(f"SIP cannot use {address}:{port}: {exc.strerror or exc}") from exc
                self._datagrams[(address, bound)] = transport
                found.append((address, bound))
            self.places[edge] = tuple(found)
        return servers

    def took(self, stream: _Stream, flow: Flow) -> bool:
        """Keep a connection that a peer made; False if there are too many."""
        if len(self._streams) >= STREAMS_MAX:
            return False
        self._streams[flow] = stream
        return True

    async def close(self) -> None:
        """Stop where everything stands. No call is told."""
        self._closed = True
        self._wind()
        for transport in self._datagrams.values():
            transport.abort()
        for stream in list(self._streams.values()):
            stream.abort()
        connecting = list(self._connecting.values())
        for task in connecting:
            task.cancel()
        await asyncio.gather(*connecting, return_exceptions=True)


@asynccontextmanager
async def sip_serving(*, port: int = SIP_PORT, hosts: Mapping[str, str] | None = None) -> AsyncIterator[SipServer]:
    """Real SIP while the context lasts.

    Args:
        hosts: Addresses on this machine that stand for names.

    Raises:
        SipNotStarted: If an address or port cannot be used. Nothing is left open.
    """
    server = SipServer(hosts or {})
    listening: list[asyncio.Server] = []
    try:
        listening = await server.open(port)
        yield server
    finally:
        for one in listening:
            one.close()
        await server.close()


class _Datagrams(asyncio.DatagramProtocol):
    """One UDP socket."""

    def __init__(self, server: SipServer) -> None:
        self._server = server
        self._local = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._local = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if data.strip(b"\r\n\0"):  # Keep-alives are empty lines.
            self._server.received(data, Flow("udp", self._local, (addr[0], addr[1])))


class _Stream(asyncio.Protocol):
    """One connection, TCP or TLS, made by us (the flow is known) or by a peer."""

    def __init__(self, server: SipServer, flow: Flow | None) -> None:
        self._server = server
        self._flow = flow
        self._framing = Framing()
        self._transport: asyncio.Transport | None = None
        self._unsent: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        if self._flow is None:
            local, remote = transport.get_extra_info("sockname")[:2], transport.get_extra_info("peername")[:2]
            self._flow = Flow("tcp", local, remote)
            if not self._server.took(self, self._flow):
                self._transport.abort()
        self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def data_received(self, data: bytes) -> None:
        if self._flow is None:
            return
        try:
            messages = self._framing.feed(data)
        except MalformedSip:
            self.abort()
            return
        for message in messages:
            self._server.received(message, self._flow)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._flow is not None:
            self._server.lost(self._flow, f"the connection ended: {exc or 'closed by the peer'}")

    def send(self, data: bytes) -> None:
        """Send, or keep until the connection is there."""
        if self._transport is None:
            self._unsent.append(data)
        elif self._transport.get_write_buffer_size() > UNSENT_BYTES_MAX:
            self.abort()
        else:
            self._transport.write(data)

    def abort(self) -> None:
        """Cut it."""
        if self._transport is not None:
            self._transport.abort()
