"""Somebody outside does not answer: an agent's phone, a SIP address, a session border controller.

Callers who are connected to them hear ringing, then what the application does when nobody answers. An operator sees a
Dial that ends with no-answer.
"""

from __future__ import annotations

from voicedr.twin.faults.effects import PartyEffect
from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.world.model import World


def party(world: World, params: Params, address: str, now: float) -> PartyEffect | None:
    """They do not answer."""
    return PartyEffect(answers=False) if meant(params, address) else None


def meant(params: Params, address: str) -> bool:
    """True for this address. A host without a user part stands for every user there."""
    wanted = params["address"]
    return bool(address == wanted or address.partition("@")[2].partition(";")[0] == wanted)


kind = FaultKind(
    area="People and equipment outside",
    parameters=(
        Parameter(
            "address", "text", "the number, SIP address, client, or SIP host that does not answer", required=True
        ),
    ),
    party=party,
)
