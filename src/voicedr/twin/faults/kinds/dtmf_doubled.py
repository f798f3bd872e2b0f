"""Each key that callers press arrives twice.

Callers land where they did not want to, or are told that their choice is none. An operator sees Digits that nobody
pressed.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import MediaEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import CALLS, rings


def media(params: Params, region: str, e164: str) -> MediaEffect | None:
    """What is lost."""
    return MediaEffect(keys="doubled") if rings(params, region, e164) else None


kind = FaultKind(
    area="Media",
    parameters=CALLS,
    public={"Programmable Voice": "degraded_performance"},
    media=media,
)
