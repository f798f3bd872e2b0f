"""The machine's clock, for a twin with sockets."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from datetime import UTC, datetime


class WallClock:
    """Shows the machine's time and waits on the running event loop."""

    def now(self) -> datetime:
        """The time of day, aware UTC."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Seconds that only rise."""
        return time.monotonic()

    def sleep(self, seconds: float) -> Coroutine[None, None, None]:
        """Wait. Zero or less lets others run and comes back."""
        return asyncio.sleep(max(0.0, seconds))
