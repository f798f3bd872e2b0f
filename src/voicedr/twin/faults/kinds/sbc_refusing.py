"""A session border controller answers with an error at once.

Callers of its trunk are taken to its next target, or to the disaster recovery URL. An operator sees a warning 32011 for
each attempt (https://www.twilio.com/docs/api/errors/32011).
"""

from __future__ import annotations

from voicedr.twin.faults.effects import PartyEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.kinds.party_down import meant
from voicedr.twin.world.model import World


def party(world: World, params: Params, address: str, now: float) -> PartyEffect | None:
    """What comes from them."""
    return PartyEffect(True, sip_code=int(params["sip_code"]), after_s=0.1) if meant(params, address) else None


kind = FaultKind(
    area="People and equipment outside",
    parameters=(
        Parameter("address", "text", "its SIP host or SIP address", required=True),
        Parameter(
            "sip_code",
            "choice",
            "its answer",
            default="503",
            choices=("403", "404", "408", "480", "486", "488", "500", "503", "603"),
        ),
    ),
    party=party,
)
