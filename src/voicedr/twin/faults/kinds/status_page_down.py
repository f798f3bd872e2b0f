"""The provider's status page cannot be read.

Callers notice nothing. An operator reads 503, and knows neither more nor less than before.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import StatusPageEffect
from voicedr.twin.faults.kind import FaultKind, Params


def status_page(params: Params) -> StatusPageEffect:
    """What it says."""
    return StatusPageEffect(down=True)


kind = FaultKind(area="Observation", parameters=(), status_page=status_page)
