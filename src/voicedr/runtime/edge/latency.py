"""How long answers take: the 95th centile of the last ones, for deciding when a read is late."""

from __future__ import annotations

KEPT = 256
"""The last so many answers count: enough for a centile, few enough to follow a change within seconds."""

ENOUGH = 40
"""Below so many a 95th centile is the worst but one or two, and says nothing."""

_AGAIN_AFTER = 16


class Latency:
    """A ring of durations. One instance is written by several threads; a lost sample does no harm."""

    def __init__(self) -> None:
        self._kept: list[float] = []
        self._seen = 0
        self._p95_s: float | None = None

    def add(self, seconds: float) -> None:
        """Remember one answer."""
        seen = self._seen
        self._seen = seen + 1
        if len(self._kept) < KEPT:
            self._kept.append(seconds)
        else:
            self._kept[seen % KEPT] = seconds
        if seen % _AGAIN_AFTER == 0 and len(self._kept) >= ENOUGH:
            ordered = sorted(self._kept)
            self._p95_s = ordered[int(0.95 * (len(ordered) - 1))]

    @property
    def p95_s(self) -> float | None:
        """The 95th centile, or None as long as too few are known."""
        return self._p95_s
