"""Reads of a resource are behind: for some seconds after a write they show how it was before.

Callers follow the writes. An operator who reads back what was just written sees the old values, or 404 for what was
just made.
"""

from __future__ import annotations

from collections.abc import Callable

from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import Fault
from voicedr.wire.http import Response

REMEMBERED_MAX = 10_000
"""Resources whose past is kept; a write beyond that is seen at once."""


def before(fault: Fault, params: Params, request: Rest, read: Callable[[], Response], now: float) -> None:
    """Remember how it stands before it is written."""
    if not request.writes or not asks(params, request):
        return
    for key in [key for key, one in fault.memory.items() if now >= one["until"]]:
        del fault.memory[key]
    key = f"{request.host} {request.path}"
    stands = read()
    if key not in fault.memory and len(fault.memory) < REMEMBERED_MAX and stands.status < 500:
        fault.memory[key] = {"until": now + params["lag_s"], "status": stands.status, "body": stands.text}


def reply(fault: Fault, params: Params, request: Rest, response: Response, now: float) -> Response | None:
    """How it was."""
    remembered = fault.memory.get(f"{request.host} {request.path}")
    if request.method != "GET" or remembered is None or now >= remembered["until"]:
        return None
    return Response(remembered["status"], response.headers, remembered["body"].encode())


kind = FaultKind(
    area="REST API",
    parameters=(
        *REQUESTS,
        Parameter("lag_s", "number", "how far behind a read is", default=30.0),
    ),
    before=before,
    reply=reply,
)
