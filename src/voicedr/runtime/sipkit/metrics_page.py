"""The page with the metrics, over HTTP: one path, one method, and an end to everything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress

from voicedr.runtime.sipkit.metrics import CONTENT_TYPE

REQUEST_BYTES_MAX = 8 * 1024
REQUEST_S = 5.0
CONNECTIONS_MAX = 20
"""A scraper or two, and somebody with a browser."""


class PageNotServed(OSError):
    """The port cannot be used. Nothing is left open."""


@asynccontextmanager
async def metrics_served(host: str, port: int, page: Callable[[], str]) -> AsyncIterator[int]:
    """Serve ``/metrics`` while the context lasts; gives the port.

    Args:
        port: 0 takes a free one.
        page: What is shown; empty until there is something.

    Raises:
        PageNotServed: If the port cannot be used.
    """
    open_now = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal open_now
        if open_now >= CONNECTIONS_MAX:
            writer.transport.abort()
            return
        open_now += 1
        try:
            with suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                async with asyncio.timeout(REQUEST_S):
                    head = await reader.readuntil(b"\r\n\r\n")
                    writer.write(_answer(head, page()))
                    await writer.drain()
        finally:
            open_now -= 1
            writer.close()

    try:
        server = await asyncio.start_server(serve, host, port, limit=REQUEST_BYTES_MAX)
    except OSError as exc:
        raise PageNotServed(f"{host}:{port} cannot be used: {exc.strerror or exc}") from exc
    async with server:
        yield server.sockets[0].getsockname()[1]


def _answer(head: bytes, page: str) -> bytes:
    method, _, rest = head.partition(b" ")
    path = rest.partition(b" ")[0].partition(b"?")[0]
    if path != b"/metrics":
        status, body = "404 Not Found", "the page is /metrics\n"
    elif method not in (b"GET", b"HEAD"):
        status, body = "405 Method Not Allowed", "GET\n"
    elif not page:
        status, body = "503 Service Unavailable", "the first round is not over\n"
    else:
        status, body = "200 OK", page
    data = body.encode()
    headers = (
        f"HTTP/1.1 {status}\r\nContent-Type: {CONTENT_TYPE}\r\nContent-Length: {len(data)}\r\nConnection: close\r\n\r\n"
    )
    return headers.encode() + (b"" if method == b"HEAD" else data)
