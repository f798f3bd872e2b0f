"""The account may start fewer calls in a second than it could.

Callers are served. People who are called wait: an operator's test calls and the application's outgoing calls stay
queued for long (https://www.twilio.com/docs/voice/api/call-resource).
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import REGION


def settings(params: Params, region: str) -> dict[str, float]:
    """What it is instead."""
    return {"calls_per_second": params["calls_per_second"]} if params["region"] in (None, region) else {}


kind = FaultKind(
    area="Calls",
    parameters=(REGION, Parameter("calls_per_second", "number", "how many calls start in a second", default=0.1)),
    settings=settings,
)
