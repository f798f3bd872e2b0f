"""Somebody outside is busy.

Callers who are connected to them hear what the application does then. An operator sees a Dial that ends with busy, and
a trunk that stops looking: 486 ends the search (https://www.twilio.com/docs/sip-trunking).
"""

from __future__ import annotations

from voicedr.twin.faults.effects import PartyEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.kinds.party_down import meant
from voicedr.twin.world.model import World


def party(world: World, params: Params, address: str, now: float) -> PartyEffect | None:
    """What comes from them."""
    return PartyEffect(True, busy=True, sip_code=486) if meant(params, address) else None


kind = FaultKind(
    area="People and equipment outside",
    parameters=(Parameter("address", "text", "the number, SIP address, client, or SIP host", required=True),),
    party=party,
)
