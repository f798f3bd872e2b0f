"""Somebody changed a number's VoiceUrl in one Region.

Callers who are routed there get another application's instructions, or an error message. An operator finds a number
that is not as the others are.
"""

from __future__ import annotations

from voicedr.twin.faults.configured import number_in
from voicedr.twin.faults.kind import FaultKind, Parameter
from voicedr.twin.world.model import Fault, World


def began(world: World, fault: Fault, now: float) -> None:
    """Change it, and remember what it was."""
    sid, configured = number_in(world, fault)
    fault.memory = {"sid": sid, "was": configured.voice.voice_url, "now": fault.params["url"]}
    configured.voice.voice_url = fault.params["url"]


def restored(world: World, fault: Fault, now: float) -> None:
    """Put it back, unless somebody changed it meanwhile."""
    configured = world.regions[fault.params["region"]].numbers.get(fault.memory["sid"])
    if configured is not None and configured.voice.voice_url == fault.memory["now"]:
        configured.voice.voice_url = fault.memory["was"]


kind = FaultKind(
    area="Configuration",
    parameters=(
        Parameter("region", "region", "the Region whose configuration is meant", required=True),
        Parameter("number", "text", "the number", required=True),
        Parameter("url", "text", "what it is changed to", default="https://old.example/voice"),
    ),
    began=began,
    restored=restored,
)
