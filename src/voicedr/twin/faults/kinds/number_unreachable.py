"""One number cannot be reached from the public network, whatever its Region.

Its callers hear nothing and are cut off; all others are served. An operator finds the number configured as it should
be, and no call of it in any log. Moving it to another Region does not help.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import CallEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.world.model import World


def call_setup(world: World, params: Params, region: str, e164: str, now: float) -> CallEffect | None:
    """Nobody takes it."""
    return CallEffect(params["outcome"], params["after_s"]) if e164 == params["number"] else None


kind = FaultKind(
    area="Calls",
    parameters=(
        Parameter("number", "text", "the number", required=True),
        Parameter(
            "outcome", "choice", "what the caller gets", default="silence", choices=("silence", "failed", "busy")
        ),
        Parameter("after_s", "number", "how long the caller hears nothing", default=20.0),
    ),
    call_setup=call_setup,
)
