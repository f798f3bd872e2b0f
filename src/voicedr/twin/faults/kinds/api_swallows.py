"""The REST API takes connections and never answers, nor carries anything out.

Callers notice nothing. An operator sees the same time-out as for a request that took effect, and has to look.
"""

from __future__ import annotations

from voicedr.twin.api.broken import HELD_S_MAX
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Say nothing."""
    if request.method == "CONNECT":
        return None
    if not asks(params, request):
        return None
    return RestEffect(failure=Failure.READ_TIMEOUT, delay_s=HELD_S_MAX)


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    public={"REST API": "major_outage"},
    rest=rest,
)
