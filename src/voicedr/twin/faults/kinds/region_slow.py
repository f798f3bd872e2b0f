"""A whole Region is slow and fails at nothing.

Callers hear nothing for longer before they are answered, and silence before each prompt. An operator waits for every
REST answer. Nothing is down, and no alert says so.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import CallEffect, RestEffect, WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.world.model import World


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Answer, later."""
    return RestEffect(delay_s=params["delay_s"]) if request.region == params["region"] else None


def call_setup(world: World, params: Params, region: str, e164: str, now: float) -> CallEffect | None:
    """Take the call, later."""
    return CallEffect("", params["delay_s"]) if region == params["region"] else None


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """Send it, later."""
    return WebhookEffect(None, params["delay_s"], None) if region == params["region"] else None


kind = FaultKind(
    area="Regions and edges",
    parameters=(
        Parameter("region", "region", "the Region that is slow", required=True),
        Parameter("delay_s", "number", "how much longer each thing takes", default=4.0),
    ),
    public={"Programmable Voice": "degraded_performance", "REST API": "degraded_performance"},
    rest=rest,
    call_setup=call_setup,
    webhook=webhook,
)
