"""Alerts are not kept: the feed stays as it was when the fault began.

Callers hear the error message. An operator sees a feed in which nothing went wrong.
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.faults.listing import keep_records, made_at
from voicedr.twin.faults.where import REGION
from voicedr.twin.world.model import Fault
from voicedr.wire.http import Response


def reply(fault: Fault, params: Params, request: Rest, response: Response, now: float) -> Response | None:
    """Only what is older than the fault."""
    if request.method != "GET" or request.product != "monitor" or params["region"] not in (None, request.region):
        return None
    return keep_records(response, lambda record: (made_at(record) or 0.0) < fault.since)


kind = FaultKind(area="Observation", parameters=(REGION,), reply=reply)
