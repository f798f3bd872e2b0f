"""The application cannot be reached from a Region, or answers badly.

Callers hear the fallback's instructions if one is set and works, otherwise the provider's error message. An operator
sees alerts (11200, 11205, 11210, 11220, 11237 by mode) in that Region's feed.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import WEBHOOKS, tells
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure

_EFFECTS: dict[str, WebhookEffect] = {
    "refuse": WebhookEffect(Failure.CONNECT_REFUSED, 0.0, None),
    "black-hole": WebhookEffect(Failure.READ_TIMEOUT, 15.0, None),
    "connect-timeout": WebhookEffect(Failure.CONNECT_TIMEOUT, 5.0, None),
    "reset": WebhookEffect(Failure.RESET, 0.0, None),
    "name-not-found": WebhookEffect(Failure.NAME_NOT_FOUND, 0.0, None),
    "tls-expired": WebhookEffect(Failure.TLS_EXPIRED, 0.0, None),
    "500": WebhookEffect(None, 0.0, 500),
    "503": WebhookEffect(None, 0.0, 503),
}


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """Fail by mode, if the Region and the host are the ones."""
    if not tells(params, region, url):
        return None
    if params["mode"] == "slow":
        return WebhookEffect(None, params["delay_s"], None)
    return _EFFECTS[params["mode"]]


kind = FaultKind(
    area="Webhooks",
    parameters=(
        *WEBHOOKS,
        Parameter("mode", "choice", "how it fails", default="refuse", choices=(*_EFFECTS, "slow")),
        Parameter("delay_s", "number", "how late a slow answer is", default=20.0),
    ),
    webhook=webhook,
)
