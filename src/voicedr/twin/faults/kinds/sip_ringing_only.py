"""A SIP address takes calls and does nothing with them: 100 (or 180), and then no more.

The caller hears nothing, or ringing, until their own side gives up. A response came, so what waits 4 s for one does not
go on to the next address: only a limit on the whole call set-up helps. CANCEL is not answered, and an operator finds no
such call in the log. Only with real SIP.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import SipEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.where import SIP_ADDRESSES, answers_sip


def sip(params: Params, edge: str, number: int) -> SipEffect | None:
    """Say one thing, and nothing after it."""
    return SipEffect(stuck_at=int(params["response"])) if answers_sip(params, edge, number) else None


kind = FaultKind(
    area="SIP",
    parameters=(
        *SIP_ADDRESSES,
        Parameter("response", "choice", "what a call gets", default="100", choices=("100", "180")),
    ),
    sip=sip,
)
