"""A share of the calls to a Region fail while they are set up.

These callers hear that the call failed, half a second after dialling; the others are served. An operator sees fewer
calls in the Region's log than there were, and no error in it.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import CallEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.world.model import World


def call_setup(world: World, params: Params, region: str, e164: str, now: float) -> CallEffect | None:
    """Fail."""
    if region != params["region"]:
        return None
    return CallEffect(params["outcome"], params["after_s"])


kind = FaultKind(
    area="Calls",
    parameters=(
        Parameter("region", "region", "the Region whose call set-up fails", required=True),
        Parameter("outcome", "choice", "what the caller gets", default="failed", choices=("failed", "silence")),
        Parameter("after_s", "number", "how long after dialling it ends", default=0.5),
    ),
    public={"Programmable Voice": "partial_outage"},
    call_setup=call_setup,
)
