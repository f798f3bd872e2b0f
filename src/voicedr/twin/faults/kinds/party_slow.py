"""Somebody outside takes long to answer.

Callers hear ringing for so long, and some hang up. An operator sees long ringing in the log.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import PartyEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.kinds.party_down import meant
from voicedr.twin.world.model import World


def party(world: World, params: Params, address: str, now: float) -> PartyEffect | None:
    """What comes from them."""
    return PartyEffect(True, after_s=params["after_s"]) if meant(params, address) else None


kind = FaultKind(
    area="People and equipment outside",
    parameters=(
        Parameter("address", "text", "the number, SIP address, client, or SIP host", required=True),
        Parameter("after_s", "number", "how long until they answer", default=20.0),
    ),
    party=party,
)
