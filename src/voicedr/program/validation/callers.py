"""What callers met, counted from outside: an execution's journal cannot know it.

The counts come from a twin, a carrier's call records or a load of the customer's own. Where nobody counted, the report
says "not measured".
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import datetime

import msgspec


class CallerSeen(msgspec.Struct, frozen=True):
    """One call that somebody placed. ``served`` None: it has not ended, or nobody knows how."""

    at: datetime
    served: bool | None


class CallerWindow(msgspec.Struct, frozen=True):
    """The calls placed in one stretch of time, from ``from_at`` (counted) to ``to_at`` (not counted any more).

    Attributes:
        title: The stretch in words, e.g. ``"before detection"``.
        from_at: None: everything earlier.
        to_at: None: everything later.
    """

    title: str
    from_at: datetime | None
    to_at: datetime | None
    placed: int
    served: int
    lost: int


class CallerTally(msgspec.Struct, frozen=True):
    """The count. ``placed`` less ``served`` less ``lost`` are calls whose end is not known.

    Attributes:
        source: Who counted, as the reader would look it up.
        first_lost_at: When the first lost call was placed; None if none was lost.
        last_lost_at: When the last lost call was placed; None if none was lost.
    """

    source: str
    placed: int
    served: int
    lost: int
    windows: tuple[CallerWindow, ...] = ()
    first_lost_at: datetime | None = None
    last_lost_at: datetime | None = None

    @property
    def unknown(self) -> int:
        """Calls whose end is not known."""
        return self.placed - self.served - self.lost

    @property
    def hurt_s(self) -> float:
        """From the first lost call to the last one; 0 if none was lost. Calls between them may have been served."""
        if self.first_lost_at is None or self.last_lost_at is None:
            return 0.0
        return (self.last_lost_at - self.first_lost_at).total_seconds()


def count_callers(
    calls: Iterable[CallerSeen], cuts: Sequence[tuple[str, datetime]], *, source: str, first: str = "before"
) -> CallerTally:
    """Count calls in windows that begin at the cuts.

    Args:
        calls: Every call, in any order.
        cuts: The title and the beginning of each window, in order of time.
        source: Who counted.
        first: The title of the stretch before the first cut.
    """
    edges = [at for _, at in cuts]
    titles = [first, *(title for title, _ in cuts)]
    counts = [[0, 0, 0] for _ in titles]
    lost_at: list[datetime] = []
    for call in calls:
        window = counts[bisect_right(edges, call.at)]
        window[0] += 1
        if call.served is True:
            window[1] += 1
        elif call.served is False:
            window[2] += 1
            lost_at.append(call.at)
    starts: list[datetime | None] = [None, *edges]
    ends: list[datetime | None] = [*edges, None]
    windows = tuple(
        CallerWindow(title, start, end, *count)
        for title, start, end, count in zip(titles, starts, ends, counts, strict=True)
    )
    return CallerTally(
        source=source,
        placed=sum(count[0] for count in counts),
        served=sum(count[1] for count in counts),
        lost=sum(count[2] for count in counts),
        windows=windows,
        first_lost_at=min(lost_at, default=None),
        last_lost_at=max(lost_at, default=None),
    )
