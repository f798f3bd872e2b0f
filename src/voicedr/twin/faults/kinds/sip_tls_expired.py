"""The certificate at a SIP address has expired.

Equipment that checks certificates makes no connection by TLS, and callers behind it reach nobody through a trunk with
Secure Trunking; connections that are open, UDP and TCP go on. An operator sees no call in the log. Only with real SIP.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import SipEffect
from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import SIP_ADDRESSES, answers_sip


def sip(params: Params, edge: str, number: int) -> SipEffect | None:
    """Show the old certificate."""
    return SipEffect(certificate_expired=True) if answers_sip(params, edge, number) else None


kind = FaultKind(area="SIP", parameters=SIP_ADDRESSES, sip=sip)
