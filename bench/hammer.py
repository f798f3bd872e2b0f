"""A client that costs little: raw HTTP/1.1 over kept connections, one request at a time on each.

A full client library takes more processor time per request than the server under measurement, and would be what is
measured. This one reads a status line and a length, and no more.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import cast

import uvloop

CONNECTIONS = 32
"""Below the hundred requests at once that the twin takes by default."""


@dataclass
class Hits:
    """What came back."""

    answered: int = 0
    wrong: int = 0
    bytes_of_body: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return self.answered / self.seconds


def request(method: str, path: str, host: str, headers: dict[str, str] | None = None, body: bytes = b"") -> bytes:
    """A request as it goes out."""
    lines = [f"{method} {path} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


def hammer(port: int, requests: Sequence[bytes], seconds: float) -> Hits:
    """Send these requests in turn, over and over, for so many seconds."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_hammer(port, requests, seconds))


async def _hammer(port: int, requests: Sequence[bytes], seconds: float) -> Hits:
    loop = asyncio.get_running_loop()
    hits, feed = Hits(), itertools.cycle(requests)
    ends = [loop.create_future() for _ in range(CONNECTIONS)]
    begun = loop.time()
    until = begun + seconds
    for end in ends:
        await loop.create_connection(partial(_Connection, feed, hits, until, loop, end), "127.0.0.1", port)
    async with asyncio.timeout(seconds + 15):
        await asyncio.gather(*ends)
    hits.seconds = loop.time() - begun
    if hits.wrong:
        raise RuntimeError(f"{hits.wrong} of {hits.answered} answers had another status than 2xx")
    return hits


class _Connection(asyncio.Protocol):
    def __init__(
        self,
        feed: Iterator[bytes],
        hits: Hits,
        until: float,
        loop: asyncio.AbstractEventLoop,
        end: asyncio.Future[None],
    ) -> None:
        self._feed, self._hits, self._until, self._loop, self._end = feed, hits, until, loop, end
        self._head = b""
        self._missing = 0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is one, but says so to nobody
        self._transport.write(next(self._feed))

    def data_received(self, data: bytes) -> None:
        if self._missing:
            self._missing -= len(data)
        else:
            self._head += data
            end = self._head.find(b"\r\n\r\n")
            if end < 0:
                return
            head = self._head[:end].lower()
            at = head.index(b"content-length:") + 15
            length = int(head[at : at + 12].split(b"\r\n")[0])
            self._missing = length - (len(self._head) - end - 4)
            self._hits.wrong += head[9:10] != b"2"
            self._hits.bytes_of_body += length
            self._head = b""
        if self._missing <= 0:
            self._missing = 0
            self._hits.answered += 1
            if self._loop.time() < self._until:
                self._transport.write(next(self._feed))
            else:
                self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._end.done():
            self._end.set_result(None)
