"""Calls from the account's numbers are refused for their caller id.

Callers are served; outgoing calls are not placed. An operator reads code 21210: the number is not one of the account's
(https://www.twilio.com/docs/api/errors/21210).
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from urllib.parse import parse_qs

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.world.model import World

_REFUSAL = error(400, 21210, "The source phone number provided is not yet verified for your account")


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Refuse to create the call."""
    if request.method != "POST" or request.product != "api" or not request.path.endswith("/Calls.json"):
        return None
    given = parse_qs(request.body.decode("utf-8", "replace")).get("From", [""])[-1]
    return RestEffect(response=_REFUSAL) if fnmatchcase(given, params["numbers"]) else None


kind = FaultKind(
    area="Calls",
    parameters=(Parameter("numbers", "text", "which numbers, with * for anything", default="+*"),),
    rest=rest,
)
