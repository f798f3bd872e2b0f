"""Route writes reach the edges much later than they should.

Callers keep going to the old Region for so long. An operator reads the new Region at once and waits beyond the
documented five minutes (https://www.twilio.com/docs/global-infrastructure/inbound-processing-api).
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import ROUTES


def route_delay_s(params: Params, via: str, name: str) -> float:
    """How much later than an ordinary write."""
    fits = params["region"] in (None, via) and params["name"] in (None, name)
    return float(params["delay_s"]) if fits else 0.0


kind = FaultKind(
    area="Routes",
    parameters=(*ROUTES, Parameter("delay_s", "number", "how much later it arrives", default=900.0)),
    public={"Inbound Processing": "degraded_performance"},
    route_delay_s=route_delay_s,
)
