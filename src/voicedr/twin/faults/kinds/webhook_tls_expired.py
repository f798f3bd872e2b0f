"""The application's certificate has expired.

Callers hear the fallback's instructions if that has another certificate, otherwise the error message. An operator sees
11236 (https://www.twilio.com/docs/api/errors/11236).
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """What comes of it."""
    return WebhookEffect(Failure.TLS_EXPIRED, 0.0, None) if tells(params, region, url) else None


kind = FaultKind(
    area="Webhooks",
    parameters=WEBHOOKS,
    webhook=webhook,
)
