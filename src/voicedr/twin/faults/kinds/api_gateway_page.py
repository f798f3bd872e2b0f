"""A gateway in front of the REST API answers with a page of HTML.

Callers notice nothing. An operator's client meets HTML where it expects JSON; the request was not executed, which the
page does not say.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World
from voicedr.wire.http import Response

_NAMES = {"502": "Bad Gateway", "503": "Service Temporarily Unavailable", "504": "Gateway Time-out"}


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Answer a page."""
    if request.method == "CONNECT":
        return None
    if not asks(params, request):
        return None
    status = int(params["status"])
    page = f"<html><head><title>{status} {_NAMES[params['status']]}</title></head><body>{status}</body></html>"
    return RestEffect(response=Response(status, (("Content-Type", "text/html; charset=utf-8"),), page.encode()))


kind = FaultKind(
    area="REST API",
    parameters=(
        *REQUESTS,
        Parameter("status", "choice", "the status of the page", default="503", choices=tuple(_NAMES)),
    ),
    public={"REST API": "degraded_performance"},
    rest=rest,
)
