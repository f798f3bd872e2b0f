"""The application's answers say that they are something else than XML.

Callers hear the fallback's instructions, or the TwiML read out, depending on what they say they are. An operator sees
12300 where the kind is none that TwiML can be (https://www.twilio.com/docs/api/errors/12300).
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import World


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """What comes of it."""
    return WebhookEffect(None, 0.0, None, content_type=params["content_type"]) if tells(params, region, url) else None


kind = FaultKind(
    area="Webhooks",
    parameters=(
        *WEBHOOKS,
        Parameter("content_type", "text", "what they say they are", default="application/json"),
    ),
    webhook=webhook,
)
