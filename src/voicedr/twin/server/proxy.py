"""A forward proxy for official clients: CONNECT, then the bytes go to the twin's TLS listener.

The client believes that it speaks to the provider: it names the provider's host and checks a certificate for it. A name
that does not resolve, or a Region that refuses connections, is 502 here; that is how a proxy says it could not connect.
"""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress

from voicedr.twin.api.broken import HELD_S_MAX
from voicedr.twin.twin import Twin
from voicedr.wire.http import Failure

HEAD_BYTES_MAX = 16 * 1024
HEAD_TIMEOUT_S = 30.0
CHUNK_BYTES = 64 * 1024
QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)
"""Linux only (tcp(7)); elsewhere the client waits."""

_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


class Proxy:
    """Serves connections of an ``asyncio.start_server``.

    Args:
        tls_port: The twin's TLS listener on 127.0.0.1.
    """

    def __init__(self, twin: Twin, tls_port: int) -> None:
        self._twin = twin
        self._tls_port = tls_port

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from CONNECT to the end of its bytes."""
        try:
            await self._serve(reader, writer)
        except (ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            # The client left or never finished its request: there is nobody to tell.
            return
        finally:
            writer.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async with asyncio.timeout(HEAD_TIMEOUT_S):
            head = await reader.readuntil(b"\r\n\r\n")
        method, _, rest = head.partition(b"\r\n")[0].decode("latin-1").partition(" ")
        if method != "CONNECT":
            await _say(writer, 405, f"This proxy takes CONNECT for https addresses, and got {method}.")
            return
        host = rest.partition(" ")[0].rpartition(":")[0]
        failure = self._twin.tunnel(host)
        if failure is Failure.TLS_NAME_MISMATCH:
            failure = None  # The certificate that it will see says so itself.
        if failure in (Failure.READ_TIMEOUT, Failure.CONNECT_TIMEOUT):
            await _hold(reader)
            return
        if failure is not None:
            await _say(writer, 502, f"{host}: {failure.value}. The twin serves the provider's hosts only.")
            return
        inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self._tls_port)
        try:
            writer.write(_ESTABLISHED)
            await writer.drain()
            await _pump_both(reader, writer, inner_reader, inner_writer)
        finally:
            inner_writer.close()


async def _hold(reader: asyncio.StreamReader) -> None:
    async with asyncio.timeout(HELD_S_MAX):
        while await reader.read(CHUNK_BYTES):
            pass


async def _pump_both(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    inner_reader: asyncio.StreamReader,
    inner_writer: asyncio.StreamWriter,
) -> None:
    """Pass bytes both ways until either side ends: a connection that the twin breaks is broken for the client too."""
    ways = {
        asyncio.create_task(_pump(reader, inner_writer, writer)),
        asyncio.create_task(_pump(inner_reader, writer)),
    }
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _pump(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, client: asyncio.StreamWriter | None = None
) -> None:
    """Pass bytes on. ``client`` is whose bytes they are, if each must be acknowledged at once.

    urllib3 lets Nagle's algorithm work towards a proxy and sends a request's head and body apart, so the body waits
    for the acknowledgement of the head, and our kernel delays that by 40 ms because there is nothing to send with it.
    """
    connection = client.get_extra_info("socket") if client is not None and QUICK_ACK is not None else None
    while chunk := await reader.read(CHUNK_BYTES):
        if connection is not None:
            # The kernel goes back to delaying by itself, so it is told each time.
            with suppress(OSError):  # It may be closed already; then there is nobody to acknowledge to.
                connection.setsockopt(socket.IPPROTO_TCP, QUICK_ACK, 1)
        writer.write(chunk)
        await writer.drain()


async def _say(writer: asyncio.StreamWriter, status: int, message: str) -> None:
    body = (message + "\n").encode()
    head = f"HTTP/1.1 {status} \r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    writer.write(head.encode() + body)
    await writer.drain()
