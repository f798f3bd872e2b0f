"""A trunk's disaster recovery URL does not answer.

Callers of the trunk hear the error message where they should hear the recovery's instructions; while its targets can be
reached, nobody notices. An operator sees 11205 for the URL.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import REGION
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """Refuse what is some trunk's recovery URL."""
    if params["region"] not in (None, region):
        return None
    is_one = any(trunk.disaster_recovery_url == url for trunk in world.regions[region].trunks.values())
    return WebhookEffect(Failure.CONNECT_REFUSED, 0.0, None) if is_one else None


kind = FaultKind(area="Webhooks", parameters=(REGION,), webhook=webhook)
