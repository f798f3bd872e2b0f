"""A route reads as if it had never been set.

Callers follow the route. An operator reads 404 where it was, as for a route that was never written.
"""

from __future__ import annotations

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import ROUTES
from voicedr.twin.world.model import World


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Not found."""
    if request.product != "routes" or request.method != "GET" or params["region"] not in (None, request.region):
        return None
    if params["name"] is not None and not request.path.endswith("/" + params["name"]):
        return None
    return RestEffect(response=error(404, 20404, f"The requested resource {request.path} was not found"))


kind = FaultKind(area="Routes", parameters=ROUTES, rest=rest)
