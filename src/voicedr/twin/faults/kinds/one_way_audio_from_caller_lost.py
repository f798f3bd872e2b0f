"""Callers hear everything and are not heard.

Callers hear the menu again and again, since no key arrives; agents hear nobody. An operator sees calls that look
right.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import MediaEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import CALLS, rings


def media(params: Params, region: str, e164: str) -> MediaEffect | None:
    """What is lost."""
    return MediaEffect(mute=True) if rings(params, region, e164) else None


kind = FaultKind(
    area="Media",
    parameters=CALLS,
    public={"Programmable Voice": "degraded_performance"},
    media=media,
)
