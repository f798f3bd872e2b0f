"""A SIP address answers every new call with 503.

A customer's equipment is told at once and can go on to the next address; whether it does, so that its callers notice
nothing, and whether it comes back is its own matter. An operator sees no such call in the log. OPTIONS is still
answered with 200, unless ``options`` is 503: equipment that judges an address by OPTIONS alone takes it up again and
again. That the provider would answer 503 is an assumption: no page says on which responses to go on. Only with real
SIP.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import SipEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import SIP_ADDRESSES, answers_sip


def sip(params: Params, edge: str, number: int) -> SipEffect | None:
    """Refuse new calls."""
    return SipEffect(code=503, options_too=params["options"] == "503") if answers_sip(params, edge, number) else None


kind = FaultKind(
    area="SIP",
    parameters=(
        *SIP_ADDRESSES,
        Parameter("options", "choice", "what OPTIONS is answered with", default="200", choices=("200", "503")),
    ),
    sip=sip,
)
