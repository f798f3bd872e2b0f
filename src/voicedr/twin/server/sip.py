"""SIP on sockets: every edge has four addresses on this machine, UDP, TCP and TLS, and calls leave from them.

Only loopback is used: what an origination URI names is called if it is an address in 127.0.0.0/8, ``localhost``, or a
name that was given such an address. Everybody else stays simulated. TLS is 1.2 or later both ways
(https://www.twilio.com/docs/sip-trunking). We show a certificate of the twin's own authority; a peer's is not checked:
which authorities the provider trusts is not documented.
"""

from __future__ import annotations

import asyncio
import secrets
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace

from voicedr.twin.calls.arrival import Desk
from voicedr.twin.calls.commands import Device, FarEnd, Invite, Registration, SipFarEnd
from voicedr.twin.faults.where import ADDRESSES_PER_EDGE
from voicedr.twin.server.certificates import Authority
from voicedr.twin.server.media import Media
from voicedr.twin.server.sip_gate import Gate
from voicedr.twin.server.sip_streams import Datagrams, Door, Stream, let_in, reset
from voicedr.twin.sip.agent import Agent
from voicedr.twin.sip.dialog import is_loopback
from voicedr.twin.sip.names import Places
from voicedr.twin.sip.outgoing import Way
from voicedr.twin.sip.table import Flow
from voicedr.twin.sip.target import LEGACY_EDGES, NotDiallable, place_of, target_of
from voicedr.twin.world.model import EDGES
from voicedr.wire.sip.messages import URI, Request, Response

SIP_PORT = 5060
CONNECT_S = 32.0
HELD_MAX = 10_000
"""Messages that a fault holds back at once; more are lost."""

STREAMS_MAX = 10_000


class SipNotStarted(OSError):
    """An address cannot be used. Nothing is left open."""


def edge_addresses(edge: str) -> tuple[str, ...]:
    """The addresses of an edge on this machine."""
    return tuple(f"127.60.{10 + EDGES.index(edge)}.{number}" for number in range(1, ADDRESSES_PER_EDGE + 1))


def sip_names() -> tuple[str, ...]:
    """What a certificate of the edges must be good for. A wildcard covers one label.

    Assumption: the names that lead there are what the provider's certificates are good for.
    """
    places = ["", *(f"{place}." for place in (*EDGES, *LEGACY_EDGES))]
    named = (f"*.{product}.{place}twilio.com" for product in ("pstn", "sip") for place in places)
    return (*named, *(f"*.{edge}.twilio.com" for edge in EDGES))


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
    phone: None = None
    call_id: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    redirected: bool = False
    redirect_failed: str = ""
    refer_to: str = ""
    referred: int = 0
    watchers: list[asyncio.Future[None]] = field(default_factory=list)

    def hang_up(self) -> None:
        """There is nothing to hang up."""

    def let_refer(self) -> None:
        """Nobody asks."""

    def tie(self, other: FarEnd) -> None:
        """It is over already."""
        other.hang_up()

    def refer(self, uri: str) -> None:
        """Nobody can be asked."""


class SipServer:
    """Places the calls of trunks on sockets. Made by ``sip_serving``."""

    def __init__(self, hosts: Mapping[str, str], media: Media | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._hosts = hosts
        self._agent = Agent(self._transmit, lambda prefix: prefix + secrets.token_hex(10), self._loop.time)
        self._agent.edge_of = self._edge_of
        self._agent.redirect = self._redirected
        self.media = media
        if media is not None:
            self._agent.phones = media.phone
        self._datagrams: dict[tuple[str, int], asyncio.DatagramTransport] = {}
        self._streams: dict[Flow, Stream] = {}
        self._connecting: dict[Flow, asyncio.Task[None]] = {}
        self._doors: list[Door] = []
        self._held = 0
        self._numbers: dict[str, tuple[str, int]] = {}
        self._gate = Gate(self._numbers, self._put)
        self._shown: ssl.SSLContext | None = None
        self._expired: ssl.SSLContext | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._winding = False
        self._closed = False
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._tls.minimum_version = ssl.TLSVersion.TLSv1_2
        self._tls.check_hostname = False
        self._tls.verify_mode = ssl.CERT_NONE
        self.places: dict[str, tuple[tuple[str, int], ...]] = {}
        """Address and UDP port of every edge, four each; TCP is on the same port."""
        self.tls_places: dict[str, tuple[tuple[str, int], ...]] = {}
        """The same for TLS; empty without an authority."""

    def addresses(self) -> dict[str, list[str]]:
        """Every edge's addresses and ports, as text. UDP and TCP listen there; OPTIONS is answered."""
        return _as_text(self.places)

    def tls_addresses(self) -> dict[str, list[str]]:
        """The same for TLS."""
        return _as_text(self.tls_places)

    def known_places(self) -> Places:
        """What names lead to."""
        return Places(self.places, self.tls_places, self._hosts)

    def calls(self, sip_url: str) -> bool:
        """Whether this URI is really called."""
        try:
            uri = URI.parse(sip_url.partition("?")[0])
        except (ValueError, TypeError):
            return False
        return place_of(uri.host, SIP_PORT, self._hosts) is not None

    def invite(self, order: Invite) -> SipFarEnd:
        """Call a URI from an edge's first address, or devices by the ways that they registered by.

        At once; the rest is told to whoever watches.
        """
        if order.bindings:
            ways = self._agent.ways_to(order.bindings)
            return self._agent.call(order, ways) if ways else NotPlaced("its devices are not registered any more")
        try:
            return self._agent.call(order, [self._way(order)])
        except NotDiallable as exc:
            return NotPlaced(str(exc))

    def registered(self, user: str, domain: str) -> tuple[Device, ...]:
        """The devices that are registered at an address of record now."""
        return self._agent.registered(user, domain)

    def registrations(self) -> list[Registration]:
        """Every device that is registered now."""
        return self._agent.registrar.shown()

    def _way(self, order: Invite) -> Way:
        target = target_of(order, self._hosts)
        from_ = self.tls_places if target.transport == "tls" and self.tls_places else self.places
        flow = Flow(target.transport, from_[target.edge][0], target.remote)
        return Way(target.uri, flow, target.edge, target.headers)

    def _redirected(self, order: Invite, uri: URI, way: Way) -> Way | str:
        """Where a 302 leads; from the edge that the call had before."""
        if uri.host.lower().rstrip(".").endswith((".sip.twilio.com", ".pstn.twilio.com")):
            return f"it leads to {uri.host}, which is the provider's"
        try:
            return self._way(replace(order, sip_url=str(uri), edge=way.edge, to="" if uri.user else order.to))
        except NotDiallable as exc:
            return f"it leads nowhere: {exc}"

    def _edge_of(self, flow: Flow) -> str:
        return self._numbers.get(flow.local[0], ("ashburn", 1))[0]

    def serve(self, desk: Desk) -> None:
        """Ask this desk about calls from outside from now on."""
        self._agent.desk = desk
        self._gate.ground = desk

    def received(self, data: bytes, flow: Flow) -> None:
        """A message came."""
        if self._gate.takes(data, flow):
            self._agent.receive(data, flow)

    def comes(self, opened: socket.socket, flow: Flow) -> None:
        """A peer made a connection."""
        effect = self._gate.opened(flow)
        if effect.resets or len(self._streams) >= STREAMS_MAX:
            reset(opened)
            return
        stream = self._streams[flow] = Stream(self, flow)
        stream.deaf = effect.silent
        context = None
        if flow.transport == "tls" and not stream.deaf:
            context = self._expired if effect.certificate_expired else self._shown
        task = self._connecting[flow] = self._loop.create_task(let_in(stream, self, opened, context))
        task.add_done_callback(lambda _: self._connecting.pop(flow, None))

    def lost(self, flow: Flow, why: str) -> None:
        """A connection ended, or could not be made."""
        self._streams.pop(flow, None)
        if not self._closed:
            self._agent.broken(flow, why)

    def _transmit(self, message: Request | Response, flow: Flow) -> None:
        if not self._winding:
            self._winding = True
            self._loop.call_soon(self._wind)
        self._gate.sends(message, flow)

    def _put(self, message: Request | Response, flow: Flow, delay_s: float) -> None:
        """Send a message, now or so many seconds later."""
        data = bytes(message)
        if delay_s <= 0:
            self._write(data, flow)
        elif self._held < HELD_MAX:
            self._held += 1
            self._loop.call_later(delay_s, self._release, data, flow)

    def _release(self, data: bytes, flow: Flow) -> None:
        self._held -= 1
        if not self._closed:
            self._write(data, flow)

    def _write(self, data: bytes, flow: Flow) -> None:
        if not flow.reliable:
            self._datagrams[flow.local].sendto(data, flow.remote)
            return
        stream = self._streams.get(flow)
        if stream is None:
            stream = self._streams[flow] = Stream(self, flow)
            self._connecting[flow] = self._loop.create_task(self._connect(stream, flow))
        stream.send(data)

    async def _connect(self, stream: Stream, flow: Flow) -> None:
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

    async def open(self, port: int, tls_port: int, authority: Authority | None) -> None:
        """Bind every address of every edge. Port 0 takes free ones.

        Raises:
            SipNotStarted: If one cannot be used; ``close`` is still to be called.
        """
        if authority is not None:
            self._shown = authority.server("pstn.twilio.com (twin)", sip_names())
            self._expired = authority.server("pstn.twilio.com (twin)", sip_names(), expired=True)
        for edge in EDGES:
            found, secured = [], []
            for number, address in enumerate(edge_addresses(edge), 1):
                self._numbers[address] = (edge, number)
                wanted = port
                try:
                    self._doors.append(Door(self, address, port, tls=False))
                    place = self._doors[-1].place
                    self._datagrams[place], _ = await self._loop.create_datagram_endpoint(
                        lambda: Datagrams(self), local_addr=place
                    )
                    found.append(place)
                    if authority is not None:
                        wanted = tls_port
                        self._doors.append(Door(self, address, tls_port, tls=True))
                        secured.append(self._doors[-1].place)
                except OSError as exc:
                    raise SipNotStarted(f"SIP cannot use {address}:{wanted}: {exc.strerror or exc}") from exc
            self.places[edge] = tuple(found)
            if secured:
                self.tls_places[edge] = tuple(secured)

    async def close(self) -> None:
        """Stop where everything stands. No call is told."""
        self._closed = True
        self._wind()
        for door in self._doors:
            await door.close()
        for transport in self._datagrams.values():
            transport.abort()
        for stream in list(self._streams.values()):
            stream.abort()
        connecting = list(self._connecting.values())
        for task in connecting:
            task.cancel()
        await asyncio.gather(*connecting, return_exceptions=True)
        if self.media is not None:
            await self.media.close()


@asynccontextmanager
async def sip_serving(
    *,
    port: int = SIP_PORT,
    hosts: Mapping[str, str] | None = None,
    authority: Authority | None = None,
    tls_port: int | None = None,
    sound: bool = True,
    near: Callable[[str], bool] = is_loopback,
) -> AsyncIterator[SipServer]:
    """Real SIP while the context lasts.

    Args:
        hosts: Addresses on this machine that stand for names.
        authority: Signs what TLS shows; without it nobody can connect by TLS.
        tls_port: None takes the one after ``port``, or free ones if that is 0.
        sound: Send and take RTP; without it every description says ``inactive``.
        near: Which addresses RTP is sent to and taken from.

    Raises:
        SipNotStarted: If an address or port cannot be used. Nothing is left open.
    """
    server = SipServer(hosts or {}, Media(near=near) if sound else None)
    try:
        secure_port = tls_port if tls_port is not None else port + 1 if port else 0
        await server.open(port, secure_port, authority)
        yield server
    finally:
        await server.close()


def _as_text(places: Mapping[str, Sequence[tuple[str, int]]]) -> dict[str, list[str]]:
    return {edge: [f"{host}:{port}" for host, port in found] for edge, found in places.items()}
