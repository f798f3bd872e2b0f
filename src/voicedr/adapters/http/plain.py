"""``Send`` for webhooks over plain HTTP, at a fraction of what the general client costs.

The twin asks webhooks by the hundred a second. What it asks most is a GET or a POST of a few fields to an ``http`` URL,
and that is what goes out here, over connections that are kept. Whatever is unusual is left to a ``SocketSend``: TLS,
passwords in the URL, other methods, URLs that are not ASCII, headers that frame the request, names that must be public.
Both call a break by the same name and repeat the same requests: see ``sockets``.
"""

from __future__ import annotations

import asyncio
import re
import socket
from functools import lru_cache
from types import TracebackType
from typing import NamedTuple, Self

import aiohappyeyeballs

from voicedr.adapters.http.breakage import before_connecting
from voicedr.adapters.http.connection import Connection
from voicedr.adapters.http.sockets import CONNECTIONS_MAX, KEEP_ALIVE_S, SocketSend
from voicedr.wire.http import AnswerLost, Failure, NotDelivered, Request, Response, Timeouts

NEXT_ADDRESS_AFTER_S = 0.25
"""How long an address has before the next one is tried beside it (RFC 8305 §8)."""

_URL = re.compile(r"http://[a-z0-9]([a-z0-9._-]*[a-z0-9_-])?(:[1-9][0-9]{0,4})?(/[!-\"$-~]*)?\Z")
_NUMBERS = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+\Z")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_FRAMING = frozenset({"host", "content-length", "transfer-encoding", "connection", "expect", "te", "upgrade"})
_DEFAULTS = (("Accept", "*/*"), ("Accept-Encoding", "identity"), ("User-Agent", "voicedr"))


class Way(NamedTuple):
    """Where a URL leads and how it is asked there."""

    host: str
    port: int
    authority: str
    target: str


class PlainSend:
    """A ``Send`` that keeps connections of its own. Use it as an async context manager.

    Args:
        connections_max: Exchanges at once; more wait their turn within their own ``total_s``.
        keep_alive_s: How long an idle connection is kept.
    """

    def __init__(self, *, connections_max: int = CONNECTIONS_MAX, keep_alive_s: float = KEEP_ALIVE_S) -> None:
        self._otherwise = SocketSend(
            connections_max=connections_max, per_host_max=connections_max, keep_alive_s=keep_alive_s
        )
        self._places = asyncio.Semaphore(connections_max)
        self._keep_alive_s = keep_alive_s
        self._idle: dict[str, list[Connection]] = {}
        self._sweeping: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def __aenter__(self) -> Self:
        self._loop = asyncio.get_running_loop()
        await self._otherwise.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop = None
        if self._sweeping is not None:
            self._sweeping.cancel()
        for idle in self._idle.values():
            for connection in idle:
                connection.abort()
        self._idle.clear()
        await self._otherwise.__aexit__(kind, error, trace)

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Send one request and give its whole response.

        Raises:
            NotDelivered: If it reached nobody. Nothing happened.
            AnswerLost: If it was delivered, or may have been, and no whole response came back in time.
            ValueError: If a header holds a line break or another control character. Nothing was sent.
        """
        loop = self._loop
        if loop is None:
            raise RuntimeError("PlainSend holds connections: use it in an `async with PlainSend() as send:`")
        way = way_of(request.url)
        written = written_out(request, way) if way is not None else None
        if way is None or written is None:
            return await self._otherwise(request, timeouts)
        ends_at = loop.time() + timeouts.total_s
        if self._places.locked():
            try:
                async with asyncio.timeout_at(ends_at):
                    await self._places.acquire()
            except TimeoutError as exc:
                raise _no_connection(way, timeouts.total_s) from exc
        else:
            await self._places.acquire()
        try:
            return await self._exchange(loop, way, request.method, written, timeouts, ends_at)
        finally:
            self._places.release()

    async def _exchange(
        self, loop: asyncio.AbstractEventLoop, way: Way, method: str, written: bytes, timeouts: Timeouts, ends_at: float
    ) -> Response:
        connection = self._kept(way) or await _connected(loop, way, timeouts, ends_at)
        silent_s = timeouts.total_s if timeouts.read_s is None else timeouts.read_s
        try:
            response = await connection.exchange(written, ends_at, silent_s, timeouts.body_bytes_max)
        except AnswerLost as lost:
            stale = connection.used > 1 and not connection.begun and lost.failure is Failure.RESET
            if not (stale and method == "GET"):
                raise
            connection = await _connected(loop, way, timeouts, ends_at)
            response = await connection.exchange(written, ends_at, silent_s, timeouts.body_bytes_max)
        if connection.reusable and self._loop is not None:
            self._idle.setdefault(way.authority, []).append(connection)
            if self._sweeping is None:
                self._sweeping = loop.call_later(self._keep_alive_s / 4, self._sweep, loop)
        else:
            connection.abort()
        return response

    def _kept(self, way: Way) -> Connection | None:
        """A connection that was used before and may be again, the newest first."""
        idle = self._idle.get(way.authority)
        while idle:
            connection = idle.pop()
            if connection.may_be_used():
                return connection
        return None

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        """Close what has been idle for long. A quarter early, as it is looked at every quarter."""
        oldest = loop.time() - self._keep_alive_s * 0.75
        for authority, idle in list(self._idle.items()):
            for connection in idle:
                if connection.idle_since < oldest:
                    connection.abort()
            self._idle[authority] = [connection for connection in idle if connection.reusable]
            if not self._idle[authority]:
                del self._idle[authority]
        self._sweeping = loop.call_later(self._keep_alive_s / 4, self._sweep, loop) if self._idle else None


async def _connected(loop: asyncio.AbstractEventLoop, way: Way, timeouts: Timeouts, ends_at: float) -> Connection:
    """A new connection.

    Raises:
        NotDelivered: If there is none in time.
    """
    made = Connection(way.authority, loop)
    try:
        async with asyncio.timeout(min(timeouts.connect_s, ends_at - loop.time())):
            if _NUMBERS.match(way.host) is not None:
                await loop.create_connection(lambda: made, way.host, way.port)
                return made
            found = await loop.getaddrinfo(way.host, way.port, type=socket.SOCK_STREAM)
            opened = await aiohappyeyeballs.start_connection(
                found, happy_eyeballs_delay=NEXT_ADDRESS_AFTER_S, interleave=1, loop=loop
            )
            await loop.create_connection(lambda: made, sock=opened)
            return made
    except TimeoutError as exc:
        raise _no_connection(way, min(timeouts.connect_s, timeouts.total_s)) from exc
    except socket.gaierror as exc:
        what = f"{way.authority}: the name was not found ({exc.strerror})"
        raise NotDelivered(Failure.NAME_NOT_FOUND, what) from exc
    except OSError as exc:
        raise before_connecting(exc, way.authority) from exc


@lru_cache(maxsize=1024)
def way_of(url: str) -> Way | None:
    """Where a plain URL leads; None if it is any other: TLS, a password, IPv6, letters that are not ASCII, nobody's."""
    if _URL.match(url) is None:
        return None
    scheme_host, slash, rest = url[7:].partition("/")
    host, _, digits = scheme_host.partition(":")
    port = int(digits or 80)
    if port > 65535 or url.endswith("?"):
        return None
    return Way(host, port, host if port == 80 else f"{host}:{port}", slash + rest or "/")


def written_out(request: Request, way: Way) -> bytes | None:
    """The request as it goes out (RFC 9112 §3); None if it is not one of the usual ones."""
    besides = _besides(tuple([name for name, _ in request.headers]))
    if request.public_only or request.method not in ("GET", "POST") or besides is None:
        return None
    lines = [f"Host: {way.authority}", *[f"{name}: {value}" for name, value in request.headers], *besides]
    if request.body or request.method == "POST":
        lines.append(f"Content-Length: {len(request.body)}")
    said = " ".join(lines)
    if not said.isprintable() and _CONTROL.search(said) is not None:
        return None
    head = "\r\n".join([f"{request.method} {way.target} HTTP/1.1", *lines, "\r\n"])
    return head.encode() + request.body


# Which headers there are is the same from one webhook to the next.
@lru_cache(maxsize=1024)
def _besides(names: tuple[str, ...]) -> tuple[str, ...] | None:
    """The lines that go out besides the headers of these names; None if one of those would frame the request."""
    lower = {name.lower() for name in names}
    if not _FRAMING.isdisjoint(lower):
        return None
    return tuple([f"{name}: {value}" for name, value in _DEFAULTS if name.lower() not in lower])


def _no_connection(way: Way, seconds: float) -> NotDelivered:
    return NotDelivered(Failure.CONNECT_TIMEOUT, f"no connection to {way.authority} within {seconds:g} s")
