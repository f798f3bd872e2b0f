"""The REST API refuses requests as too many.

Callers notice nothing. An operator reads 429 with code 20429; a refused request was not executed and may be repeated
(https://www.twilio.com/docs/api/errors/20429).
"""

from __future__ import annotations

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.world.model import World

_REFUSAL = RestEffect(response=error(429, 20429, "Too Many Requests"))


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Refuse it."""
    if request.method == "CONNECT" or params["region"] not in (None, request.region):
        return None
    return _REFUSAL


kind = FaultKind(
    area="REST API",
    parameters=(Parameter("region", "region", "requests to this Region; left out: to every Region"),),
    public={"REST API": "degraded_performance"},
    rest=rest,
)
