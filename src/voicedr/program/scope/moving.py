"""How a flow is moved, and moved back: overlap, what an interruption means, and the pace of a rollback."""

from __future__ import annotations

from typing import Literal

import msgspec

from voicedr.program.scope.durations import parse_duration_s
from voicedr.program.scope.positions import Node

CALLS_PER_MINUTE_MAX = 100_000.0
"""More is a slip of the pen."""


class Overlap(msgspec.Struct, frozen=True):
    """The next cohort may start while earlier ones are moved and not yet passed, within a budget.

    Attributes:
        cohorts_max: So many cohorts may be moved and not passed when the next one starts.
        entry_points_max: The budget in entry points moved and not passed; None where it is in calls.
        calls_per_minute_max: The budget in calls per minute, as the cohorts' volumes have it; None: in entry points.
    """

    cohorts_max: int = 1
    entry_points_max: int | None = None
    calls_per_minute_max: float | None = None

    @property
    def budget(self) -> float:
        """How much may be at risk at once."""
        return float(self.calls_per_minute_max or self.entry_points_max or 0)

    @property
    def unit(self) -> str:
        """What the budget counts, in words."""
        return "entry points" if self.calls_per_minute_max is None else "calls per minute"

    def risk_of(self, entry_points: int, calls_per_minute: float | None) -> float:
        """What one cohort puts at risk from its start until it has passed.

        A cohort whose volume is not known is more than any budget of calls: it goes alone.
        """
        if self.calls_per_minute_max is None:
            return float(entry_points)
        return float("inf") if calls_per_minute is None else calls_per_minute


class OnInterrupt(msgspec.Struct, frozen=True):
    """What a process does that takes over after a gap. A rollback always goes on: half of one helps nobody.

    Attributes:
        older_than_s: Shorter gaps are no interruption.
    """

    moving: Literal["go-on", "pause"] = "go-on"
    gating: Literal["go-on", "pause"] = "go-on"
    older_than_s: float = 60.0

    def of(self, phase: str) -> Literal["go-on", "pause"]:
        """The policy for ``moving``, ``gating`` or ``rolling_back``."""
        return {"moving": self.moving, "gating": self.gating}.get(phase, "go-on")


class RollbackPace(msgspec.Struct, frozen=True):
    """How gradually everything is moved back.

    Attributes:
        cohort_size: So many changes are undone together; None: the plan's own cohorts, the last moved first.
        pause_between_s: Between the last answer of one of them and the first request of the next.
    """

    cohort_size: int | None = None
    pause_between_s: float = 0.0


def build_overlap(node: Node) -> Overlap | None:
    """The overlap of a flow that was found right; None: one cohort after another."""
    if not node:
        return None
    points = node.get("entry_points_max").number
    return Overlap(
        cohorts_max=int(node.get("cohorts_max").number or 1),
        entry_points_max=None if points is None else int(points),
        calls_per_minute_max=node.get("calls_per_minute_max").number,
    )


def build_on_interrupt(node: Node) -> OnInterrupt | None:
    """What an interruption means; None: nothing, it goes on."""
    if not node:
        return None
    older_s = parse_duration_s(node.get("older_than").text or "")
    return OnInterrupt(
        moving="pause" if node.get("moving").text == "pause" else "go-on",
        gating="pause" if node.get("gating").text == "pause" else "go-on",
        older_than_s=OnInterrupt().older_than_s if older_s is None else older_s,
    )


def build_rollback(node: Node) -> RollbackPace | None:
    """The pace of a rollback; None: the plan's own cohorts, one after another."""
    if not node:
        return None
    size = node.get("cohort_size").number
    return RollbackPace(
        cohort_size=None if size is None else int(size),
        pause_between_s=parse_duration_s(node.get("pause_between").text or "") or 0.0,
    )
