"""SIP responses leave an address late.

Callers wait longer, and above 4 s a customer's equipment goes on to the next address while this one still works: the
late answer finds the call given up. An operator's OPTIONS is late as well. Only with real SIP.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import SipEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import SIP_ADDRESSES, answers_sip


def sip(params: Params, edge: str, number: int) -> SipEffect | None:
    """Hold responses back."""
    return SipEffect(delay_s=params["delay_s"]) if answers_sip(params, edge, number) else None


kind = FaultKind(
    area="SIP",
    parameters=(*SIP_ADDRESSES, Parameter("delay_s", "number", "how late responses are", default=2.0)),
    sip=sip,
)
