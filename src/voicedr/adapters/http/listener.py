"""A small HTTP/1.1 server for people on this machine: bounded in bytes, seconds and connections.

One request a connection (RFC 9112, section 9.6: ``Connection: close``); a body has a length (no chunks). It is for a
handful of requests, and a slow or rude client holds up nobody but itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from http import HTTPStatus

HEAD_BYTES_MAX = 8 * 1024
REQUEST_S_MAX = 10.0
"""From the connection to the last byte of the request. A pasted page takes milliseconds."""
LINGER_S_MAX, LINGER_BYTES_MAX = 1.0, 1024 * 1024
"""What still comes in after the answer is read away, or the client would be reset before it could read the answer."""
CONNECTIONS_MAX = 16

TEXT, HTML = "text/plain; charset=utf-8", "text/html; charset=utf-8"
_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_LENGTH = re.compile(r"[0-9]{1,9}")


@dataclass(frozen=True)
class Asked:
    """A whole request. Names of headers are in lower case; ``target`` is the path with its query."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Answer:
    """What is answered. ``line`` is what the person at the screen reads about it."""

    status: int
    text: str
    line: str = ""
    kind: str = TEXT
    headers: Mapping[str, str] = field(default_factory=dict)


Handle = Callable[[Asked], Awaitable[Answer]]
Seen = Callable[[str, Answer], None]
"""Told of every request: ``POST /``, and what it was answered."""


class NotHere(Exception):
    """The address cannot be listened on: which, why, and the next step."""


class _Wrong(Exception):
    """A request that is answered before anybody looks at what it wants."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.answer = Answer(status, text, text)


def loopback(where: str) -> tuple[str, int]:
    """Address and port of ``127.0.0.1:8765``; port 0 is any free one.

    Raises:
        NotHere: If it is no address of this machine alone (127.0.0.0/8), or has no port.
    """
    host, _, port = where.rpartition(":")
    number = int(port) if re.fullmatch(r"[0-9]{1,5}", port) else -1
    if not is_this_machine(host) or not 0 <= number <= 65535:
        raise NotHere(
            f"{where!r} is not an address of this machine alone, as 127.0.0.1:8765 is. Nothing was started. Give such"
            " an address; from another machine reach it by logging in to this one: ssh -L 8765:127.0.0.1:8765 HOST."
        )
    return ("127.0.0.1" if host == "localhost" else host), number


def is_this_machine(host: str) -> bool:
    """True for ``localhost`` and the addresses 127.0.0.0/8, and for no name that looks like one."""
    try:
        return host == "localhost" or ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


@asynccontextmanager
async def listening(
    address: str,
    port: int,
    handle: Handle,
    *,
    seen: Seen,
    body_bytes_max: int,
    request_s_max: float = REQUEST_S_MAX,
) -> AsyncIterator[int]:
    """Answer requests until the block is left; gives the port.

    Args:
        address: Of this machine alone, see ``loopback``.
        port: 0 for a free one.
        handle: Answers a request. What it raises is answered with 500 and told as a line.
        seen: Told of every request.
        body_bytes_max: A longer body is refused unread.
        request_s_max: A request that is not whole by then is refused.

    Raises:
        NotHere: If the port is taken, or must not be used.
    """
    server = _Server(handle, seen, body_bytes_max, request_s_max)
    try:
        sockets = await asyncio.start_server(server.serve, address, port, limit=HEAD_BYTES_MAX)
    except OSError as exc:
        raise NotHere(f"{address}:{port} cannot be listened on ({exc.strerror}). Name another port.") from exc
    try:
        yield int(sockets.sockets[0].getsockname()[1])
    finally:
        sockets.close()
        await server.end()


class _Server:
    def __init__(self, handle: Handle, seen: Seen, body_bytes_max: int, request_s_max: float) -> None:
        self._handle = handle
        self._seen = seen
        self._body_bytes_max = body_bytes_max
        self._request_s_max = request_s_max
        self._at_work: set[asyncio.Task[None]] = set()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection."""
        task = asyncio.current_task()
        if task is not None:
            self._at_work.add(task)
            task.add_done_callback(self._at_work.discard)
        name = "?"
        try:
            try:
                if len(self._at_work) > CONNECTIONS_MAX:
                    raise _Wrong(503, f"there are {CONNECTIONS_MAX} connections already. Say it again in a moment.")
                async with asyncio.timeout(self._request_s_max):
                    head = await _head(reader)
                    name = f"{head.method} {head.target.partition('?')[0]}"
                    asked = await self._whole(head, reader)
                answer = await self._handle(asked)
            except _Wrong as wrong:
                answer = wrong.answer
            except TimeoutError:
                answer = _Wrong(408, f"the request was not whole after {self._request_s_max:g} s.").answer
            except (ConnectionError, asyncio.IncompleteReadError):
                return  # the client left: there is nobody to tell
            except Exception as exc:  # a defect of ours must be seen, and must not end the waiting for other people
                answer = Answer(500, "it went wrong here; see the screen of the program.", f"defect: {exc!r}")
            self._seen(_shown(name), answer)
            await _say(reader, writer, answer, self._request_s_max)
        except (ConnectionError, TimeoutError):
            return  # the client left before it was told
        except asyncio.CancelledError:
            return  # the serving is over; asyncio would tell of a cancelled connection at length
        finally:
            writer.close()

    async def end(self) -> None:
        """End what is still open."""
        tasks = list(self._at_work)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _whole(self, head: Asked, reader: asyncio.StreamReader) -> Asked:
        if "transfer-encoding" in head.headers:
            raise _Wrong(411, "send it with its length, not in chunks.")
        said = head.headers.get("content-length", "" if head.method in ("POST", "PUT", "PATCH") else "0")
        if not said:
            raise _Wrong(411, "the request has no Content-Length.")
        if not _LENGTH.fullmatch(said):
            raise _Wrong(400, "the request's Content-Length is not a number of bytes.")
        if int(said) > self._body_bytes_max:
            raise _Wrong(413, f"this is more than {self._body_bytes_max} bytes, so it is not what is asked for here.")
        return Asked(head.method, head.target, head.headers, await reader.readexactly(int(said)))


async def _head(reader: asyncio.StreamReader) -> Asked:
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.LimitOverrunError as exc:
        raise _Wrong(431, f"the request's head has more than {HEAD_BYTES_MAX} bytes.") from exc
    first, *lines = raw[:-4].decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.rpartition(" ")
    if not _NAME.fullmatch(method) or not target.startswith("/") or version not in ("HTTP/1.1", "HTTP/1.0"):
        raise _Wrong(400, "this is not a request of HTTP/1.1.")
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not _NAME.fullmatch(name) or name.lower() in headers:
            # Said twice is refused, too: two lengths are two opinions about where the body ends (RFC 9112, 6.3).
            raise _Wrong(400, "the request's head cannot be read.")
        headers[name.lower()] = value.strip()
    return Asked(method, target, headers)


async def _say(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, answer: Answer, seconds: float) -> None:
    body = answer.text.encode()
    headers = {
        "Content-Type": answer.kind,
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Connection": "close",
        **answer.headers,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    writer.write(f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}\r\n{head}\r\n".encode("latin-1") + body)
    async with asyncio.timeout(seconds):
        await writer.drain()
    writer.write_eof()
    left = LINGER_BYTES_MAX
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S_MAX):
            while left > 0 and (read := await reader.read(64 * 1024)):
                left -= len(read)


def _shown(name: str) -> str:
    return "".join(sign if sign.isprintable() else "·" for sign in name)[:80]
