"""A trunk is gone from a Region.

Callers to numbers that name it there are not connected. An operator finds numbers that name a trunk which is not there.
Healing puts it back.
"""

from __future__ import annotations

import msgspec

from voicedr.twin.faults.kind import BadFault, FaultKind, Parameter
from voicedr.twin.world.model import Fault, Trunk, World


def began(world: World, fault: Fault, now: float) -> None:
    """Take it away."""
    region, wanted = fault.params["region"], fault.params["trunk"]
    kept = world.regions[region].trunks
    found = next((one for one in kept.values() if wanted in (one.sid, one.domain_name)), None)
    if found is None:
        there = ", ".join(sorted(one.domain_name for one in kept.values())) or "none"
        raise BadFault(f"fault trunk-missing: {region} has no trunk {wanted!r}; it has {there}. Nothing was broken.")
    fault.memory["taken"] = msgspec.to_builtins(kept.pop(found.sid))


def restored(world: World, fault: Fault, now: float) -> None:
    """Put it back, unless somebody made one of the same id."""
    back = msgspec.convert(fault.memory["taken"], Trunk)
    world.regions[fault.params["region"]].trunks.setdefault(back.sid, back)


kind = FaultKind(
    area="Configuration",
    parameters=(
        Parameter("region", "region", "the Region that loses it", required=True),
        Parameter("trunk", "text", "its domain name, or its SID", required=True),
    ),
    began=began,
    restored=restored,
)
