"""The application's answers end in the middle.

Callers hear the fallback's instructions, or the error message. An operator sees 12100, as for TwiML that is not XML.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import World


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """What comes of it."""
    return WebhookEffect(None, 0.0, None, keep_bytes=params["keep_bytes"]) if tells(params, region, url) else None


kind = FaultKind(
    area="Webhooks",
    parameters=(
        *WEBHOOKS,
        Parameter("keep_bytes", "whole", "how much of each answer arrives", default=40),
    ),
    webhook=webhook,
)
