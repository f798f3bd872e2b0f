"""How long a row of cohorts takes from now, each with what it has left to do: the arithmetic of forecast and ETA.

One after another, the times add up. Where cohorts may overlap, one starts while earlier ones wait for their proof, by
the rules of ``overlap``; requests and test calls still go one after another.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from voicedr.program.scope.moving import Overlap


class Leg(NamedTuple):
    """What one cohort has left. A cohort that has passed has nothing left.

    Attributes:
        writes_s: Writing its routes.
        propagation_s: Until they have reached every edge.
        placing_s: Placing its test calls.
        last_call_s: From the last of them to the word of the gate.
        risk: What it puts at risk until it passes, in the budget's unit.
        overlapped: True if the next one may start while this one waits.
        started: True if it moves already.
    """

    writes_s: float
    propagation_s: float
    placing_s: float
    last_call_s: float
    risk: float = 0.0
    overlapped: bool = False
    started: bool = False

    @property
    def total_s(self) -> float:
        """Alone, with nobody beside it."""
        return self.writes_s + self.propagation_s + self.placing_s + self.last_call_s


def course_s(legs: Sequence[Leg], overlap: Overlap | None) -> float:
    """Seconds until the last cohort has passed."""
    if overlap is None:
        return sum(leg.total_s for leg in legs)
    passed_s: list[float] = []
    moved_s = calls_free_s = 0.0
    for index, leg in enumerate(legs):
        start_s = 0.0 if leg.started or index == 0 else _start_s(overlap, legs, passed_s, index, moved_s)
        moved_s = start_s + leg.writes_s
        placing_from_s = max(moved_s + leg.propagation_s, calls_free_s if leg.placing_s else 0.0)
        calls_free_s = max(calls_free_s, placing_from_s + leg.placing_s)
        passed_s.append(placing_from_s + leg.placing_s + leg.last_call_s)
    return max(passed_s, default=0.0)


def _start_s(overlap: Overlap, legs: Sequence[Leg], passed_s: Sequence[float], index: int, moved_s: float) -> float:
    """The first instant at which a cohort may start: when the one before is moved, or when one passes."""
    for now_s in sorted({moved_s, *(at for at in passed_s if at > moved_s)}):
        waiting = [legs[n] for n, at in enumerate(passed_s) if at > now_s]
        if not waiting:
            return now_s
        at_risk = sum(leg.risk for leg in (*waiting, legs[index]))
        canary_passed = passed_s[0] <= now_s
        within = len(waiting) <= overlap.cohorts_max and at_risk <= overlap.budget
        if canary_passed and within and all(leg.overlapped for leg in waiting):
            return now_s
    return max(moved_s, *passed_s)
