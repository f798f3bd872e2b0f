"""Calls are answered and there is no sound in either direction.

Callers hear nothing, and nothing that they say or key arrives. An operator sees calls that were answered, ran their
instructions and ended without an error: only the sound tells.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import MediaEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import CALLS, rings


def media(params: Params, region: str, e164: str) -> MediaEffect | None:
    """What is lost."""
    return MediaEffect(deaf=True, mute=True) if rings(params, region, e164) else None


kind = FaultKind(
    area="Media",
    parameters=CALLS,
    public={"Programmable Voice": "degraded_performance"},
    media=media,
)
