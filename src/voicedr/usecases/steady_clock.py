"""A clock whose time of day goes on as it began, whatever the machine's is set to meanwhile.

An execution compares times of its own events with one another, and with the provider's. A machine's clock that is set
by an hour in the middle would make it wait for an hour, or give up at once, or take old calls for new ones.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from voicedr.ports.clock import Clock


class SteadyClock:
    """A ``Clock``: the time of day when it was made, and what has gone by since on the monotonic clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._began_at = clock.now()
        self._began_s = clock.monotonic_s()

    def now(self) -> datetime:
        """The time of day, aware UTC. It never jumps."""
        return self._began_at + timedelta(seconds=self._clock.monotonic_s() - self._began_s)

    def monotonic_s(self) -> float:
        """Seconds that only rise."""
        return self._clock.monotonic_s()

    async def sleep(self, seconds: float) -> None:
        """Wait. Zero or less lets others run and comes back."""
        await self._clock.sleep(seconds)
