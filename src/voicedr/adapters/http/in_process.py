"""``Send`` without sockets: the servers are functions in this process, and time may be virtual.

What holds on a wire holds here. A server goes on with a request after the client has given up waiting, so a lost answer
may still have an effect; a body beyond the limit is not read; a name that nobody has does not resolve.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

from voicedr.ports.clock import Clock
from voicedr.wire.http import AnswerLost, Failure, NoResponse, NotDelivered, Request, Response, Timeouts, no_response

Handler = Callable[[Request], Awaitable[Response]]
"""A server: a request in, a response out. It may raise ``NoResponse`` to be broken in any way a wire can break."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
AsgiApp = Callable[[Scope, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]


class InProcessSend:
    """A ``Send`` that calls servers in this process.

    Args:
        handlers: A server for each place, as a URL writes it: ``"app.example"``, ``"127.0.0.1:8080"``. It is looked up
            at each request, so a server can be added or taken away.
        clock: The clock of the budgets and of the latency.
        otherwise: The server for every other place, e.g. a whole provider. None: the name does not resolve.
        latency_s: How long every exchange takes on the way, both ways together.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        otherwise: Handler | None = None,
        latency_s: float = 0.0,
    ) -> None:
        self._handlers = handlers
        self._clock = clock
        self._otherwise = otherwise
        self._latency_s = latency_s
        self._running: set[asyncio.Task[Response]] = set()

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Send a request.

        Raises:
            NotDelivered: If it reached nobody. Nothing happened.
            AnswerLost: If no whole response came back in time. The server may go on with it.
        """
        netloc = place_of(request.url)
        handler = self._handlers.get(netloc) or self._otherwise
        if handler is None:
            raise NotDelivered(Failure.NAME_NOT_FOUND, f"{netloc or request.url!r}: nobody has this name")
        begun_s = self._clock.monotonic_s()
        # The server's work is a task of its own and is not cancelled with the client: see the top of the module.
        work = asyncio.ensure_future(self._serve(handler, request))
        self._running.add(work)
        work.add_done_callback(self._done)
        try:
            # asyncio.timeout is wound by the loop, and so is every clock here, the virtual one too.
            async with asyncio.timeout(_answer_s(timeouts)) as budget:
                response = await asyncio.shield(work)
        except TimeoutError as exc:
            if not budget.expired():
                raise
            late = f"{netloc} did not answer within {_answer_s(timeouts):g} s"
            raise AnswerLost(Failure.READ_TIMEOUT, late) from exc
        except NoResponse as broken:
            await self._wait_out(broken.failure, begun_s, timeouts)
            if isinstance(broken, NotDelivered | AnswerLost):
                raise
            raise no_response(broken.failure, f"{netloc}: {broken}") from broken
        if len(response.body) > timeouts.body_bytes_max:
            raise AnswerLost(Failure.TOO_LARGE, f"{netloc} sent more than {timeouts.body_bytes_max} bytes")
        return response

    async def _serve(self, handler: Handler, request: Request) -> Response:
        if self._latency_s > 0:
            await self._clock.sleep(self._latency_s / 2)
        response = await handler(request)
        if self._latency_s > 0:
            await self._clock.sleep(self._latency_s / 2)
        return response

    async def _wait_out(self, failure: Failure, begun_s: float, timeouts: Timeouts) -> None:
        """A time-out takes its time: a server that says so at once is one that would never have answered."""
        budgets_s = {Failure.CONNECT_TIMEOUT: timeouts.connect_s, Failure.READ_TIMEOUT: _answer_s(timeouts)}
        left_s = budgets_s.get(failure, 0.0) - (self._clock.monotonic_s() - begun_s)
        if left_s > 0:
            await self._clock.sleep(left_s)

    def _done(self, work: asyncio.Task[Response]) -> None:
        self._running.discard(work)
        if not work.cancelled():
            # Nobody may be left to hear how it ended; asking for the exception marks it as heard.
            work.exception()


def _answer_s(timeouts: Timeouts) -> float:
    """How long a server in this process may take: connecting takes no time, and an answer comes in one piece."""
    return timeouts.total_s if timeouts.read_s is None else min(timeouts.total_s, timeouts.read_s)


def place_of(url: str) -> str:
    """The place in a URL as it is compared: lower case, no userinfo, no port where it is the scheme's own."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        return ""
    if not host:
        return ""
    shown = f"[{host}]" if ":" in host else host
    return shown if port is None or (parts.scheme, port) in (("http", 80), ("https", 443)) else f"{shown}:{port}"


def asgi_handler(app: AsgiApp) -> Handler:
    """A handler that calls an ASGI application in this process, with no server between.

    The application must be async all through (a sync endpoint asks for a thread). Its lifespan is not run. An exception
    before the response has begun is a 500, and one after it is a connection that was cut, as a server would have it.
    """

    async def handle(request: Request) -> Response:
        parts = urlsplit(request.url)
        answer = _Answer(request.body)
        try:
            await app(_scope(request), answer.receive, answer.send)
        except Exception as exc:
            if answer.status is None:
                return Response(500, (("Content-Type", "text/plain; charset=utf-8"),), b"Internal Server Error")
            if not answer.whole.is_set():
                raise AnswerLost(Failure.RESET, f"{parts.netloc} broke off in the middle of the answer") from exc
        if answer.status is None or not answer.whole.is_set():
            raise AnswerLost(Failure.RESET, f"{parts.netloc} ended without a whole answer")
        return Response(answer.status, answer.headers, b"".join(answer.body))

    return handle


class _Answer:
    """The two channels of one ASGI exchange."""

    def __init__(self, body: bytes) -> None:
        self.status: int | None = None
        self.headers: tuple[tuple[str, str], ...] = ()
        self.body: list[bytes] = []
        self.whole = asyncio.Event()
        self._request: bytes | None = body

    async def receive(self) -> Message:
        if self._request is not None:
            body, self._request = self._request, None
            return {"type": "http.request", "body": body, "more_body": False}
        await self.whole.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = int(message["status"])
            self.headers = tuple(
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in message.get("headers", ())
            )
        elif message["type"] == "http.response.body":
            self.body.append(message.get("body", b""))
            if not message.get("more_body", False):
                self.whole.set()


def _scope(request: Request) -> Scope:
    """What ASGI calls a request (https://asgi.readthedocs.io/en/latest/specs/www.html)."""
    parts = urlsplit(request.url)
    default_port = 443 if parts.scheme == "https" else 80
    headers = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in request.headers]
    names = {name for name, _ in headers}
    if b"host" not in names:
        headers.insert(0, (b"host", parts.netloc.rpartition("@")[2].encode("latin-1")))
    if b"content-length" not in names and (request.body or request.method not in ("GET", "HEAD")):
        headers.append((b"content-length", str(len(request.body)).encode()))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.method,
        "scheme": parts.scheme,
        "path": unquote(parts.path or "/"),
        "raw_path": (parts.path or "/").encode("ascii", "surrogateescape"),
        "query_string": parts.query.encode("ascii", "surrogateescape"),
        "root_path": "",
        "headers": headers,
        "client": ("127.0.0.1", 0),
        "server": (parts.hostname or "", parts.port or default_port),
        "state": {},
    }
