"""An edge is down: hosts that name it do not answer.

An operator who asks ``api.{edge}.{region}`` gets nothing; another edge's name of the same Region still works, and
so does ``api.twilio.com`` unless the edge is ashburn. Callers notice nothing: in the twin the public network hands
calls to a Region, not to an edge. That a name's edge decides the way in is documented for SIP and the Voice SDK;
for REST the pages differ (https://www.twilio.com/docs/global-infrastructure/understanding-edge-locations), so this
is an assumption.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.kinds.region_down import MODES, how
from voicedr.twin.world.model import EDGES, World


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Hosts with this edge in their name fail by mode."""
    return how(params["mode"], params["delay_s"], request) if request.edge == params["edge"] else None


kind = FaultKind(
    parameters=(
        Parameter("edge", "choice", "the edge that is down", required=True, choices=EDGES),
        Parameter("mode", "choice", "what its hosts do", default="refuse", choices=MODES),
        Parameter("delay_s", "number", "how late a slow answer is", default=30.0),
    ),
    rest=rest,
)
