"""One SIP address of an edge is silent.

Calls that a customer's equipment sends there get no response, OPTIONS neither; connections freeze, and new ones are
left waiting, or are reset with ``mode=refuse``. Equipment that knows all four addresses moves a call to the next after
4 s (https://www.twilio.com/docs/sip-trunking); what knows one address only loses its calls. Callers to a number on a
trunk are not reached either if it is the edge's first address, from which calls leave: an operator sees 32011. Only
with real SIP.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import SipEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import SIP_ADDRESSES, answers_sip


def sip(params: Params, edge: str, number: int) -> SipEffect | None:
    """Nothing comes from there."""
    return SipEffect(silent=True, resets=params["mode"] == "refuse") if answers_sip(params, edge, number) else None


kind = FaultKind(
    area="SIP",
    parameters=(
        *SIP_ADDRESSES,
        Parameter("mode", "choice", "what connections meet", default="black-hole", choices=("black-hole", "refuse")),
    ),
    sip=sip,
)
