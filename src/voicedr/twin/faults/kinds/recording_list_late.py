"""Recordings appear late.

Callers have left their message. An operator does not find it yet.
"""

from __future__ import annotations

import re

from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.listing import keep_records, made_at
from voicedr.twin.faults.where import REGION
from voicedr.twin.world.model import Fault
from voicedr.wire.http import Response

_PATH = re.compile(r"/Recordings(/RE[0-9a-f]{32})?\.json$")


def reply(fault: Fault, params: Params, request: Rest, response: Response, now: float) -> Response | None:
    """Only what is old enough."""
    if request.method != "GET" or request.product != "api" or params["region"] not in (None, request.region):
        return None
    if not _PATH.search(request.path):
        return None
    return keep_records(response, lambda record: (made_at(record) or 0.0) <= now - params["lag_s"])


kind = FaultKind(
    area="Observation",
    parameters=(REGION, Parameter("lag_s", "number", "how late a record can be read", default=300.0)),
    reply=reply,
)
