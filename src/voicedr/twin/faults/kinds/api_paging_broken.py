"""A list breaks off after its first page: the next one is answered 500.

Callers notice nothing. An operator gets the beginning of a list and an error, and must not take it for the whole.
"""

from __future__ import annotations

from voicedr.twin.api.answers import error
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import Fault
from voicedr.wire.http import Response


def reply(fault: Fault, params: Params, request: Rest, response: Response, now: float) -> Response | None:
    """No page but the first."""
    if request.method != "GET" or not asks(params, request) or "PageToken=" not in request.query:
        return None
    return error(500, 20500, "Internal Server Error")


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    reply=reply,
)
