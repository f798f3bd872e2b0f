"""What a process of a trial touches the world with: its journal and its requests. Once it is dead, they do nothing.

What it had handed over before goes on: a request that has left is carried out by the provider, as after ``kill -9``.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from bench.killing.story import Death, Where
from voicedr.ports.clock import Clock
from voicedr.ports.journal import Journal, Lease
from voicedr.program.execution.events import Event
from voicedr.wire.http import Request, Response, Send, Timeouts


class Killed(BaseException):
    """The process is no more. Nothing of it may catch this and go on."""


class Life:
    """One process: when it began, where it dies, and what it did first.

    Attributes:
        over: Set when it dies.
        first_s: When its first request left, by the virtual clock; None: none did.
        routed_s: When its first request about a route, or about what must hold, left.
    """

    def __init__(self, death: Death | None, clock: Clock) -> None:
        self._death = death
        self._clock = clock
        self.began_s = clock.monotonic_s()
        self.over = asyncio.Event()
        self.first_s: float | None = None
        self.routed_s: float | None = None
        self._counted = {"append": 0, "write": 0}

    def count(self, what: str) -> None:
        """One more append, or one more write, is about to be done."""
        self._counted[what] += 1

    def dies(self, where: Where) -> bool:
        """True if this is where it dies."""
        counted = self._counted["append" if where.endswith("append") else "write"]
        return self._death is not None and self._death.where == where and counted == self._death.n

    def alive(self) -> None:
        """Raises ``Killed`` if it is dead."""
        if self.over.is_set():
            raise Killed

    def die(self) -> None:
        """It ends here."""
        self.over.set()
        raise Killed

    async def until_its_time(self) -> None:
        """Come back when it is to die by the clock; never, if it dies otherwise."""
        if self._death is not None and self._death.where == "at":
            await self._clock.sleep(self._death.n)
            self.over.set()
        await self.over.wait()


class MortalJournal:
    """A journal as one process has it open."""

    def __init__(self, journal: Journal, life: Life) -> None:
        self._journal = journal
        self._life = life

    def __getattr__(self, name: str) -> Any:
        self._life.alive()
        return getattr(self._journal, name)

    def append(self, lease: Lease, events: Sequence[Event], now: datetime, lease_s: float) -> None:
        """Append, or die just before or just after."""
        life = self._life
        life.alive()
        life.count("append")
        if life.dies("before append"):
            life.die()
        self._journal.append(lease, events, now, lease_s)
        if life.dies("after append"):
            life.die()


def mortal_send(send: Send, life: Life, clock: Clock, *, asked: Callable[[str], None]) -> Send:
    """A ``Send`` of one process, which may die with a request. ``asked`` is told of each request's URL."""
    left: set[asyncio.Future[Response]] = set()

    async def one(request: Request, timeouts: Timeouts) -> Response:
        life.alive()
        asked(request.url)
        if life.first_s is None:
            life.first_s = clock.monotonic_s()
        if life.routed_s is None and _does_something(request):
            life.routed_s = clock.monotonic_s()
        if request.method != "POST":
            return await send(request, timeouts)
        life.count("write")
        if life.dies("before write"):
            life.die()
        going = asyncio.ensure_future(send(request, timeouts))
        left.add(going)
        going.add_done_callback(left.discard)
        if life.dies("in flight"):
            # The request has left: one turn of the loop hands it to the provider.
            await clock.sleep(0)
            going.add_done_callback(_heard)
            life.die()
        answer = await going
        if life.dies("after write"):
            life.die()
        life.alive()
        return answer

    return one


def _does_something(request: Request) -> bool:
    """True for routes, for lists that an assertion reads, and for test calls; not for looks at logs and alerts."""
    log = "/Calls.json" in request.url or "/Alerts" in request.url
    return request.method == "POST" or not log


def _heard(going: asyncio.Future[Response]) -> None:
    """Nobody is left to hear how it ended."""
    if not going.cancelled():
        going.exception()
