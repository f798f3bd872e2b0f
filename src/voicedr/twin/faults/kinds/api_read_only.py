"""The REST API can be read and not written.

Callers stay where they are. An operator sees everything and changes nothing: each write is answered 503.
"""

from __future__ import annotations

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World

_REFUSAL = error(503, 20503, "Service Unavailable")


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Refuse what writes."""
    if request.method == "CONNECT":
        return None
    if not request.writes or not asks(params, request):
        return None
    return RestEffect(response=_REFUSAL)


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    public={"REST API": "partial_outage"},
    rest=rest,
)
