"""The provider's status page says that everything works.

Callers hear what they hear. An operator, or whoever must approve, looks at a green page during an outage.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import StatusPageEffect
from voicedr.twin.faults.kind import FaultKind, Params


def status_page(params: Params) -> StatusPageEffect:
    """What it says."""
    return StatusPageEffect(green=True)


kind = FaultKind(area="Observation", parameters=(), status_page=status_page)
