"""The customer's token service is down: apps and browsers get no new access tokens.

Callers who are connected to an app hear ringing and nobody, as soon as the token that it has is over; what the
application does then, it does. An operator sees Dials of clients that end with no-answer, and webhooks to the token
service, if there are any, that are answered 503. How long a client stays registered with a token that is over is not
documented: here no longer.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import PartyEffect, WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import Fault, World

_OVER_AT = "tokens_over_at"


def began(world: World, fault: Fault, now: float) -> None:
    """Note when the tokens that clients have now are over."""
    fault.params = {**fault.params, _OVER_AT: now + fault.params["life_s"]}


def party(world: World, params: Params, address: str, now: float) -> PartyEffect | None:
    """A client whose token is over is not there."""
    if not address.startswith("client:") or params["identity"] not in (None, address.removeprefix("client:")):
        return None
    return PartyEffect(answers=True, sip_code=480, after_s=0.0) if now >= params[_OVER_AT] else None


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """The service answers that it is unavailable."""
    return WebhookEffect(None, 0.0, 503) if tells(params, region, url) else None


_PLACE = tuple(
    Parameter("path", "text", "the token service's paths, with * for anything", default="/token*")
    if one.name == "path"
    else one
    for one in WEBHOOKS
)

kind = FaultKind(
    area="People and equipment outside",
    parameters=(
        *_PLACE,
        Parameter("identity", "text", "only this client; left out: every client"),
        Parameter("life_s", "number", "how long the tokens last that clients have", default=0.0),
    ),
    party=party,
    webhook=webhook,
    began=began,
)
