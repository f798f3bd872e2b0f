"""ASGI middleware: a retry of a webhook gets the answer of the first attempt, and the handler runs once.

A request is known again by ``I-Twilio-Idempotency-Token`` together with method, URL and body: what the token is shared
by is not documented (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides, read 2026-11-21). With
the rest beside it neither a fallback nor the next step of a call can be given somebody else's answer. Without the
header the handler runs each time.

Answers of 5xx are not kept: the next attempt may do better. If the store itself fails the handler runs: a caller who
is served twice is better off than one who is not.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable
from typing import TypeVar

from voicedr.runtime.webhooks.answer_store import RUNNING, Answer, AnswerStore, Claim
from voicedr.runtime.webhooks.asgi import (
    App,
    Event,
    Gone,
    Receive,
    Scope,
    Send,
    TooLarge,
    TooSlow,
    again,
    answer,
    body_of,
    headers_of,
)
from voicedr.runtime.webhooks.checking import BODY_BYTES_MAX, BODY_S_MAX, IDEMPOTENCY

ANSWER_BYTES_MAX = 64 * 1024
"""What is larger is no TwiML and is not kept."""

WAIT_S_MAX = 8.0
"""So long a retry waits for the attempt that is under way; the provider ends both after 15 s."""
LOOK_EVERY_S = 0.05

REPLAYED = (b"x-voicedr-replayed", b"1")

T = TypeVar("T")


class OnceAsgi:
    """Keeps answers. Put it inside ``SignedAsgi`` and outside ``SafeAsgi``.

    Args:
        app: The application.
        store: Where answers are kept; shared by all processes that answer the URL.
        wait_s_max: How long a retry waits for an attempt that is under way; then it is answered 503, and the
            provider goes on to its fallback.
        now: Seconds since the epoch, the same for all who share the store.
        failed: Told what the store raised, if it did.
    """

    def __init__(
        self,
        app: App,
        store: AnswerStore,
        *,
        wait_s_max: float = WAIT_S_MAX,
        now: Callable[[], float] = time.time,
        failed: Callable[[Exception], None] = lambda _: None,
    ) -> None:
        self._app = app
        self._store = store
        self._wait_s_max = wait_s_max
        self._now = now
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        token = headers_of(scope).get(IDEMPOTENCY, "") if scope["type"] == "http" else ""
        if not token:
            await self._app(scope, receive, send)
            return
        try:
            body = await body_of(scope, receive, BODY_BYTES_MAX, BODY_S_MAX)
        except Gone:
            return
        except TooLarge:
            await answer(send, 413, "text/plain", b"the body is too long\n", closes=True)
            return
        except TooSlow:
            await answer(send, 408, "text/plain", b"the body was too slow\n", closes=True)
            return
        key = _key(token, scope, body)
        try:
            claim = await self._claim(key)
        except Exception as exc:  # a store may raise what its driver does
            self._failed(exc)
            await self._app(scope, again(body, receive), send)
            return
        if isinstance(claim, Answer):
            await _replay(claim, send)
        elif claim is RUNNING:
            await answer(send, 503, "text/plain", b"another attempt at this webhook is still under way\n")
        else:
            await self._first(key, scope, again(body, receive), send)

    async def _claim(self, key: str) -> Claim | Answer:
        until = asyncio.get_running_loop().time() + self._wait_s_max
        while True:
            claim = await self._with_store(lambda: self._store.claim(key, self._now()))
            if claim is not RUNNING or asyncio.get_running_loop().time() >= until:
                return claim
            await asyncio.sleep(LOOK_EVERY_S)

    async def _first(self, key: str, scope: Scope, receive: Receive, send: Send) -> None:
        recorded = _Recorded(send)
        kept = None
        try:
            await self._app(scope, receive, recorded)
            kept = recorded.answer()
        finally:
            await asyncio.shield(self._end(key, kept))

    async def _end(self, key: str, kept: Answer | None) -> None:
        try:
            if kept is None:
                await self._with_store(lambda: self._store.release(key))
            else:
                await self._with_store(lambda: self._store.keep(key, kept, self._now()))
        except Exception as exc:  # as above; the answer is sent already
            self._failed(exc)

    async def _with_store(self, does: Callable[[], T]) -> T:
        return await asyncio.to_thread(does) if self._store.blocks else does()


class _Recorded:
    """A ``send`` that remembers what went through it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self._status = 0
        self._headers: list[tuple[bytes, bytes]] = []
        self._body = bytearray()
        self._whole = False

    async def __call__(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            self._status, self._headers = event["status"], list(event.get("headers", ()))
        elif event["type"] == "http.response.body" and len(self._body) <= ANSWER_BYTES_MAX:
            self._body += event.get("body", b"")
            self._whole = not event.get("more_body", False)
        await self._send(event)

    def answer(self) -> Answer | None:
        """What may be sent again; None: it must not."""
        if not self._whole or not self._status or self._status >= 500 or len(self._body) > ANSWER_BYTES_MAX:
            return None
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in self._headers)
        return Answer(self._status, headers, bytes(self._body))


def _key(token: str, scope: Scope, body: bytes) -> str:
    parts = (token.encode(), scope["method"].encode(), scope["path"].encode(), scope.get("query_string", b""), body)
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()


async def _replay(kept: Answer, send: Send) -> None:
    headers = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in kept.headers]
    await send({"type": "http.response.start", "status": kept.status, "headers": [*headers, REPLAYED]})
    await send({"type": "http.response.body", "body": kept.body})
