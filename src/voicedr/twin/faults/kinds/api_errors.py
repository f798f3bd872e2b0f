"""The REST API answers 500 for some seconds, in JSON.

Callers notice nothing. An operator reads code 20500; a refused request was not executed
(https://www.twilio.com/docs/api/errors/20500).
"""

from __future__ import annotations

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World

_ERROR = error(500, 20500, "Internal Server Error")


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Answer 500 in place of doing it."""
    if request.method == "CONNECT":
        return None
    return RestEffect(response=_ERROR) if asks(params, request) else None


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    public={"REST API": "degraded_performance"},
    rest=rest,
)
