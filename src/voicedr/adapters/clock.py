"""The real clock: wall time, monotonic time, and waiting on the running event loop."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime


class WallClock:
    """A ``Clock`` that shows the machine's time."""

    def now(self) -> datetime:
        """The time of day, aware UTC. It may jump when the machine's clock is set."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Seconds that only rise."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait. Zero or less lets others run and comes back."""
        await asyncio.sleep(max(0.0, seconds))
