"""A whole Region is down.

Callers to numbers that are routed there hear nothing: nobody takes the call. Its REST hosts refuse, swallow, delay or
answer 503 with a page of HTML; its webhooks stop. Everything that the Region holds is still there when it is healed.
With ``routes_write_needs_us1`` set and us1 down, a route write through another Region's host fails as well. The
provider does not document whether it would.
"""

from __future__ import annotations

from voicedr.twin.api.answers import SERVICE_UNAVAILABLE
from voicedr.twin.api.broken import HELD_S_MAX
from voicedr.twin.faults.effects import CallEffect, RestEffect, WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure

MODES = ("refuse", "black-hole", "slow", "503")

SILENCE_S = 20.0
"""How long a caller hears nothing before the network gives up. Assumption: a carrier's set-up timer."""


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Its own hosts fail by mode; other Regions' route writes too, if they need it."""
    needs_it = params["region"] == "us1" and request.writes_route and world.settings.routes_write_needs_us1
    if request.region != params["region"] and not needs_it:
        return None
    return how(params["mode"], params["delay_s"], request, own_host=request.region == params["region"])


def how(mode: str, delay_s: float, request: Rest, *, own_host: bool = True) -> RestEffect | None:
    """What a mode does to a request. A host that is itself up answers 503 for the one it waits for, or hangs."""
    match mode:
        case "refuse" if own_host:
            return RestEffect(failure=Failure.CONNECT_REFUSED)
        case "black-hole":
            # The connection is accepted and nothing ever comes: the request may have been delivered.
            return RestEffect(failure=Failure.READ_TIMEOUT, delay_s=HELD_S_MAX)
        case "slow":
            return None if request.method == "CONNECT" else RestEffect(delay_s=delay_s)
        case _:
            return None if request.method == "CONNECT" else RestEffect(response=SERVICE_UNAVAILABLE)


def call_setup(world: World, params: Params, region: str, e164: str, now: float) -> CallEffect | None:
    """Nobody takes the call."""
    return CallEffect("silence", SILENCE_S) if region == params["region"] else None


def webhook(world: World, params: Params, region: str, url: str, now: float) -> WebhookEffect | None:
    """Nothing leaves a Region that is down."""
    return WebhookEffect(Failure.CONNECT_TIMEOUT, 0.0, None) if region == params["region"] else None


def region_mode(params: Params, region: str) -> str | None:
    """The mode, for this Region."""
    return str(params["mode"]) if region == params["region"] else None


kind = FaultKind(
    area="Regions and edges",
    parameters=(
        Parameter("region", "region", "the Region that is down", required=True),
        Parameter("mode", "choice", "what its REST hosts do", default="black-hole", choices=MODES),
        Parameter("delay_s", "number", "how late a slow answer is", default=30.0),
    ),
    public={"Programmable Voice": "major_outage", "REST API": "major_outage"},
    rest=rest,
    call_setup=call_setup,
    webhook=webhook,
    region_mode=region_mode,
)
