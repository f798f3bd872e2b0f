"""Asks an ASGI application without a socket, signed as the provider signs."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from voicedr.wire.signatures import sign

BASE = "https://spare.example"
CALL = {
    "CallSid": "CA" + "0" * 32,
    "AccountSid": "AC" + "0" * 32,
    "From": "+16465550001",
    "To": "+14155550100",
    "CallStatus": "ringing",
}
FORM = "application/x-www-form-urlencoded"

Asgi = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True)
class Came:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


async def ask(
    app: Asgi,
    method: str,
    url: str,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes | Sequence[bytes] = b"",
    *,
    peer: str | None = "203.0.113.9",
    server_sees: str | None = None,
    pause_s: float = 0.0,
) -> Came:
    """One request. ``server_sees``: the URL as it reaches this server, if a proxy changed it."""
    parts = urlsplit(server_sees or url)
    pieces = [body] if isinstance(body, bytes) else list(body)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        if pause_s:
            await asyncio.sleep(pause_s)
        piece = pieces.pop(0) if pieces else b""
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(event: Any) -> None:
        sent.append(event)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": parts.scheme,
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "client": (peer, 5) if peer else None,
        "headers": [
            (b"host", parts.netloc.rpartition("@")[2].encode()),
            *((name.lower().encode(), value.encode("latin-1")) for name, value in headers),
        ],
    }
    await app(scope, receive, send)
    got = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return Came(sent[0]["status"], got, b"".join(event.get("body", b"") for event in sent[1:]))


def signed(token: str, url: str, fields: dict[str, str] | None = None, **more: str) -> tuple[str, str, Any, bytes]:
    """Method, URL, headers and body of a form POST."""
    params = (CALL if fields is None else fields) | more
    headers = [("Content-Type", FORM), ("X-Twilio-Signature", sign(token, url, params.items()))]
    return "POST", url, headers, urlencode(params).encode()
