"""A product of the API is not offered in a Region any more.

Callers notice nothing. An operator reads 404 with code 20404, for what was there before as well.
"""

from __future__ import annotations

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Find nothing."""
    if request.method == "CONNECT":
        return None
    if not asks(params, request):
        return None
    return RestEffect(response=error(404, 20404, f"Endpoint is not supported in realm '{request.region}'"))


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    public={"REST API": "partial_outage"},
    rest=rest,
)
