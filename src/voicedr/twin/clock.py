"""Time, as the twin is given it. A real clock ticks; a virtual one is wound by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """A clock that can be waited on. Any object with these three methods will do."""

    def now(self) -> datetime:
        """The time of day, aware UTC."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that only rise."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait. Zero or less lets others run and comes back."""
        ...
