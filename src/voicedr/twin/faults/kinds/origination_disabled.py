"""A trunk's origination URIs are disabled in one Region.

Callers get the disaster recovery URL's instructions, or fail. An operator finds targets that are there and not used.
"""

from __future__ import annotations

from voicedr.twin.faults.configured import trunk_in
from voicedr.twin.faults.kind import FaultKind, Parameter
from voicedr.twin.world.model import Fault, World


def began(world: World, fault: Fault, now: float) -> None:
    """Disable those that are enabled."""
    trunk = trunk_in(world, fault)
    enabled = [sid for sid, one in trunk.origination_urls.items() if one.enabled]
    fault.memory = {"sid": trunk.sid, "enabled": enabled}
    for sid in enabled:
        trunk.origination_urls[sid].enabled = False


def restored(world: World, fault: Fault, now: float) -> None:
    """Enable them again."""
    trunk = world.regions[fault.params["region"]].trunks.get(fault.memory["sid"])
    for sid in fault.memory["enabled"]:
        if trunk is not None and sid in trunk.origination_urls:
            trunk.origination_urls[sid].enabled = True


kind = FaultKind(
    area="Configuration",
    parameters=(
        Parameter("region", "region", "the Region whose trunk is meant", required=True),
        Parameter("trunk", "text", "its domain name, or its SID", required=True),
    ),
    began=began,
    restored=restored,
)
