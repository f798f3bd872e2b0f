"""``Send`` made of sockets: one aiohttp session, and an exact answer to "did anybody get it?".

The line between *it did not happen* and *nobody knows* is the moment at which a connection was in hand. Before it (no
name, no connection, no TLS) the request cannot have been read by anybody. After it, any break may have come after the
request was read, so everything is AnswerLost. That includes a kept-alive connection which the server closed while our
request was on its way: it may have been read before the close, so a POST is never repeated. A GET asks and changes
nothing; it is said again once, on a connection of its own (RFC 9110 §9.2.2, RFC 9112 §9.3.1).
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace, TracebackType
from typing import Self
from urllib.parse import unquote, urlsplit, urlunsplit

import aiohttp
import msgspec
from yarl import URL

from voicedr.adapters.http.breakage import after_connecting, before_connecting
from voicedr.adapters.http.tls import Trust
from voicedr.wire.addresses import is_public
from voicedr.wire.http import AnswerLost, Failure, NoResponse, NotDelivered, Request, Response, Timeouts

CONNECTIONS_MAX = 512
"""Exchanges at once over all hosts; a process may have 1,024 files open on an ordinary Linux."""

PER_HOST_MAX = 128
"""Exchanges at once with one host, so that one which swallows everything does not take the others' places."""

KEEP_ALIVE_S = 15.0
"""How long an idle connection is kept. Shorter than most servers keep theirs, so that we close first."""

_USER_AGENT = "voicedr"


class SocketSend:
    """A ``Send`` over TCP and TLS. Use it as an async context manager; it holds the connections.

    It follows no redirect, keeps no cookie, decompresses nothing, and reads no proxy from the environment unless asked.

    Args:
        address: Send everything to this scheme and place, e.g. ``"http://127.0.0.1:8080"``, and leave the URL's own
            host in ``Host`` (and in the name that a certificate must prove). None: where the URL says.
        ca_file: PEM certificates to trust besides the machine's own. None: the machine's own.
        trust_env: Take proxies (and netrc) from the environment.
        connections_max: Exchanges at once; more wait their turn within their own ``total_s``.
        per_host_max: Exchanges at once with one host.
    """

    def __init__(
        self,
        *,
        address: str | None = None,
        ca_file: str | Path | None = None,
        trust_env: bool = False,
        connections_max: int = CONNECTIONS_MAX,
        per_host_max: int = PER_HOST_MAX,
        keep_alive_s: float = KEEP_ALIVE_S,
    ) -> None:
        self._address = None if address is None else _place(address)
        self._trust_env = trust_env
        self._keep_alive_s = keep_alive_s
        self._trust = Trust(ca_file)
        self._places = _Places(connections_max, per_host_max)
        self._kept: aiohttp.ClientSession | None = None
        self._fresh: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._kept = self._session(keep=True)
        self._fresh = self._session(keep=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in (self._kept, self._fresh):
            if session is not None:
                await session.close()
        self._kept = self._fresh = None

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Send one request and give its whole response.

        Raises:
            NotDelivered: If it reached nobody. Nothing happened.
            AnswerLost: If it was delivered, or may have been, and no whole response came back in time.
            ValueError: If a header holds a line break or another control character. Nothing was sent.
        """
        if self._kept is None or self._fresh is None:
            raise RuntimeError("SocketSend holds connections: use it in an `async with SocketSend() as send:`")
        for name, value in request.headers:
            _refuse_line_breaks(name, value)
        target = _target(request, self._address, self._trust)
        waiting = _Exchange()
        try:
            async with asyncio.timeout(timeouts.total_s), self._places.take(target.host):
                if target.public_only:
                    await _refuse_private(target)
                try:
                    return await _exchange(self._kept, target, timeouts, waiting)
                except AnswerLost as lost:
                    stale = waiting.reused and not waiting.begun and lost.failure is Failure.RESET
                    if not (stale and request.method in ("GET", "HEAD")):
                        raise
                waiting = _Exchange()
                return await _exchange(self._fresh, target, timeouts, waiting)
        except TimeoutError as exc:
            if waiting.connected:
                raise AnswerLost(
                    Failure.READ_TIMEOUT, f"{target.host} did not answer within {timeouts.total_s:g} s"
                ) from exc
            raise NotDelivered(
                Failure.CONNECT_TIMEOUT, f"no connection to {target.host} within {timeouts.total_s:g} s"
            ) from exc

    def _session(self, *, keep: bool) -> aiohttp.ClientSession:
        # The limits are ours (_Places), because aiohttp counts waiting for a place as connecting.
        if keep:
            connector = aiohttp.TCPConnector(limit=0, ssl=self._trust.usual, keepalive_timeout=self._keep_alive_s)
        else:
            connector = aiohttp.TCPConnector(limit=0, ssl=self._trust.usual, force_close=True)
        watch = aiohttp.TraceConfig()
        watch.on_connection_create_end.append(_connected)
        watch.on_connection_reuseconn.append(_reused)
        session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            trust_env=self._trust_env,
            trace_configs=[watch],
            skip_auto_headers=("Content-Type",),
            headers={"Accept-Encoding": "identity", "User-Agent": _USER_AGENT},
        )
        # aiohttp repeats idempotent requests by itself, on any connection it has; which requests are repeated is ours
        # to say, and the one repeat goes out on a connection that nobody used before.
        session._retry_connection = False
        return session


class _Exchange:
    """How far one try has come; ``begun`` is the answer."""

    def __init__(self) -> None:
        self.connected = False
        self.reused = False
        self.begun = False


async def _connected(_session: aiohttp.ClientSession, context: SimpleNamespace, _what: object) -> None:
    context.trace_request_ctx.connected = True


async def _reused(_session: aiohttp.ClientSession, context: SimpleNamespace, _what: object) -> None:
    context.trace_request_ctx.connected = True
    context.trace_request_ctx.reused = True


class _Target(msgspec.Struct, frozen=True):
    """Where a request goes, once the address, the userinfo and the Host are sorted out."""

    method: str
    url: URL
    host: str
    tls_name: str | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    tls: ssl.SSLContext
    public_only: bool


def _target(request: Request, address: tuple[str, str] | None, trust: Trust) -> _Target:
    """Work out where to connect and what to say there."""
    try:
        parts = urlsplit(request.url)
        name, _ = parts.hostname, parts.port
    except ValueError:
        name = None
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not name:
        raise NotDelivered(
            Failure.NAME_NOT_FOUND, "the URL is not an absolute http or https URL with a host, so it names nobody"
        )
    userinfo, _, netloc = parts.netloc.rpartition("@")
    scheme, place = address or (parts.scheme, netloc)
    headers = list(request.headers)
    if userinfo and request.header("Authorization") is None:
        # The password of a webhook URL leaves as a header and appears in no message.
        headers.append(("Authorization", "Basic " + b64encode(unquote(userinfo).encode()).decode()))
    if address is not None and request.header("Host") is None:
        headers.append(("Host", netloc))
    text = urlunsplit((scheme, place, parts.path or "/", parts.query, ""))
    # What is ASCII goes out as it was written: the provider takes "+" and "%2B" in a path, a signature takes only one.
    try:
        url = URL(text, encoded=text.isascii())
    except ValueError as exc:
        raise NotDelivered(Failure.NAME_NOT_FOUND, f"the host {netloc!r} of the URL cannot be a name") from exc
    tls_name = name if address is not None and scheme == "https" else None
    tls = trust.context(sni=request.sni, verified=request.verified)
    return _Target(
        request.method, url, netloc.lower(), tls_name, tuple(headers), request.body, tls, request.public_only
    )


async def _exchange(
    session: aiohttp.ClientSession, target: _Target, timeouts: Timeouts, exchange: _Exchange
) -> Response:
    """One try on one session."""
    # Only connecting is timed here: the whole is timed outside. A high threshold keeps aiohttp from rounding up.
    clocked = aiohttp.ClientTimeout(
        total=None, connect=timeouts.connect_s, sock_read=timeouts.read_s, ceil_threshold=1e9
    )
    try:
        async with session.request(
            target.method,
            target.url,
            headers=target.headers,
            data=target.body or None,
            allow_redirects=False,
            timeout=clocked,
            server_hostname=target.tls_name,
            ssl=target.tls,
            trace_request_ctx=exchange,
        ) as answer:
            exchange.begun = True
            body = await _body(answer, target.host, timeouts.body_bytes_max)
            return Response(answer.status, tuple(answer.headers.items()), body)
    except NoResponse:
        raise
    except aiohttp.ConnectionTimeoutError as exc:
        raise NotDelivered(
            Failure.CONNECT_TIMEOUT, f"no connection to {target.host} within {timeouts.connect_s:g} s"
        ) from exc
    except (aiohttp.ClientError, OSError, ssl.SSLError) as exc:
        if exchange.connected:
            raise after_connecting(exc, target.host) from exc
        raise before_connecting(exc, target.host) from exc


async def _refuse_private(target: _Target) -> None:
    """Refuse a host of which an address is not public. One that has no address is left to the exchange to tell.

    The name is resolved again for the connection; whoever answers differently the second time gets through.
    """
    name = target.url.host or ""
    try:
        found = await asyncio.get_running_loop().getaddrinfo(name, target.url.port, type=socket.SOCK_STREAM)
    except OSError:
        return
    private = sorted({str(address[0]) for *_, address in found if not is_public(str(address[0]))})
    if private:
        what = f"{target.host} leads to {private[0]}, which is no public address"
        raise NotDelivered(Failure.CONNECT_REFUSED, what)


async def _body(answer: aiohttp.ClientResponse, host: str, bytes_max: int) -> bytes:
    """Read the body, and stop reading where the limit is."""
    chunks: list[bytes] = []
    size = 0
    try:
        async for chunk in answer.content.iter_any():
            size += len(chunk)
            if size > bytes_max:
                answer.close()
                raise AnswerLost(Failure.TOO_LARGE, f"{host} sent more than {bytes_max} bytes")
            chunks.append(chunk)
    except aiohttp.SocketTimeoutError as exc:
        # Something had come: an answer that was cut off, not one that never came.
        raise AnswerLost(Failure.RESET, f"{host} fell silent in the middle of the answer") from exc
    return b"".join(chunks)


class _Places:
    """So many exchanges at once, in all and with each host. Waiting is in order."""

    def __init__(self, all_max: int, per_host_max: int) -> None:
        self._all = asyncio.Semaphore(all_max)
        self._per_host_max = per_host_max
        self._hosts: dict[str, tuple[asyncio.Semaphore, int]] = {}

    @asynccontextmanager
    async def take(self, host: str) -> AsyncIterator[None]:
        semaphore, users = self._hosts.get(host) or (asyncio.Semaphore(self._per_host_max), 0)
        self._hosts[host] = semaphore, users + 1
        try:
            # The host's place first: those who wait for a slow host hold none of the others' places.
            async with semaphore, self._all:
                yield
        finally:
            users = self._hosts[host][1] - 1
            if users:
                self._hosts[host] = semaphore, users
            else:
                del self._hosts[host]


def _place(address: str) -> tuple[str, str]:
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path.strip("/") or parts.query:
        raise ValueError(f"the address {address!r} must be a scheme and a place, e.g. http://127.0.0.1:8080")
    return parts.scheme, parts.netloc


def _refuse_line_breaks(name: str, value: str) -> None:
    """A line break in a header would end it and begin another one (RFC 9110 §5.5)."""
    for part in (name, value):
        if any(ord(char) < 0x20 and char != "\t" for char in part) or "\x7f" in part:
            raise ValueError(
                f"the header {name.encode('ascii', 'backslashreplace').decode()!r} holds a control character."
                " Nothing was sent. Remove it."
            )
