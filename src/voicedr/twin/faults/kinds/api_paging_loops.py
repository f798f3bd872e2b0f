"""The next page of a list is the same page again.

Callers notice nothing. An operator's client that follows the links never ends, unless it counts or compares.
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.listing import decoded, next_page, with_next_page
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import Fault
from voicedr.wire.http import Response


def reply(fault: Fault, params: Params, request: Rest, response: Response, now: float) -> Response | None:
    """The next page is this one."""
    body = decoded(response) if request.method == "GET" and asks(params, request) else None
    if body is None or next_page(body) is None:
        return None
    here = f"{request.path}?{request.query}" if request.query else request.path
    return with_next_page(response, body, f"https://{request.host}{here}" if "meta" in body else here)


kind = FaultKind(
    area="REST API",
    parameters=REQUESTS,
    reply=reply,
)
