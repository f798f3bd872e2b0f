"""Status callbacks do not arrive; instructions do.

Callers are served. An operator's reports, and whatever counts calls by callbacks, stand still.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """Refuse what is some number's, application's or domain's status callback, or what ``path`` names."""
    if not tells(params, region, url):
        return None
    store = world.regions[region]
    voices = [number.voice for number in store.numbers.values()]
    voices += [application.voice for application in store.applications.values()]
    voices += [domain.voice for domain in store.sip_domains.values()]
    is_callback = params["path"] is not None or any(voice.status_callback == url for voice in voices)
    return WebhookEffect(Failure.CONNECT_REFUSED, 0.0, None) if is_callback else None


kind = FaultKind(
    area="Webhooks",
    parameters=WEBHOOKS,
    webhook=webhook,
)
