"""Small servers on loopback that treat a connection exactly as a test says, and a SocketSend that talks to them."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from voicedr.adapters.http.sockets import SocketSend
from voicedr.wire.http import AnswerLost, NotDelivered, Request, Response, Timeouts

Peer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
QUICK = Timeouts(connect_s=0.3, total_s=0.3)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi"


@asynccontextmanager
async def listening(peer: Peer, tls: ssl.SSLContext | None = None) -> AsyncIterator[int]:
    """A small server on a free loopback port that treats each connection as it is told."""

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await peer(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", 0, ssl=tls)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


async def read_request(reader: asyncio.StreamReader) -> bytes:
    """Read one request, its body included."""
    head = await reader.readuntil(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            return head + await reader.readexactly(int(line.split(b":")[1]))
    return head


def answering(*answers: bytes, seen: list[bytes] | None = None) -> Peer:
    """Give one answer to each request of a connection, then close it."""

    async def peer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        for answer in answers:
            request = await read_request(reader)
            if seen is not None:
                seen.append(request)
            writer.write(answer)
            await writer.drain()

    return peer


def exchange(
    peer: Peer, request: Request, timeouts: Timeouts = QUICK, tls: ssl.SSLContext | None = None, **options: object
) -> Response:
    """Send one request to a peer through ``address`` and give the response, or raise what came."""

    async def main() -> Response:
        async with listening(peer, tls) as port:
            address = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
            async with SocketSend(address=address, **options) as send:  # type: ignore[arg-type]
                return await send(request, timeouts)

    return asyncio.run(main())


def broken(
    peer: Peer, method: str = "POST", tls: ssl.SSLContext | None = None, **options: object
) -> NotDelivered | AnswerLost:
    """The exception of an exchange that breaks."""
    with pytest.raises((NotDelivered, AnswerLost)) as caught:
        exchange(
            peer, Request(method, "http://api.example/x", (), b"a=1" if method == "POST" else b""), tls=tls, **options
        )
    return caught.value  # type: ignore[return-value]
