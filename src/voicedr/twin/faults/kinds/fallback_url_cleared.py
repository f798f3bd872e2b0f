"""A number has no fallback URL any more in one Region.

Callers notice nothing until the application fails; then they hear the error message. An operator finds it empty.
"""

from __future__ import annotations

from voicedr.twin.faults.configured import number_in
from voicedr.twin.faults.kind import FaultKind, Parameter
from voicedr.twin.world.model import Fault, World


def began(world: World, fault: Fault, now: float) -> None:
    """Change it, and remember what it was."""
    sid, configured = number_in(world, fault)
    fault.memory = {"sid": sid, "was": configured.voice.voice_fallback_url, "now": ""}
    configured.voice.voice_fallback_url = ""


def restored(world: World, fault: Fault, now: float) -> None:
    """Put it back, unless somebody changed it meanwhile."""
    configured = world.regions[fault.params["region"]].numbers.get(fault.memory["sid"])
    if configured is not None and configured.voice.voice_fallback_url == fault.memory["now"]:
        configured.voice.voice_fallback_url = fault.memory["was"]


kind = FaultKind(
    area="Configuration",
    parameters=(
        Parameter("region", "region", "the Region whose configuration is meant", required=True),
        Parameter("number", "text", "the number", required=True),
    ),
    began=began,
    restored=restored,
)
