"""What the ASGI parts share: types, a whole body with its limits, and an answer that is sent in one piece."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

WEBHOOK = "voicedr.webhook"
"""Where a scope, or a WSGI environment, has the webhook that was let through."""


class TooLarge(Exception):
    """The body is longer than is read."""


class TooSlow(Exception):
    """The body was not whole in time."""


class Gone(Exception):
    """The client left in the middle of its request."""


def headers_of(scope: Scope) -> dict[str, str]:
    """Headers with their names in lower case; of one that comes again all values, with commas (RFC 9110 5.3)."""
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return headers


async def body_of(scope: Scope, receive: Receive, bytes_max: int, seconds_max: float) -> bytes:
    """The whole body.

    Raises:
        TooLarge: If it is longer, or says that it will be. It was not read to its end.
        TooSlow: If it was not whole in time.
        Gone: If the client left.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit() and (len(value) > 12 or int(value) > bytes_max):
            raise TooLarge
    event = await _next(receive, seconds_max)
    if not event.get("more_body"):
        body = event.get("body", b"")
        if len(body) > bytes_max:
            raise TooLarge
        return bytes(body)
    read = bytearray(event.get("body", b""))
    try:
        async with asyncio.timeout(seconds_max):
            while event.get("more_body"):
                event = await _next(receive, None)
                read += event.get("body", b"")
                if len(read) > bytes_max:
                    raise TooLarge
    except TimeoutError as exc:
        raise TooSlow from exc
    return bytes(read)


async def _next(receive: Receive, seconds_max: float | None) -> Event:
    try:
        async with asyncio.timeout(seconds_max):
            event = await receive()
    except TimeoutError as exc:
        raise TooSlow from exc
    if event["type"] == "http.disconnect":
        raise Gone
    return event


def again(body: bytes, receive: Receive) -> Receive:
    """A ``receive`` that gives a body that was read already, and then what the server has."""
    given = False

    async def once_more() -> Event:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return once_more


async def answer(send: Send, status: int, kind: str, body: bytes, *, closes: bool = False) -> None:
    """A whole answer. ``closes``: the connection ends with it, as there is a body that nobody reads."""
    headers = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    if closes:
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
