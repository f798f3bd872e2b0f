"""Voice Insights is late: a call's summary can be read only some time after the call.

Callers are served. An operator who wants to see how calls fared finds none of the last minutes.
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.listing import keep_records, made_at
from voicedr.twin.faults.where import REGION
from voicedr.twin.world.model import Fault
from voicedr.wire.http import Response


def reply(fault: Fault, params: Params, request: Rest, response: Response, now: float) -> Response | None:
    """Only what is old enough."""
    if request.method != "GET" or request.product != "insights" or params["region"] not in (None, request.region):
        return None
    if request.path.endswith("/Settings"):
        return None
    return keep_records(response, lambda record: (made_at(record) or 0.0) <= now - params["lag_s"])


kind = FaultKind(
    area="Observation",
    parameters=(REGION, Parameter("lag_s", "number", "how late a summary can be read", default=1800.0)),
    reply=reply,
)
