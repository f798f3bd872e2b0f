"""The account is suspended.

Callers are refused while the call is set up. An operator reads 401 with code 20005 for everything
(https://www.twilio.com/docs/api/errors/20005).
"""

from __future__ import annotations

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import CallEffect, RestEffect
from voicedr.twin.faults.kind import FaultKind, Params, Rest
from voicedr.twin.world.model import World

_REFUSAL = error(401, 20005, "Account is not active")


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Refuse it."""
    if request.method == "CONNECT":
        return None
    return RestEffect(response=_REFUSAL)


def call_setup(world: World, params: Params, region: str, e164: str, now: float) -> CallEffect | None:
    """Refuse the call, in every Region."""
    return CallEffect("failed", 0.5)


kind = FaultKind(
    area="Credentials",
    rest=rest,
    call_setup=call_setup,
)
