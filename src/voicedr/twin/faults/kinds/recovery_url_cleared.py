"""A trunk has no disaster recovery URL any more in one Region.

Callers notice nothing until no target of the trunk can be reached; then the call fails. An operator finds it empty.
"""

from __future__ import annotations

from voicedr.twin.faults.configured import trunk_in
from voicedr.twin.faults.kind import FaultKind, Parameter
from voicedr.twin.world.model import Fault, World


def began(world: World, fault: Fault, now: float) -> None:
    """Clear it, and remember what it was."""
    trunk = trunk_in(world, fault)
    fault.memory = {"sid": trunk.sid, "was": trunk.disaster_recovery_url}
    trunk.disaster_recovery_url = ""


def restored(world: World, fault: Fault, now: float) -> None:
    """Put it back, unless somebody set one meanwhile."""
    trunk = world.regions[fault.params["region"]].trunks.get(fault.memory["sid"])
    if trunk is not None and not trunk.disaster_recovery_url:
        trunk.disaster_recovery_url = fault.memory["was"]


kind = FaultKind(
    area="Configuration",
    parameters=(
        Parameter("region", "region", "the Region whose trunk is meant", required=True),
        Parameter("trunk", "text", "its domain name, or its SID", required=True),
    ),
    began=began,
    restored=restored,
)
