"""Credentials stop working at a time: somebody rotated them, or they ran out.

Callers notice nothing. An operator's requests work until then and read 401 with code 20003 afterwards, in the middle of
whatever was under way.
"""

from __future__ import annotations

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import BadFault, FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.where import REGION
from voicedr.twin.world.model import Fault, World

_REFUSAL = RestEffect(response=error(401, 20003, "Authenticate"))
_EXPIRES_AT = "expires_at"


def began(world: World, fault: Fault, now: float) -> None:
    """Note when."""
    if isinstance(fault.params["after_s"], dict):
        raise BadFault(
            "fault credential-expires: after_s cannot change over time; give one number. Nothing was broken."
        )
    fault.params[_EXPIRES_AT] = now + fault.params["after_s"]


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Refuse the credential once its time has come."""
    if request.method == "CONNECT" or now < params[_EXPIRES_AT] or params["region"] not in (None, request.region):
        return None
    return _REFUSAL if params["key"] in (None, request.user) else None


kind = FaultKind(
    area="Credentials",
    parameters=(
        REGION,
        Parameter("key", "text", "only this API key (SK...), or the account SID for its Auth Token; left out: all"),
        Parameter("after_s", "number", "how long they still work", default=60.0),
    ),
    rest=rest,
    began=began,
)
