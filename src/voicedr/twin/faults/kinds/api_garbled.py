"""The REST API's answers end in the middle.

Callers follow what was asked. An operator's client cannot read the JSON of something that took effect.
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import Fault
from voicedr.wire.http import Response


def reply(fault: Fault, params: Params, request: Rest, response: Response, now: float) -> Response | None:
    """Half of it."""
    if not asks(params, request) or len(response.body) < 2:
        return None
    return Response(response.status, response.headers, response.body[: len(response.body) // 2])


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    reply=reply,
)
