"""A number's configuration is gone in one Region.

Callers who are routed there are not connected: a tone, no log, no webhook. An operator finds the number in the Region
without a handler. Healing puts it back, unless somebody configured it meanwhile.
"""

from __future__ import annotations

import msgspec

from voicedr.twin.faults.configured import number_in
from voicedr.twin.faults.kind import FaultKind, Parameter
from voicedr.twin.world.model import Fault, NumberVoice, World


def began(world: World, fault: Fault, now: float) -> None:
    """Take it away."""
    sid, configured = number_in(world, fault)
    fault.memory = {"sid": sid, "taken": msgspec.to_builtins(configured)}
    del world.regions[fault.params["region"]].numbers[sid]


def restored(world: World, fault: Fault, now: float) -> None:
    """Put it back."""
    back = msgspec.convert(fault.memory["taken"], NumberVoice)
    world.regions[fault.params["region"]].numbers.setdefault(fault.memory["sid"], back)


kind = FaultKind(
    area="Configuration",
    parameters=(
        Parameter("region", "region", "the Region whose configuration is meant", required=True),
        Parameter("number", "text", "the number", required=True),
    ),
    began=began,
    restored=restored,
)
