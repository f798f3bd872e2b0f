"""Callers hear nothing and are heard.

Callers are asked things that they do not hear; what they key arrives. An operator sees calls that look right, and menus
in which nobody chooses well.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import MediaEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import CALLS, rings


def media(params: Params, region: str, e164: str) -> MediaEffect | None:
    """What is lost."""
    return MediaEffect(deaf=True) if rings(params, region, e164) else None


kind = FaultKind(
    area="Media",
    parameters=CALLS,
    public={"Programmable Voice": "degraded_performance"},
    media=media,
)
