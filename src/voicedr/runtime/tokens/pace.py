"""How often one name may ask: the generic cell rate algorithm, with a bounded memory.

A name may ask ``per_minute`` times a minute on average and a quarter of that at once. Names that have not asked for a
minute are forgotten; if there are ever more names than fit, the one that asked longest ago is. Source of the algorithm:
ITU-T I.371, annex A.
"""

from __future__ import annotations

from collections import OrderedDict

NAMES_MAX = 100_000
"""A name takes about 200 bytes, so the memory stays below 20 MB."""

BURST_SHARE = 0.25


class Paces:
    """The pace of every name.

    Args:
        per_minute: How often one name may ask.
        names_max: How many names are remembered.
    """

    def __init__(self, per_minute: float, names_max: int = NAMES_MAX) -> None:
        self._step_s = 60.0 / per_minute
        self._slack_s = max(1.0, per_minute * BURST_SHARE) * self._step_s
        self._names_max = names_max
        self._due: OrderedDict[str, float] = OrderedDict()

    def wait_s(self, name: str, now_s: float) -> float:
        """0 if it may ask now, which then counts; else how many seconds it has to wait, and nothing is counted."""
        due_s = max(self._due.get(name, 0.0), now_s)
        wait_s = due_s + self._step_s - self._slack_s - now_s
        if wait_s > 1e-9:
            return wait_s
        self._due[name] = due_s + self._step_s
        self._due.move_to_end(name)
        self._forget(now_s)
        return 0.0

    def __len__(self) -> int:
        return len(self._due)

    def _forget(self, now_s: float) -> None:
        while self._due and (len(self._due) > self._names_max or next(iter(self._due.values())) <= now_s - 60.0):
            self._due.popitem(last=False)
