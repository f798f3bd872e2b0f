"""Route writes are refused.

Callers stay where they are. An operator reads an error; nothing changed.
"""

from __future__ import annotations

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.where import ROUTES, writes_route
from voicedr.twin.world.model import World

_ANSWERS = {
    "400": error(400, 20001, "Invalid VoiceRegion"),
    "403": error(403, 70051, "Authorization Failed"),
    "404": error(404, 20404, "The requested resource was not found"),
    "409": error(409, 20409, "Conflict"),
    "429": error(429, 20429, "Too Many Requests"),
    "500": error(500, 20500, "Internal Server Error"),
    "503": error(503, 20503, "Service Unavailable"),
}


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Answer the error instead of doing it."""
    return RestEffect(response=_ANSWERS[params["status"]]) if writes_route(params, request) else None


kind = FaultKind(
    area="Routes",
    parameters=(
        *ROUTES,
        Parameter("status", "choice", "the HTTP status of the refusal", default="503", choices=tuple(_ANSWERS)),
    ),
    rest=rest,
)
