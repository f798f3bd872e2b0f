"""An edge is down: hosts that name it do not answer.

An operator who asks ``api.{edge}.{region}`` gets nothing; another edge's name of the same Region still works, and
so does ``api.twilio.com`` unless the edge is ashburn. A webhook that leaves through the edge does not get out (without
``#e=`` that is ashburn, whichever Region sends it), and SIP that is sent to a name with this edge is not answered.
Callers from the public network notice nothing but that: in the twin it hands calls to a Region, not to an edge.

That a name's edge decides the way in is documented for SIP and the Voice SDK; for REST the pages differ
(https://www.twilio.com/docs/global-infrastructure/understanding-edge-locations), so this is an assumption. That
webhooks leave through ashburn unless their URL says otherwise is documented
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides); which failure an application's operator is
shown when that edge is down is not.

With real SIP the edge's addresses are dead: datagrams go unanswered, OPTIONS too, open connections freeze, and new ones
are reset (``refuse``, ``503``) or accepted and left waiting (``black-hole``). ``slow`` is late there as well. No call
leaves through it.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import RestEffect, SipEffect, WebhookEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params, Rest
from voicedr.twin.faults.kinds.region_down import MODES, how, socket
from voicedr.twin.world.model import EDGES, World
from voicedr.wire.http import Failure


def rest(world: World, params: Params, request: Rest, now: float) -> RestEffect | None:
    """Hosts with this edge in their name fail by mode."""
    return how(params["mode"], params["delay_s"], request) if request.edge == params["edge"] else None


def edge(params: Params, name: str) -> WebhookEffect | None:
    """Nothing passes; ``slow`` is late. An edge has no 503 of its own to say to an application or an SBC."""
    if name != params["edge"]:
        return None
    match params["mode"]:
        case "slow":
            return WebhookEffect(None, params["delay_s"], None)
        case "black-hole":
            return WebhookEffect(Failure.CONNECT_TIMEOUT, 0.0, None)
        case _:
            return WebhookEffect(Failure.CONNECT_REFUSED, 0.0, None)


def sip(params: Params, name: str, number: int) -> SipEffect | None:
    """All its addresses."""
    return socket(params["mode"], params["delay_s"]) if name == params["edge"] else None


kind = FaultKind(
    area="Regions and edges",
    parameters=(
        Parameter("edge", "choice", "the edge that is down", required=True, choices=EDGES),
        Parameter("mode", "choice", "what its hosts do", default="refuse", choices=MODES),
        Parameter("delay_s", "number", "how late a slow answer is", default=30.0),
    ),
    public={"REST API": "partial_outage"},
    rest=rest,
    edge=edge,
    sip=sip,
)
