"""What may leave this process now: nothing that changes anything after an emergency stop, nothing to a barred Region.

It is asked right before a request is sent: by the hands before they begin an act, and by whatever holds requests back
for their turn, once the turn has come. Looking is never stopped, but for a Region that must not be asked.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from voicedr.ports.clock import Clock
from voicedr.program.vocabulary import Region

STOP_LOOK_S = 0.1
"""Somebody is asked for a stop at most this often. After a stop is durable, requests may leave for so long."""


class Guard:
    """One execution's guard. Until it follows one, it lets everything through."""

    def __init__(self) -> None:
        self._look: Callable[[], Awaitable[bool]] | None = None
        self._clock: Clock | None = None
        self._looked_s = float("-inf")
        self._said = False
        self._one_looks = asyncio.Lock()
        self._barred: frozenset[Region] = frozenset()

    def follow(self, look: Callable[[], Awaitable[bool]], clock: Clock) -> None:
        """Ask this whether somebody has said stop, and believe the answer for ``STOP_LOOK_S``."""
        self._look, self._clock, self._looked_s = look, clock, float("-inf")

    def bar(self, *regions: Region) -> None:
        """Nothing is sent to these Regions from now on; to all others it may be."""
        self._barred = frozenset(regions)

    def let_go(self) -> None:
        """The execution is out of this process's hands: nothing is held any more."""
        self._look = None
        self._barred = frozenset()

    async def stopped(self) -> bool:
        """True if nothing that changes anything may be sent."""
        async with self._one_looks:
            if self._look is None or self._clock is None:
                return False
            now_s = self._clock.monotonic_s()
            if now_s - self._looked_s >= STOP_LOOK_S:
                self._said = await self._look()
                self._looked_s = now_s
            return self._said

    async def why_not(self, region: Region, *, writes: bool) -> str | None:
        """Why a request may not be sent now; None if it may."""
        if region in self._barred:
            return f"{region} is not asked in ungraceful mode"
        if writes and await self.stopped():
            return "somebody stopped everything before it was sent, or the journal that would say so does not answer"
        return None
