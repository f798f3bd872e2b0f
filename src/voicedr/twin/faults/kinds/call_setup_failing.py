"""A share of the calls to a Region fail while they are set up.

These callers hear that the call failed, half a second after dialling; the others are served. An operator sees fewer
calls in the Region's log than there were, and no error in it.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import CallEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.world.model import World


def call_setup(world: World, params: Params, region: str, e164: str, now: float) -> CallEffect | None:
    """Fail at the rate."""
    if region != params["region"] or (params["rate"] < 1.0 and world.draw() >= params["rate"]):
        return None
    return CallEffect(params["outcome"], params["after_s"])


kind = FaultKind(
    parameters=(
        Parameter("region", "region", "the Region whose call set-up fails", required=True),
        Parameter("rate", "rate", "the share of calls that fail", default=1.0),
        Parameter("outcome", "choice", "what the caller gets", default="failed", choices=("failed", "silence")),
        Parameter("after_s", "number", "how long after dialling it ends", default=0.5),
    ),
    call_setup=call_setup,
)
