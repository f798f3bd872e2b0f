"""A client that keeps a pace, whatever the server does, and measures lateness from when a request was due.

A client that waits for one answer before it asks again asks less of a slow server, and so measures it as quick.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import cast

import uvloop

CONNECTIONS = 64
LATE_S_MAX = 20.0


@dataclass
class Paced:
    """What came back."""

    answers_s: list[float] = field(default_factory=list)
    wrong: int = 0
    seconds: float = 0.0

    @property
    def per_second(self) -> float:
        """Answers per second."""
        return len(self.answers_s) / self.seconds

    def percentile_ms(self, share: float) -> float:
        """So many milliseconds or less for this share of the answers."""
        ranked = sorted(self.answers_s)
        return ranked[min(len(ranked) - 1, int(share * len(ranked)))] * 1000


def paced(port: int, requests: Sequence[bytes], per_second: float, seconds: float) -> Paced:
    """Send these requests in turn at a rate for so long.

    Raises:
        RuntimeError: If an answer was no 2xx.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_paced(port, requests, per_second, seconds))


async def _paced(port: int, requests: Sequence[bytes], per_second: float, seconds: float) -> Paced:
    loop = asyncio.get_running_loop()
    told, feed = Paced(), itertools.cycle(requests)
    begun = loop.time() + 0.2
    each_s = CONNECTIONS / per_second
    ends = []
    for at in range(CONNECTIONS):
        end: asyncio.Future[None] = loop.create_future()
        ends.append(end)
        first = begun + at / per_second
        count = int(seconds / each_s)
        await loop.create_connection(
            lambda end=end, first=first, count=count: _Connection(loop, told, feed, first, each_s, count, end),  # type: ignore[misc]
            "127.0.0.1",
            port,
        )
    async with asyncio.timeout(seconds + LATE_S_MAX):
        await asyncio.gather(*ends)
    told.seconds = loop.time() - begun
    if told.wrong:
        raise RuntimeError(f"{told.wrong} of {len(told.answers_s)} answers had another status than 2xx")
    return told


class _Connection(asyncio.Protocol):
    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        told: Paced,
        feed: Iterator[bytes],
        first_at: float,
        each_s: float,
        count: int,
        end: asyncio.Future[None],
    ) -> None:
        self._loop, self._told, self._feed, self._end = loop, told, feed, end
        self._due_at, self._each_s, self._left = first_at, each_s, count
        self._read = b""
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._next()

    def _next(self) -> None:
        if self._left == 0:
            self._transport.close()
        elif self._due_at <= self._loop.time():
            self._ask()
        else:
            self._loop.call_at(self._due_at, self._ask)

    def _ask(self) -> None:
        if not self._transport.is_closing():
            self._transport.write(next(self._feed))

    def data_received(self, data: bytes) -> None:
        self._read += data
        end = self._read.find(b"\r\n\r\n")
        if end < 0:
            return
        head = self._read[:end].lower()
        at = head.index(b"content-length:") + 15
        if len(self._read) - end - 4 < int(head[at : at + 12].split(b"\r\n")[0]):
            return
        self._told.wrong += head[9:10] != b"2"
        self._told.answers_s.append(self._loop.time() - self._due_at)
        self._read = b""
        self._left -= 1
        self._due_at += self._each_s
        self._next()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._end.done():
            if self._left:
                self._end.set_exception(ConnectionError("the server closed a connection that was in use"))
            else:
                self._end.set_result(None)
