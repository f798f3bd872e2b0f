"""One pace for all processes that share a journal: never more than the rate in any rolling second, all together.

Turns come from the account's bucket, as many at a time as tasks wait for one. Each has a time of its own and is only
good at that time: a turn that comes late is dropped and another one asked for, so that a process which was stopped does
not catch up on top of what others do meanwhile. Turns are spaced for so much less than the rate as lateness may add. So
in any rolling second all processes together send at most rate x (1 + the spread of a round trip to the database) + 1.

While the database does not answer, this process goes on alone at a part of the rate: nothing is changed at the provider
without the journal, but what was sent must be looked at.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from voicedr.adapters.journal.buckets import Taken
from voicedr.adapters.pace import Pace
from voicedr.ports.clock import Clock
from voicedr.ports.journal import JournalError

LATE_S = 0.005
"""A turn is good for so long. Timers fire late by about a millisecond."""

AHEAD_S = 0.05
"""So many seconds' worth of turns are taken at once at most."""

ALONE_SHARE = 0.25
"""Part of the rate that a process allows itself while it cannot ask. Assumption: no more than four share an account."""

TRIPS = 16
"""So many of the last round trips are remembered: a database whose clock was set is understood again after as many."""

ASK_AGAIN_S = 1.0
"""After the database did not answer, it is asked again so much later."""


class Bucket(Protocol):
    """Where the turns come from. Nothing is said about how long it takes; ``remote``: ask from a thread."""

    remote: bool

    def take(self, rate_per_second: float, turns: int, began_s: float, lead_s: float) -> Taken:
        """Take turns."""
        ...

    def slow_down(self, rate_per_second: float, began_s: float) -> None:
        """The provider said 429 to somebody."""
        ...


class SharedPace:
    """Turns at a rate that is shared, in the order in which they were asked for in this process.

    Args:
        bucket: The account's.
        rate_per_second: The full rate, for all.
        clock: The clock.
    """

    def __init__(self, bucket: Bucket, rate_per_second: float, clock: Clock) -> None:
        if rate_per_second <= 0:
            raise ValueError(f"a pace of {rate_per_second}/s: it must be more than zero")
        self._bucket = bucket
        self._rate = rate_per_second / (1 + LATE_S)
        self._clock = clock
        self._alone = Pace(rate_per_second * ALONE_SHARE, clock)
        self._due = deque[float]()
        self._wanted = 0
        self._trips_s = deque[float](maxlen=TRIPS)
        self._ahead_s = deque[float](maxlen=TRIPS)
        self._ask_at_s = float("-inf")
        self._queue = asyncio.Lock()
        self._telling: asyncio.Task[None] | None = None

    def slow_down(self) -> None:
        """The provider said 429: everybody waits and goes on at half the rate."""
        self._due.clear()
        self._alone.slow_down()
        if self._telling is None or self._telling.done():
            self._telling = asyncio.ensure_future(self._tell())

    async def turn(self) -> None:
        """Come back when it is one's turn. A task that is cancelled while it waits takes no turn."""
        self._wanted += 1
        try:
            async with self._queue:
                while not await self._had():
                    pass
        finally:
            self._wanted -= 1

    async def _had(self) -> bool:
        """Wait for the next turn; False if it came too late, or there was none yet."""
        now_s = self._clock.monotonic_s()
        while self._due and self._due[0] < now_s - LATE_S:
            self._due.popleft()
        if not self._due:
            if now_s < self._ask_at_s or not await self._take():
                await self._alone.turn()
                return True
            return False
        due_s = self._due[0]
        if due_s > now_s:
            await self._clock.sleep(due_s - now_s)
        if not self._due or self._due[0] != due_s:
            return False  # a 429 came meanwhile
        self._due.popleft()
        return self._clock.monotonic_s() <= due_s + LATE_S

    async def _take(self) -> bool:
        """Fetch turns for those who wait. False if the database does not answer."""
        turns = max(1, min(self._wanted, round(self._rate * AHEAD_S)))
        began_s = self._clock.monotonic_s()
        try:
            if self._bucket.remote:
                lead_s = max(self._trips_s, default=0.0)
                taken = await asyncio.to_thread(self._bucket.take, self._rate, turns, began_s, lead_s)
                now_s = self._here(began_s, taken.now_s)
            else:
                taken = self._bucket.take(self._rate, turns, began_s, 0.0)
                now_s = began_s
        except JournalError:
            self._ask_at_s = self._clock.monotonic_s() + ASK_AGAIN_S
            return False
        self._due.extend(now_s + taken.first_s + n * taken.spacing_s for n in range(turns))
        return True

    def _here(self, began_s: float, shared_now_s: float) -> float:
        """When, by our clock, the database's clock showed this.

        An answer comes a little after the clock was read, never before: the quickest of the last answers tells best.
        """
        ended_s = self._clock.monotonic_s()
        self._trips_s.append(ended_s - began_s)
        self._ahead_s.append(ended_s - shared_now_s)
        return shared_now_s + min(self._ahead_s)

    async def _tell(self) -> None:
        began_s = self._clock.monotonic_s()
        try:
            if self._bucket.remote:
                await asyncio.to_thread(self._bucket.slow_down, self._rate, began_s)
            else:
                self._bucket.slow_down(self._rate, began_s)
        except JournalError:
            self._ask_at_s = self._clock.monotonic_s() + ASK_AGAIN_S
        self._due.clear()
