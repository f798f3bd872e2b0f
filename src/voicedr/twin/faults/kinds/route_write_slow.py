"""Route writes take long and work.

Callers follow late. An operator waits; a client with a shorter budget sees a time-out for a write that takes effect.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.where import ROUTES, writes_route
from voicedr.twin.world.model import World


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Answer, later."""
    return RestEffect(delay_s=params["delay_s"]) if writes_route(params, request) else None


kind = FaultKind(
    area="Routes",
    parameters=(*ROUTES, Parameter("delay_s", "number", "how much later the answer comes", default=8.0)),
    rest=rest,
)
