"""The application answers another application's TwiML: good instructions, for somebody else.

Callers hear something that is not for them and are hung up on. An operator sees calls that completed, and no error.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import World
from voicedr.wire.http import Response

_ANSWER = Response(
    200, (("Content-Type", "text/xml"),), b"<Response><Say>This service has moved</Say><Hangup/></Response>"
)


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """What comes of it."""
    return WebhookEffect(None, 0.0, None, response=_ANSWER) if tells(params, region, url) else None


kind = FaultKind(
    area="Webhooks",
    parameters=WEBHOOKS,
    webhook=webhook,
)
