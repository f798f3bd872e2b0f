"""The application answers late.

Callers hear silence for so long before each prompt; beyond 15 s the fallback's instructions. An operator sees 11200
only for those that took too long.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import World


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """What comes of it."""
    return WebhookEffect(None, params["delay_s"], None) if tells(params, region, url) else None


kind = FaultKind(
    area="Webhooks",
    parameters=(
        *WEBHOOKS,
        Parameter("delay_s", "number", "how late it is", default=6.0),
    ),
    webhook=webhook,
)
