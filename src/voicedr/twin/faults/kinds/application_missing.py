"""A TwiML App is gone from a Region.

Callers to numbers that name it there are not connected: a tone, no log. An operator finds numbers that name an
application which is not there. Healing puts it back.
"""

from __future__ import annotations

import msgspec

from voicedr.twin.faults.kind import BadFault, FaultKind, Parameter
from voicedr.twin.world.model import Application, Fault, World


def began(world: World, fault: Fault, now: float) -> None:
    """Take it away."""
    region, wanted = fault.params["region"], fault.params["application"]
    kept = world.regions[region].applications
    found = next((one for one in kept.values() if wanted in (one.sid, one.friendly_name)), None)
    if found is None:
        there = ", ".join(sorted(one.friendly_name for one in kept.values())) or "none"
        raise BadFault(
            f"fault application-missing: {region} has no application {wanted!r}; it has {there}. Nothing was broken."
        )
    fault.memory["taken"] = msgspec.to_builtins(kept.pop(found.sid))


def restored(world: World, fault: Fault, now: float) -> None:
    """Put it back, unless somebody made one of the same id."""
    back = msgspec.convert(fault.memory["taken"], Application)
    world.regions[fault.params["region"]].applications.setdefault(back.sid, back)


kind = FaultKind(
    area="Configuration",
    parameters=(
        Parameter("region", "region", "the Region that loses it", required=True),
        Parameter("application", "text", "its friendly name, or its SID", required=True),
    ),
    began=began,
    restored=restored,
)
