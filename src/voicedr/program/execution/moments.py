"""Moments in a journal that lie in the future: another process wrote them, by a clock that was ahead of ours.

A machine's clock may have been set back since, or the journal comes from another machine. What such a moment says about
order within its own process holds; how long ago it was, nobody knows. It is not waited for.
"""

from __future__ import annotations

from datetime import datetime


def latest(now: datetime, *moments: datetime | None) -> datetime:
    """The latest of the moments that are not in the future; ``now`` if there is none."""
    return max((one for one in moments if one is not None and one <= now), default=now)


def counted_from(now: datetime, moment: datetime, taken_over_at: datetime | None) -> datetime:
    """A moment, or, where it lies in the future, when the present process took the execution over."""
    return moment if moment <= now else latest(now, taken_over_at)
