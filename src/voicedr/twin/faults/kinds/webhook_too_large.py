"""The application answers more than is read.

Callers hear the fallback's instructions, or the error message. An operator sees 11750
(https://www.twilio.com/docs/api/errors/11750).
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """What comes of it."""
    return WebhookEffect(Failure.TOO_LARGE, 0.5, None) if tells(params, region, url) else None


kind = FaultKind(
    area="Webhooks",
    parameters=WEBHOOKS,
    webhook=webhook,
)
