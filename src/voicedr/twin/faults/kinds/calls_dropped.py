"""Calls drop some seconds after they were set up.

Callers are cut off in the middle of what they hear. An operator sees calls of one length in the log, completed and
without an error. A call that lasted already when this began goes on.
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import CALLS, rings


def dropped_after_s(params: Params, region: str, e164: str) -> float | None:
    """When it drops."""
    return float(params["after_s"]) if rings(params, region, e164) else None


kind = FaultKind(
    area="Calls",
    parameters=(*CALLS, Parameter("after_s", "number", "how long after set-up it drops", default=10.0)),
    public={"Programmable Voice": "partial_outage"},
    dropped_after_s=dropped_after_s,
)
