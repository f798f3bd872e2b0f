"""Route writes through any Region's host work only while us1 does, and it does not.

Callers stay where they are. An operator who writes through the standby's host waits for an answer that does not come.
Whether the provider's routes depend on us1 is not documented; this is the case in which they do.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.kinds.region_down import how
from voicedr.twin.world.model import World


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Every route write fails; reads do not."""
    return how(params["mode"], 0.0, request, own_host=False) if request.writes_route else None


kind = FaultKind(
    area="Routes",
    parameters=(Parameter("mode", "choice", "how it fails", default="black-hole", choices=("black-hole", "503")),),
    public={"Inbound Processing": "major_outage"},
    rest=rest,
)
