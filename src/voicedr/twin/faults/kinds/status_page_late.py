"""The provider's status page tells of trouble late.

Callers have heard it for half an hour before an operator can read it there.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import StatusPageEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params


def status_page(params: Params) -> StatusPageEffect:
    """What it says."""
    return StatusPageEffect(lag_s=params["lag_s"])


kind = FaultKind(
    area="Observation",
    parameters=(Parameter("lag_s", "number", "how much later trouble is shown", default=1800.0),),
    status_page=status_page,
)
