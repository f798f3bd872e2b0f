"""A route write takes effect and its answer is lost.

Callers follow the new route. An operator sees a time-out, or a connection that breaks, and cannot tell from that
whether anything happened.
"""

from __future__ import annotations

from voicedr.twin.api.broken import HELD_S_MAX
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Execute it, and say nothing."""
    if not touched(world, params, request):
        return None
    if params["mode"] == "reset":
        return RestEffect(failure=Failure.RESET, executed=True)
    return RestEffect(failure=Failure.READ_TIMEOUT, delay_s=HELD_S_MAX, executed=True)


def touched(world: World, params: Params, request: Rest) -> bool:
    """True for a route write through the Region, at the rate, to the name that is asked for."""
    if not request.writes_route or params["region"] not in (None, request.region):
        return False
    if params["name"] is not None and not request.path.endswith("/" + params["name"]):
        return False
    return bool(params["rate"] >= 1.0 or world.draw() < params["rate"])


WHICH = (
    Parameter("region", "region", "writes through this Region's host; left out: through any"),
    Parameter("name", "text", "only the route of this number, trunk domain or SIP domain"),
    Parameter("rate", "rate", "the share of writes", default=1.0),
)

kind = FaultKind(
    parameters=(
        *WHICH,
        Parameter("mode", "choice", "how the answer is lost", default="black-hole", choices=("black-hole", "reset")),
    ),
    rest=rest,
)
