"""Route writes are stored and do not reach the edges.

Callers keep going to the old Region however long one waits. An operator reads the new Region back: the route looks
right. Writes that were still on their way are held too. When it is healed, or its time is over, they arrive after an
ordinary propagation time.
"""

from __future__ import annotations

from collections.abc import Iterator

from voicedr.twin.faults.kind import FaultKind, Params, touches
from voicedr.twin.faults.never import NEVER
from voicedr.twin.faults.where import ROUTES
from voicedr.twin.world.model import Fault, RouteChange, World
from voicedr.twin.world.routes import propagation_s


def holds_route(params: Params, via: str, name: str) -> bool:
    """True if a write through this Region to this name is held."""
    return params["region"] in (None, via) and params["name"] in (None, name)


def began(world: World, fault: Fault, now: float) -> None:
    """Hold what is on its way."""
    for change in _on_the_way(world, fault, now):
        change.effective_at = NEVER if fault.until is None else fault.until + propagation_s(world)


def ended(world: World, fault: Fault, now: float) -> None:
    """Let what was held arrive."""
    for change in _on_the_way(world, fault, now):
        change.effective_at = now + propagation_s(world)


def _on_the_way(world: World, fault: Fault, now: float) -> Iterator[RouteChange]:
    for entry in world.routes.values():
        if not touches(world, fault, fault.params, entry.name):
            continue
        for change in entry.changes:
            if change.effective_at > now and holds_route(fault.params, change.via, entry.name):
                yield change


kind = FaultKind(
    area="Routes",
    parameters=ROUTES,
    public={"Inbound Processing": "degraded_performance"},
    holds_route=holds_route,
    began=began,
    ended=ended,
)
