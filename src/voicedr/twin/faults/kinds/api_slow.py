"""The REST API takes long and works.

Callers notice nothing. An operator waits for the first byte of each answer; a client with a shorter budget gives up on
requests that take effect.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Answer, later."""
    if request.method == "CONNECT":
        return None
    return RestEffect(delay_s=params["delay_s"]) if asks(params, request) else None


kind = FaultKind(
    area="REST API",
    parameters=(
        *REQUESTS,
        Parameter("delay_s", "number", "how much later the answer comes", default=8.0),
    ),
    public={"REST API": "degraded_performance"},
    rest=rest,
)
