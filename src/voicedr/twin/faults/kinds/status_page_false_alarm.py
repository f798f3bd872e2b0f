"""The provider's status page tells of an outage that is none.

Callers are served. An operator who trusts it moves calls away from a Region that works.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import StatusPageEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.status import COMPONENTS, STATUSES


def status_page(params: Params) -> StatusPageEffect:
    """What it says."""
    return StatusPageEffect(invented=(f"{params['component']} {params['region']}", params["status"]))


kind = FaultKind(
    area="Observation",
    parameters=(
        Parameter("region", "region", "the Region that is said to be in trouble", default="us1"),
        Parameter(
            "component", "choice", "what is said to be in trouble", default="Programmable Voice", choices=COMPONENTS
        ),
        Parameter("status", "choice", "what is said of it", default="major_outage", choices=STATUSES),
    ),
    status_page=status_page,
)
