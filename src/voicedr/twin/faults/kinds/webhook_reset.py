"""The application, or what stands before it, cuts connections off.

Callers hear the fallback's instructions, or the error message. An operator sees 11200, and the application's own log
says that it answered.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """What comes of it."""
    return WebhookEffect(Failure.RESET, 0.0, None) if tells(params, region, url) else None


kind = FaultKind(
    area="Webhooks",
    parameters=WEBHOOKS,
    webhook=webhook,
)
