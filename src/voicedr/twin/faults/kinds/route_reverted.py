"""Somebody else, or something, wrote a route back.

Callers go to the Region that is named, after an ordinary propagation. An operator finds a route that was moved and is
not where it was put. Healing does not move it again: the operator has to.
"""

from __future__ import annotations

from voicedr.twin.faults.kind import BadFault, FaultKind, Parameter
from voicedr.twin.world.model import Fault, World
from voicedr.twin.world.routes import write_route


def began(world: World, fault: Fault, now: float) -> None:
    """Write it, as a person at the console would."""
    name = fault.params["name"]
    if name not in world.numbers:
        raise BadFault(
            f"fault route-reverted: {name} is no number of this account; give one of its numbers. Nothing was broken."
        )
    write_route(world, "PhoneNumbers", name, now, region=fault.params["region"], via="console")


def restored(world: World, fault: Fault, now: float) -> None:
    """Nothing: what was written stays written."""


kind = FaultKind(
    area="Routes",
    parameters=(
        Parameter("name", "text", "the number whose route is written", required=True),
        Parameter("region", "region", "where it is written to", default="us1"),
    ),
    began=began,
    restored=restored,
)
