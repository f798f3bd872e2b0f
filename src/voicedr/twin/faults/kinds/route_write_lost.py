"""A route write takes effect and its answer is lost.

Callers follow the new route. An operator sees a time-out, or a connection that breaks, and cannot tell from that
whether anything happened.
"""

from __future__ import annotations

from voicedr.twin.api.broken import HELD_S_MAX
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.where import ROUTES, writes_route
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Execute it, and say nothing."""
    if not writes_route(params, request):
        return None
    if params["mode"] == "reset":
        return RestEffect(failure=Failure.RESET, executed=True)
    return RestEffect(failure=Failure.READ_TIMEOUT, delay_s=HELD_S_MAX, executed=True)


kind = FaultKind(
    area="Routes",
    parameters=(
        *ROUTES,
        Parameter("mode", "choice", "how the answer is lost", default="black-hole", choices=("black-hole", "reset")),
    ),
    rest=rest,
)
