"""ASGI middleware: the provider gets TwiML that it can execute, whatever the application does.

An answer is held until it is whole, so that nothing of a bad one goes out. What a caller would hear the provider's own
error message for is replaced: no answer within the budget, an exception, a status that is neither 2xx nor a redirect,
a body that is no TwiML. 401 and 403 go through: they are meant for somebody who has no business here. 204 does, too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from voicedr.runtime.webhooks.asgi import WEBHOOK, App, Event, Receive, Scope, Send, answer
from voicedr.runtime.webhooks.checking import Webhook
from voicedr.runtime.webhooks.guard import Guard, Ticket, Trouble, trouble_with
from voicedr.wire.twiml import BODY_BYTES_MAX

LEFT_BEHIND_MAX = 1000
"""Handlers that were cancelled and have not ended. With so many of them nobody new is asked."""


class SafeAsgi:
    """Answers for an application that does not, or not with TwiML. Put it inside ``SignedAsgi``.

    Outside of it, anybody could open the circuit by asking for what fails.

    Args:
        app: The application.
        guard: Its circuit, budget and safe TwiML.
        guards: Which requests; by default all. Leave pages out that are not TwiML, such as ``/health``.
    """

    def __init__(self, app: App, guard: Guard, *, guards: Callable[[Scope], bool] = lambda _: True) -> None:
        self._app = app
        self._guard = guard
        self._guards = guards
        self._left_behind: set[asyncio.Task[None]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or not self._guards(scope):
            await self._app(scope, receive, send)
            return
        ticket = self._guard.admit()
        if ticket is None:
            await self._instead(scope, send, Trouble.OPEN, "the handler failed too often and is left alone")
        elif len(self._left_behind) >= LEFT_BEHIND_MAX:
            await self._instead(scope, send, Trouble.BUSY, f"{LEFT_BEHIND_MAX} handlers did not end when told to")
        else:
            await self._asked(ticket, scope, receive, send)

    async def _asked(self, ticket: Ticket, scope: Scope, receive: Receive, send: Send) -> None:
        held = _Held()
        work = asyncio.ensure_future(self._run(scope, receive, held))
        try:
            await asyncio.wait({work}, timeout=self._guard.budget_s)
        except asyncio.CancelledError:
            self._leave(work)  # the server ends; how the handler is, nobody knows
            raise
        if not work.done():
            self._leave(work)
            trouble, why, sick = Trouble.LATE, f"no answer within {self._guard.budget_s:g} s", True
        elif work.cancelled() or (error := work.exception()) is not None:
            name = "cancelled" if work.cancelled() else type(error).__name__
            trouble, why, sick = Trouble.RAISED, f"the handler raised {name}", True
        else:
            found = held.trouble()
            if found is None:
                self._guard.settle(ticket, good=True)
                await held.replay(send)
                return
            trouble, why, sick = found
        # A 4xx says that this request was wrong, and nothing about the next one.
        self._guard.settle(ticket, good=not sick)
        await self._instead(scope, send, trouble, why)

    async def _run(self, scope: Scope, receive: Receive, held: _Held) -> None:
        await self._app(scope, receive, held)

    def _leave(self, work: asyncio.Task[None]) -> None:
        """Tell it to end, and do not wait: it may not listen."""
        self._left_behind.add(work)
        work.add_done_callback(self._ended)
        work.cancel()

    def _ended(self, work: asyncio.Task[None]) -> None:
        self._left_behind.discard(work)
        if not work.cancelled():
            work.exception()  # asked for, so that asyncio does not tell of it: the caller has an answer

    async def _instead(self, scope: Scope, send: Send, trouble: Trouble, why: str) -> None:
        await answer(send, 200, "text/xml", self._guard.instead(trouble, why, _fields(scope)))


class _Held:
    """A ``send`` that sends nothing yet."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._status = 0
        self._kind: str | None = None
        self._body = bytearray()
        self._whole = False

    async def __call__(self, event: Event) -> None:
        if event["type"] == "http.response.start":
            self._status = event["status"]
            kinds = [value for name, value in event.get("headers", ()) if name.lower() == b"content-type"]
            self._kind = kinds[0].decode("latin-1") if kinds else None
        elif event["type"] == "http.response.body":
            self._body += event.get("body", b"")[: BODY_BYTES_MAX + 1]
            self._whole = not event.get("more_body", False)
            if len(self._body) > BODY_BYTES_MAX:
                self._body = self._body[: BODY_BYTES_MAX + 1]  # enough to be refused; the rest is not kept
                return
        self._events.append(event)

    def trouble(self) -> tuple[Trouble, str, bool] | None:
        """What is wrong with the answer, and whether it says that the handler is sick; None: it may go out."""
        if not self._whole or not self._status:
            return Trouble.NO_ANSWER, "the handler ended without a whole answer", True
        if self._status == 204 or 300 <= self._status < 400 or self._status in (401, 403):
            return None
        if not 200 <= self._status < 300:
            return Trouble.STATUS, f"the handler answered {self._status}", self._status >= 500
        why = trouble_with(bytes(self._body), self._kind)
        return (Trouble.TWIML, why, True) if why else None

    async def replay(self, send: Send) -> None:
        for event in self._events:
            await send(event)


def _fields(scope: Scope) -> Mapping[str, str]:
    webhook = scope.get(WEBHOOK)
    return dict(webhook.fields) if isinstance(webhook, Webhook) else {}
