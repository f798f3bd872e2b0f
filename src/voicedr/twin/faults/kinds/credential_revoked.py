"""Credentials of a Region no longer work.

Callers notice nothing. An operator reads 401 with code 20003, which is also what a credential of another Region gets:
it cannot be told apart.
"""

from __future__ import annotations

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.world.model import World

_REFUSAL = RestEffect(response=error(401, 20003, "Authenticate"))


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Refuse the key that is named, or every credential of the Region."""
    if request.method == "CONNECT" or request.region != params["region"]:
        return None
    return _REFUSAL if params["key"] in (None, request.user) else None


kind = FaultKind(
    area="Credentials",
    parameters=(
        Parameter("region", "region", "the Region whose credentials are revoked", required=True),
        Parameter("key", "text", "only this API key (SK...), or the account SID for its Auth Token; left out: all"),
    ),
    rest=rest,
)
