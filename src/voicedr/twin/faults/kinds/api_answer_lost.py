"""The REST API takes requests, carries them out and does not answer.

Callers follow what was asked. An operator sees a time-out for something that happened.
"""

from __future__ import annotations

from voicedr.twin.api.broken import HELD_S_MAX
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Carry it out and say nothing."""
    if request.method == "CONNECT":
        return None
    if not asks(params, request):
        return None
    return RestEffect(failure=Failure.READ_TIMEOUT, delay_s=HELD_S_MAX, executed=True)


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    public={"REST API": "degraded_performance"},
    rest=rest,
)
