"""A Region's REST API is down, and its calls are not.

Callers notice nothing. An operator cannot read or change anything in the Region.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.kinds.region_down import MODES, how
from voicedr.twin.world.model import World


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Its hosts fail by mode."""
    if request.region != params["region"] or params["product"] not in (None, request.product):
        return None
    return how(params["mode"], params["delay_s"], request)


kind = FaultKind(
    area="REST API",
    parameters=(
        Parameter("region", "region", "the Region whose REST API is down", required=True),
        Parameter("product", "text", "only this product's hosts, e.g. routes"),
        Parameter("mode", "choice", "what its REST hosts do", default="black-hole", choices=MODES),
        Parameter("delay_s", "number", "how late a slow answer is", default=30.0),
    ),
    public={"REST API": "major_outage"},
    rest=rest,
)
