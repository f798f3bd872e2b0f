"""Keys that callers press do not arrive; speech does.

Callers hear the menu again, or what comes when nobody chooses. An operator sees requests without Digits, and no error.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import MediaEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import CALLS, rings


def media(params: Params, region: str, e164: str) -> MediaEffect | None:
    """What is lost."""
    return MediaEffect(keys="lost") if rings(params, region, e164) else None


kind = FaultKind(
    area="Media",
    parameters=CALLS,
    public={"Programmable Voice": "degraded_performance"},
    media=media,
)
