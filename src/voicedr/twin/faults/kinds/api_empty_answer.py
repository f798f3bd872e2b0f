"""The REST API answers its status and nothing else.

Callers follow what was asked. An operator reads a success that says nothing.
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.listing import empty
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import Fault
from voicedr.wire.http import Response


def reply(fault: Fault, params: Params, request: Rest, response: Response, now: float) -> Response | None:
    """The status alone."""
    return empty(response) if asks(params, request) and response.status < 300 else None


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    reply=reply,
)
