"""Calls to a country, or to everybody, are not permitted.

Callers who are connected to such a number hear what the application does when a Dial fails. An operator who places one
reads code 21215 (https://www.twilio.com/docs/api/errors/21215).
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from urllib.parse import parse_qs

from voicedr.twin.api.answers import error
from voicedr.twin.faults.effects import PartyEffect, RestEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.world.model import World

_REFUSAL = error(400, 21215, "Account not authorized to call this number")


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Refuse to create the call."""
    if request.method != "POST" or request.product != "api" or not request.path.endswith("/Calls.json"):
        return None
    given = parse_qs(request.body.decode("utf-8", "replace")).get("To", [""])[-1]
    return RestEffect(response=_REFUSAL) if fnmatchcase(given, params["numbers"]) else None


def party(world: World, params: Params, address: str, now: float) -> PartyEffect | None:
    """Refuse to dial them: the call fails."""
    return PartyEffect(True, sip_code=403, after_s=0.2) if fnmatchcase(address, params["numbers"]) else None


kind = FaultKind(
    area="Calls",
    parameters=(Parameter("numbers", "text", "which numbers, with * for anything", default="+*"),),
    rest=rest,
    party=party,
)
