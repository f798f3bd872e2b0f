"""A key may read and not write: it is a restricted one, or was made so.

Callers stay where they are. An operator reads everything and is refused every change with code 70051
(https://www.twilio.com/docs/api/errors/70051).
"""

from __future__ import annotations

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.where import REQUESTS, asks
from voicedr.twin.world.model import World

_REFUSAL = error(403, 70051, "Authorization Failed")


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Refuse it."""
    if request.method == "CONNECT":
        return None
    if not asks(params, request) or params["key"] not in (None, request.user):
        return None
    return RestEffect(response=_REFUSAL) if request.writes or params["reads_too"] == "yes" else None


kind = FaultKind(
    area="Credentials",
    parameters=(
        *REQUESTS,
        Parameter("key", "text", "only this API key (SK...), or the account SID for its Auth Token; left out: all"),
        Parameter("reads_too", "choice", "whether reading is refused as well", default="no", choices=("no", "yes")),
    ),
    rest=rest,
)
