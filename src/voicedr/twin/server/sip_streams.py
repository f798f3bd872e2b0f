"""One socket of real SIP: datagrams, a connection, and the door through which connections of peers come."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from contextlib import suppress
from typing import Any, Protocol, cast

from voicedr.twin.sip.table import Flow
from voicedr.wire.sip.framing import Framing
from voicedr.wire.sip.messages import MalformedSip

UNSENT_BYTES_MAX = 1_000_000
"""A connection whose peer reads nothing is cut beyond so much."""

HANDSHAKE_S = 10.0
ACCEPT_AGAIN_S = 0.1
BACKLOG = 1024


class Exchange(Protocol):
    """Whoever the sockets belong to."""

    def received(self, data: bytes, flow: Flow) -> None:
        """A message came."""
        ...

    def lost(self, flow: Flow, why: str) -> None:
        """A connection ended, or could not be made."""
        ...

    def comes(self, opened: socket.socket, flow: Flow) -> None:
        """A peer made a connection."""
        ...


class Datagrams(asyncio.DatagramProtocol):
    """One UDP socket."""

    def __init__(self, server: Exchange) -> None:
        self._server = server
        self._local = ("", 0)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._local = transport.get_extra_info("sockname")[:2]

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        if data.strip(b"\r\n\0"):  # Keep-alives are empty lines.
            self._server.received(data, Flow("udp", self._local, (addr[0], addr[1])))


class Stream(asyncio.Protocol):
    """One connection, TCP or TLS."""

    def __init__(self, server: Exchange, flow: Flow) -> None:
        self._server = server
        self.flow = flow
        self._framing = Framing()
        self._transport: asyncio.Transport | None = None
        self._unsent: list[bytes] = []
        self.deaf = False
        """What comes is thrown away: whoever connected is left waiting."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transport.write(b"".join(self._unsent))
        self._unsent.clear()

    def data_received(self, data: bytes) -> None:
        if self.deaf:
            return
        try:
            messages = self._framing.feed(data)
        except MalformedSip:
            self.abort()
            return
        for message in messages:
            self._server.received(message, self.flow)

    def connection_lost(self, exc: Exception | None) -> None:
        self._server.lost(self.flow, f"the connection ended: {exc or 'closed by the peer'}")

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


class Door:
    """A listening socket, TCP or TLS. What becomes of a connection is decided before anything is said on it.

    Raises:
        OSError: If the address cannot be used.
    """

    def __init__(self, server: Exchange, address: str, port: int, *, tls: bool) -> None:
        self._server = server
        self._tls = tls
        self._listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self._listening.bind((address, port))
            self._listening.listen(BACKLOG)
        except OSError:
            self._listening.close()
            raise
        self._listening.setblocking(False)
        self.place: tuple[str, int] = self._listening.getsockname()
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            try:
                opened, remote = await loop.sock_accept(self._listening)
            except OSError:  # The peer has gone again, or we have no file descriptor left.
                await asyncio.sleep(ACCEPT_AGAIN_S)
                continue
            opened.setblocking(False)
            self._server.comes(opened, Flow("tls" if self._tls else "tcp", self.place, remote[:2]))

    async def close(self) -> None:
        """Let nobody in any more."""
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._listening.close()


def reset(opened: socket.socket) -> None:
    """End a connection the hard way."""
    with suppress(OSError):  # It may be closed already.
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    opened.close()


async def let_in(stream: Stream, server: Exchange, opened: socket.socket, context: ssl.SSLContext | None) -> None:
    """Make a stream of a peer's connection, by TLS if there is a context. If that fails, ``lost`` is told."""
    loop, flow = asyncio.get_running_loop(), stream.flow
    handshake_s = HANDSHAKE_S if context is not None else None
    try:
        await loop.connect_accepted_socket(lambda: stream, opened, ssl=context, ssl_handshake_timeout=handshake_s)
    except (OSError, TimeoutError) as exc:
        opened.close()
        server.lost(flow, f"no {flow.transport.upper()} with {flow.remote[0]}:{flow.remote[1]}: {exc}")
