"""Time comes from here, and waiting happens here, and nowhere else."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """A clock that can be waited on. In a test, or in virtual time, it is wound by hand."""

    def now(self) -> datetime:
        """The time of day, aware UTC. It may jump; never subtract two of these to measure."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that only rise. For measuring and for pace."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait. Zero or less lets others run and comes back."""
        ...
