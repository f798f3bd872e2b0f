"""Route writes are answered with the new Region and not stored.

Callers stay where they are. An operator reads success; only reading the route back shows the old Region.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import ROUTES, writes_route
from voicedr.twin.world.model import World


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Answer it, and forget it."""
    return RestEffect(undone=True) if writes_route(params, request) else None


kind = FaultKind(area="Routes", parameters=ROUTES, rest=rest)
