"""A firewall lets one Region's webhooks through and not another's: nobody told it of the standby's addresses.

Callers hear the fallback's instructions after 10 s of silence if it stands elsewhere, otherwise the error message; only
in that Region. An operator sees 11205 there, and an application that is healthy for everybody else.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """No connection comes about."""
    return WebhookEffect(Failure.CONNECT_TIMEOUT, 0.0, None) if tells(params, region, url) else None


kind = FaultKind(area="Webhooks", parameters=WEBHOOKS, webhook=webhook)
