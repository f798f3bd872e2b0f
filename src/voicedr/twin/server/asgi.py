"""The twin as an ASGI application, and the uvicorn protocol that lets it break a connection.

ASGI has no way to end a connection without a response, and a provider that is down gives none. So the protocol puts its
transport into the scope, and the application closes it.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from email.utils import formatdate
from typing import Any

import msgspec
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from voicedr.twin.api.broken import HELD_S_MAX, Broken
from voicedr.twin.server.panel import panel
from voicedr.twin.server.visitors import refusal
from voicedr.twin.twin import Twin, is_provider
from voicedr.wire.http import Failure, Request, Response

Receive = Callable[[], Awaitable[dict[str, Any]]]
SendEvent = Callable[[dict[str, Any]], Awaitable[None]]

BODY_BYTES_MAX = 4 * 1024 * 1024
"""More than any request of the provider's API or of the control API needs."""

TRANSPORT = "voicedr.transport"

_TOO_LARGE = Response(413, (("Content-Type", "text/plain"),), b"The body is larger than 4 MiB.\n")
_HELD = (Failure.READ_TIMEOUT, Failure.CONNECT_TIMEOUT)


class BreakableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP/1.1, with the connection's transport in the scope."""

    def on_message_begin(self) -> None:
        """A request begins on this connection."""
        super().on_message_begin()
        self.scope[TRANSPORT] = self.transport  # type: ignore[literal-required]


class Application:
    """Hands each request to the twin and writes what comes back."""

    def __init__(self, twin: Twin) -> None:
        self._twin = twin

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: SendEvent) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        try:
            await self._answer(scope, receive, send)
        except asyncio.CancelledError:
            # The server ends and has aborted this connection: there is nobody to answer, and nothing went wrong.
            await _gone(receive)

    async def _answer(self, scope: dict[str, Any], receive: Receive, send: SendEvent) -> None:
        body = await _body(receive)
        answer: Response | Broken = _TOO_LARGE if body is None else await self._asked(_request(scope, body), scope)
        if isinstance(answer, Broken):
            await _break(scope[TRANSPORT], answer, receive)
            return
        headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        headers.append((b"content-length", str(len(answer.body)).encode()))
        if answer.header("date") is None:
            # A server that has a clock says the time with every answer (RFC 9110 section 6.6.1).
            headers.append((b"date", formatdate(usegmt=True).encode("ascii")))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    async def _asked(self, request: Request, scope: dict[str, Any]) -> Response | Broken:
        if not is_provider(request.header("host") or ""):
            path = scope["path"]
            reason = refusal(request, path)
            if reason is not None:
                return Response(403, (("Content-Type", "application/json"),), msgspec.json.encode({"error": reason}))
            page = panel(request.method, path)
            if page is not None:
                return page
        return await self._twin.answer(request)


def _request(scope: dict[str, Any], body: bytes) -> Request:
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"])
    host = next((value for name, value in headers if name == "host"), "")
    query = scope["query_string"].decode("latin-1")
    path = scope["raw_path"].decode("latin-1")
    return Request(scope["method"], f"http://{host}{path}?{query}" if query else f"http://{host}{path}", headers, body)


async def _body(receive: Receive) -> bytes | None:
    event = await receive()
    body: bytes = event.get("body", b"")
    if not event.get("more_body"):
        return body
    parts, size = [body], len(body)
    while event.get("more_body"):
        event = await receive()
        parts.append(event.get("body", b""))
        size += len(parts[-1])
        if size > BODY_BYTES_MAX:
            return None
    return b"".join(parts)


async def _break(transport: asyncio.Transport, broken: Broken, receive: Receive) -> None:
    """End the connection without a response: at once, or, for a time-out, when the client leaves."""
    if broken.failure in _HELD:
        try:
            async with asyncio.timeout(min(broken.after_s or HELD_S_MAX, HELD_S_MAX)):
                await _gone(receive)
        except TimeoutError:
            pass
    elif broken.after_s:
        await asyncio.sleep(broken.after_s)
    if not transport.is_closing():
        if broken.failure is Failure.RESET:
            _reset_on_close(transport)
        transport.abort()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Wait until the connection is closed; uvicorn then expects no response. Of one that is aborted this is at once."""
    while (await receive())["type"] != "http.disconnect":
        pass


def _reset_on_close(transport: asyncio.Transport) -> None:
    """Let the close be a TCP reset: lingering for 0 seconds throws away what is unsent and says RST."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
