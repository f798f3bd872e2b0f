"""The real clock."""

from __future__ import annotations

import asyncio
from datetime import UTC

from voicedr.adapters.clock import WallClock
from voicedr.ports.clock import Clock


def test_the_wall_clock_shows_aware_utc_and_rises() -> None:
    """Now is aware UTC, seconds only rise, and a wait takes its time; less than zero is none."""

    async def main() -> None:
        clock: Clock = WallClock()
        assert clock.now().tzinfo is UTC
        before_s = clock.monotonic_s()
        await clock.sleep(-1)
        await clock.sleep(0.02)
        assert clock.monotonic_s() - before_s >= 0.019

    asyncio.run(main())
