"""A whole Region is down.

Callers to numbers that are routed there hear nothing: nobody takes the call. Its REST hosts refuse, swallow, delay or
answer 503 with a page of HTML; its webhooks stop. Everything that the Region holds is still there when it is healed.
With ``routes_write_needs_us1`` set and us1 down, a route write through another Region's host fails as well. The
provider does not document whether it would.

INVITEs that belong there are not answered, whichever edge they come to. The edge itself goes on to answer OPTIONS: the
provider keeps edges apart from Regions (https://www.twilio.com/docs/global-infrastructure/understanding-edge-locations).
With ``edge_too`` the Region takes the edge of its name with it, and with real SIP that edge's addresses are dead, as
with ``edge-down``.
"""

from __future__ import annotations

from voicedr.twin.api.answers import SERVICE_UNAVAILABLE
from voicedr.twin.api.broken import HELD_S_MAX
from voicedr.twin.faults.effects import CallEffect, RestEffect, SipEffect, WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.world.model import REGIONS, World
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


def sip(params: Params, edge: str, number: int) -> SipEffect | None:
    """The addresses of the edge of its name, if that is down with it."""
    if params.get("edge_too") != "yes" or edge != REGIONS[params["region"]]:
        return None
    return socket(params["mode"], params["delay_s"])


def socket(mode: str, delay_s: float) -> SipEffect:
    """What a mode is at a SIP address. A host that is down has no 503 to say."""
    if mode == "slow":
        return SipEffect(delay_s=delay_s)
    return SipEffect(silent=True, resets=mode != "black-hole")


def region_mode(params: Params, region: str) -> str | None:
    """The mode, for this Region."""
    return str(params["mode"]) if region == params["region"] else None


kind = FaultKind(
    area="Regions and edges",
    parameters=(
        Parameter("region", "region", "the Region that is down", required=True),
        Parameter("mode", "choice", "what its REST hosts do", default="black-hole", choices=MODES),
        Parameter("delay_s", "number", "how late a slow answer is", default=30.0),
        Parameter("edge_too", "choice", "whether its edge is down with it", default="no", choices=("no", "yes")),
    ),
    public={"Programmable Voice": "major_outage", "REST API": "major_outage"},
    rest=rest,
    call_setup=call_setup,
    webhook=webhook,
    sip=sip,
    region_mode=region_mode,
)
