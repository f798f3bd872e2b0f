"""Counting calls: how many were placed since a time, and how they went, Region by Region."""

from __future__ import annotations

from collections.abc import Iterator

from voicedr.twin.control.shapes import TallyShown
from voicedr.twin.world.model import NetworkCall, World


def calls_since(world: World, since: float, to: str | None = None) -> Iterator[NetworkCall]:
    """Calls dialled at or after a time, newest first."""
    for call in reversed(world.network_calls.values()):
        # They are kept in the order of dialling.
        if call.dialled_at < since:
            return
        if to is None or call.to == to:
            yield call


def tally(world: World, since: float) -> TallyShown:
    """How the calls went that were dialled since a time."""
    placed = ended = 0
    outcomes: dict[str, int] = {}
    by_region: dict[str, dict[str, int]] = {}
    for call in calls_since(world, since):
        placed += 1
        if not call.outcome:
            continue
        ended += 1
        outcomes[call.outcome] = outcomes.get(call.outcome, 0) + 1
        there = by_region.setdefault(call.region or "none", {})
        there[call.outcome] = there.get(call.outcome, 0) + 1
    return TallyShown(placed, ended, outcomes, by_region)
