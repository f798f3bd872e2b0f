"""The application refuses a Region's requests: it does not know that Region's Auth Token.

Callers hear the error message, in the standby only. An operator sees 11200 with status 403, and an application that is
healthy for everybody who asks it directly.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import World


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """What comes of it."""
    return WebhookEffect(None, 0.05, 403) if tells(params, region, url) else None


kind = FaultKind(
    area="Webhooks",
    parameters=WEBHOOKS,
    webhook=webhook,
)
