"""Writes are answered as if they had been stored, and are not.

Callers stay where they were. An operator reads success; only reading back shows that nothing changed. A call that is
created this way is never placed.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Forget what was written."""
    if request.method == "CONNECT":
        return None
    return RestEffect(undone=True) if request.writes and asks(params, request) else None


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    rest=rest,
)
