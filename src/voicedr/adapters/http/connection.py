"""One connection that speaks plain HTTP/1.1 as a client, for one exchange at a time.

What a break is called is what ``SocketSend`` calls it, and the same tests hold both to it: not HTTP, or not what the
headers say, is PROTOCOL; a close before the whole answer is RESET; silence is READ_TIMEOUT before an answer begins and
RESET within one. Only an answer that was whole, whose connection may be kept (RFC 9112 §9.3) and after which nothing
came that nobody had asked for, leaves a connection that may be used again.
"""

from __future__ import annotations

import asyncio
import select
import sys
from typing import cast

import httptools

from voicedr.wire.http import AnswerLost, Failure, Response

HEAD_BYTES_MAX = 128 * 1024
HEADERS_MAX = 128
HEADER_BYTES_MAX = 8190
"""The last two are aiohttp's: what one client takes the other one takes."""

_MOMENT_S = 1e-3
"""The loop's timers count milliseconds."""


class Connection(asyncio.Protocol):
    """One connection.

    Attributes:
        host: What messages call the other side.
        reusable: Whether another request may go out here.
        begun: Whether any of the answer to the last request has come.
        used: How many requests went out.
        idle_since: When the last answer was whole, by the loop's clock.
    """

    def __init__(self, host: str, loop: asyncio.AbstractEventLoop) -> None:
        self.host = host
        self.reusable = False
        self.begun = False
        self.used = 0
        self.idle_since = 0.0
        self._loop = loop
        self._transport: asyncio.Transport
        self._parser = httptools.HttpResponseParser(self)
        # What aiohttp lets pass in an answer, too.
        self._parser.set_dangerous_leniencies(
            lenient_headers=True, lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True
        )
        self._answer: asyncio.Future[Response] | None = None
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._head_bytes = self._body_bytes = self._body_bytes_max = 0
        self._framed = self._in_body = False
        self._ends_at = self._silent_s = self._heard_at = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._looks_at = 0.0

    async def exchange(self, request: bytes, ends_at: float, silent_s: float, body_bytes_max: int) -> Response:
        """Send a request and give its whole response. If it breaks, or is cancelled, the connection is gone.

        Args:
            ends_at: When it is too late, by the loop's clock.
            silent_s: The longest silence.

        Raises:
            AnswerLost: The request may have been read, and no whole response came back.
        """
        loop = self._loop
        answer: asyncio.Future[Response] = loop.create_future()
        self._answer = answer
        self.used += 1
        self.begun = self._in_body = self._framed = False
        self._headers, self._body = [], []
        self._head_bytes = self._body_bytes = 0
        self._body_bytes_max, self._ends_at, self._silent_s = body_bytes_max, ends_at, silent_s
        self._heard_at = loop.time()
        self._look_by(min(ends_at, self._heard_at + silent_s))
        self._transport.write(request)
        try:
            return await answer
        except BaseException:
            self.abort()
            raise
        finally:
            self._answer = None

    def may_be_used(self) -> bool:
        """Whether another request may go out here; one that the other side has ended or spoiled is closed.

        The loop tells of a close only when its turn comes, and under load that is late: servers close after seconds
        of idleness (Node.js, uvicorn: 5 s), and a POST that goes out on such a connection is lost.
        """
        if self.reusable and _has_news(self._transport):
            self.abort()
        return self.reusable

    def abort(self) -> None:
        """Close it at once."""
        self.reusable = False
        self._transport.abort()

    # What the loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one, but says so to nobody
        self.reusable = True

    def data_received(self, data: bytes) -> None:
        if not self._waits():
            self.abort()  # Nobody asked: the next request would take this for its answer.
            return
        self.begun = True
        self._heard_at = self._loop.time()
        if not self._in_body:
            self._head_bytes += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self.reusable = False
        except httptools.HttpParserError as exc:
            self.reusable = False
            self._break(Failure.PROTOCOL, f"the answer is not HTTP ({str(exc).splitlines()[0] if str(exc) else exc!r})")
        else:
            if not self._in_body and self._head_bytes > HEAD_BYTES_MAX:
                self._break(Failure.PROTOCOL, f"the answer's head is larger than {HEAD_BYTES_MAX} bytes")
            elif self._body_bytes > self._body_bytes_max:
                self._break_too_large()

    def eof_received(self) -> None:
        """Nothing more will come; ``connection_lost`` follows."""
        self.reusable = False

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        if self._timer is not None:
            self._timer.cancel()
        if not self._waits():
            return
        if self._in_body and not self._framed:
            self._whole()  # The close is the end of a body that says no length (RFC 9112 §6.3).
        elif self._in_body:
            self._break(Failure.RESET, "the connection was closed in the middle of the answer")
        else:
            why = f" ({exc})" if exc is not None else ""
            self._break(Failure.RESET, f"the connection was closed before a whole answer{why}")

    # What the parser tells.

    def on_message_begin(self) -> None:
        if not self._waits():
            self.reusable = False  # More than was asked for.

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._in_body:
            return  # A trailer: nobody wants it.
        if len(self._headers) >= HEADERS_MAX or len(name) + len(value) > HEADER_BYTES_MAX:
            raise ValueError("its headers are too large or too many")
        text = name.decode("utf-8", "surrogateescape")
        lower = text.lower()
        said = value.rstrip(b" \t").decode("utf-8", "surrogateescape")
        if lower == "content-length" or (lower == "transfer-encoding" and "chunked" in said.lower()):
            self._framed = True
        self._headers.append((text, said))

    def on_headers_complete(self) -> None:
        self._in_body = True

    def on_body(self, data: bytes) -> None:
        self._body_bytes += len(data)
        self._body.append(data)

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if 100 <= status < 200 and status != 101:
            # Not the answer yet (RFC 9110 §15.2).
            self._headers, self._framed, self._in_body = [], False, False
            return
        if not self._parser.should_keep_alive():
            self.reusable = False
        self._whole()

    # How it ends.

    def _waits(self) -> bool:
        return self._answer is not None and not self._answer.done()

    def _whole(self) -> None:
        if self._body_bytes > self._body_bytes_max:
            self._break_too_large()
        elif self._answer is not None and not self._answer.done():
            self.idle_since = self._loop.time()
            body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
            self._answer.set_result(Response(self._parser.get_status_code(), tuple(self._headers), body))

    def _break(self, failure: Failure, what: str) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(AnswerLost(failure, f"{self.host}: {what}"))

    def _break_too_large(self) -> None:
        self._break(Failure.TOO_LARGE, f"it sent more than {self._body_bytes_max} bytes")

    def _look_by(self, at: float) -> None:
        """Look then at the latest. A timer outlives its exchange; early for the next one, it looks again later."""
        if self._timer is not None:
            if self._looks_at <= at:
                return
            self._timer.cancel()
        self._timer, self._looks_at = self._loop.call_at(at, self._look), at

    def _look(self) -> None:
        """Is it too late, or was there silence for too long?"""
        self._timer = None
        if not self._waits():
            return
        now = self._loop.time()
        silent_until = self._heard_at + self._silent_s
        if now >= self._ends_at - _MOMENT_S:
            self._break(Failure.READ_TIMEOUT, "no whole answer in time")
        elif now < silent_until - _MOMENT_S:
            self._look_by(min(self._ends_at, silent_until))
        elif self._in_body:
            # Something had come: an answer that was cut off, not one that never came.
            self._break(Failure.RESET, "it fell silent in the middle of the answer")
        else:
            self._break(Failure.READ_TIMEOUT, "no answer in time")


def _has_news(transport: asyncio.Transport) -> bool:
    """Whether there is something to read, or an end, of which the loop has not told yet."""
    opened = transport.get_extra_info("socket")
    if opened is None or opened.fileno() < 0:
        return True
    if sys.platform == "win32":
        return bool(select.select([opened], [], [], 0)[0])
    look = select.poll()
    look.register(opened.fileno(), select.POLLIN)
    return bool(look.poll(0))
