"""Calls are set up slowly.

Callers hear nothing for longer than usual before it rings and is answered; impatient ones hang up. An operator sees
calls in the log that begin late, and fewer of them.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import CallEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import CALLS, rings
from voicedr.twin.world.model import World


def call_setup(world: World, params: Params, region: str, e164: str, now: float) -> CallEffect | None:
    """What the caller gets."""
    return CallEffect("", params["delay_s"]) if rings(params, region, e164) else None


kind = FaultKind(
    area="Calls",
    parameters=(
        *CALLS,
        Parameter("delay_s", "number", "how much longer it takes", default=8.0),
    ),
    public={"Programmable Voice": "degraded_performance"},
    call_setup=call_setup,
)
