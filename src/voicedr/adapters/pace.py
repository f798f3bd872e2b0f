"""One pace for all tasks of a process: never more than the rate in any rolling second, and slower when told so.

Two rules together. Spacing: turns are planned 1/rate apart (the generic cell rate algorithm: a theoretical arrival time
that moves on by 1/rate a turn, ITU-T I.371 annex A), so that requests do not come in clumps. Counting: the last
floor(rate) turns are remembered as they really went, and the next one waits until the oldest is a second ago. Spacing
alone would let a process that was stopped for half a second catch up in one clump; counting alone would send a second's
worth at once.

A 429 halves the rate, at most once in ``SLOWER_ONCE_S`` because a whole burst of requests is refused together. It comes
back by a twentieth of the full rate a second: slow enough to find the provider's limit, quick enough that one refusal
does not cost a cutover its target.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from voicedr.ports.clock import Clock

SLOWER_FACTOR = 0.5
"""What remains of the rate after a 429."""

SLOWER_ONCE_S = 1.0
"""429s that come within this of one another are one."""

RECOVERY_PER_S = 0.05
"""Part of the full rate that comes back in a second."""

FLOOR = 0.05
"""The least part of the full rate. The provider must be asked now and then to find out that it answers again."""

CATCH_UP_S = 0.05
"""How far behind its plan a turn may be and still keep the plan: timers fire late by about a millisecond each."""

_WAIT_S_MIN = 1e-6
"""Shorter waits might not move a clock of floating-point seconds at all."""


class Turns(Protocol):
    """Whatever gives turns: within a process, or shared with others."""

    def slow_down(self) -> None:
        """The provider said 429."""
        ...

    async def turn(self) -> None:
        """Come back when it is one's turn."""
        ...


class Pace:
    """Turns at a rate, in the order in which they were asked for.

    Args:
        rate_per_second: The full rate. At most floor(rate) turns (one, below 1/s) in any rolling second.
        clock: The clock.
        burst: Turns that may go at once after a rest.
    """

    def __init__(self, rate_per_second: float, clock: Clock, burst: int = 1) -> None:
        if rate_per_second <= 0 or burst < 1:
            raise ValueError(f"a pace of {rate_per_second}/s with a burst of {burst}: both must be more than zero")
        self._full = rate_per_second
        self._clock = clock
        self._burst = burst
        self._planned_s = clock.monotonic_s()
        self._went = deque[float](maxlen=max(1, int(rate_per_second)))
        self._slow_rate = rate_per_second
        self._slowed_s = float("-inf")
        self._queue = asyncio.Lock()

    @property
    def rate_per_second(self) -> float:
        """The rate now."""
        return recovered(self._full, self._slow_rate, self._clock.monotonic_s() - self._slowed_s)

    def slow_down(self) -> None:
        """The provider said 429: go on at half the rate, and recover from there."""
        now_s = self._clock.monotonic_s()
        if now_s - self._slowed_s < SLOWER_ONCE_S:
            return
        self._slow_rate = slower(self._full, self.rate_per_second)
        self._slowed_s = now_s

    async def turn(self) -> None:
        """Come back when it is one's turn. A task that is cancelled while it waits takes no turn."""
        async with self._queue:
            spacing_s = 1 / self.rate_per_second
            now_s = self._clock.monotonic_s()
            # After a rest, a burst may go at once; the plan lies at most that far back.
            self._planned_s = max(self._planned_s, now_s - (self._burst - 1) * spacing_s)
            while (ready_s := max(self._planned_s, self._oldest_s())) > now_s:
                await self._clock.sleep(max(ready_s - now_s, _WAIT_S_MIN))
                now_s = self._clock.monotonic_s()
            self._planned_s = max(self._planned_s, now_s - CATCH_UP_S - (self._burst - 1) * spacing_s) + spacing_s
            self._went.append(now_s)

    def _oldest_s(self) -> float:
        """When the oldest of a second's worth of turns will be a whole second ago."""
        if len(self._went) < (self._went.maxlen or 0):
            return float("-inf")
        return self._went[0] + max(1.0, 1 / self._full)


def slower(full: float, now: float) -> float:
    """The rate after a 429, from the full rate and the present one."""
    return max(full * FLOOR, now * SLOWER_FACTOR)


def recovered(full: float, slow_rate: float, seconds: float) -> float:
    """The rate so many seconds after it was made slow."""
    return min(full, slow_rate + seconds * full * RECOVERY_PER_S)
