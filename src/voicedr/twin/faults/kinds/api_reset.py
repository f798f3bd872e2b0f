"""The connection breaks while a REST request is under way, before or after it takes effect.

Callers notice nothing. An operator's client sees a reset and cannot tell from it whether anything happened.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Break the connection."""
    if request.method == "CONNECT":
        return None
    if not asks(params, request):
        return None
    return RestEffect(failure=Failure.RESET, executed=params["takes_effect"] == "yes")


kind = FaultKind(
    area="REST API",
    parameters=(
        *REQUESTS,
        Parameter("takes_effect", "choice", "whether it is carried out", default="no", choices=("no", "yes")),
    ),
    public={"REST API": "degraded_performance"},
    rest=rest,
)
