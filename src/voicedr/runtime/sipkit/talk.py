"""Requests on one line, each with its transaction (RFC 3261 section 17.1): repeated where it must be, matched, ended.

Whoever asks us something on that line gets an answer too: OPTIONS 200, anything else 480. We take no calls.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence

from voicedr.runtime.sipkit.lines import Line, LineDown, new_token
from voicedr.wire.sip.client_transactions import InviteClient, NonInviteClient
from voicedr.wire.sip.messages import Request, Response, branch_of, method_of, respond
from voicedr.wire.sip.timers import Deliver, Effect, Transmit, earliest


class Asked:
    """A request that was sent, and what came back to it so far."""

    def __init__(self, request: Request, *, reliable: bool, sent_at: float) -> None:
        kind = InviteClient if request.method == "INVITE" else NonInviteClient
        self.request = request
        self.client: InviteClient | NonInviteClient = kind(request, reliable=reliable)
        self.sent_at = sent_at
        self.sent = 0
        self.responses: deque[Response] = deque()
        self.gave_up = ""


class Talk:
    """The transactions on one line."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self._loop = asyncio.get_running_loop()
        self._open: dict[tuple[str, str], Asked] = {}

    def ask(self, request: Request) -> Asked:
        """Send a request."""
        asked = Asked(request, reliable=self.line.reliable, sent_at=self._loop.time())
        self._open[branch_of(request), request.method] = asked
        self._do(asked, asked.client.start(asked.sent_at))
        return asked

    def tell(self, message: Request) -> None:
        """Send what has no transaction: the ACK of a 2xx."""
        self.line.send(message)

    async def response(self, asked: Asked, ends_at: float) -> Response | None:
        """The next response to a request; None if none came until then.

        Raises:
            LineDown: If none can come any more.
        """
        while not asked.responses:
            now = self._loop.time()
            if asked.gave_up or now >= ends_at:
                return None
            due_at = earliest(ends_at, *(one.client.next_at for one in self._open.values()))
            try:
                async with asyncio.timeout_at(due_at):
                    message = await self.line.receive()
            except TimeoutError:
                for one in list(self._open.values()):
                    self._do(one, one.client.due(self._loop.time()))
                continue
            self._take(message)
        return asked.responses.popleft()

    async def final(self, asked: Asked, ends_at: float) -> Response | None:
        """The final response to a request; None if none came until then.

        Raises:
            LineDown: If none can come any more.
        """
        while (got := await self.response(asked, ends_at)) is not None:
            if got.code >= 200:
                return got
        return None

    def _take(self, message: Request | Response) -> None:
        if isinstance(message, Request):
            if message.method != "ACK":
                self.line.send(respond(message, 200 if message.method == "OPTIONS" else 480, tag=new_token()))
            return
        asked = self._open.get((branch_of(message), method_of(message)))
        if asked is not None:
            self._do(asked, asked.client.receive(message, self._loop.time()))

    def _do(self, asked: Asked, effects: Sequence[Effect]) -> None:
        for effect in effects:
            match effect:
                case Transmit(message):
                    asked.sent += message is asked.request
                    self.line.send(message)
                case Deliver(message):
                    if isinstance(message, Response):
                        asked.responses.append(message)
                case gave_up:
                    asked.gave_up = gave_up.why


__all__ = ["Asked", "LineDown", "Talk"]
