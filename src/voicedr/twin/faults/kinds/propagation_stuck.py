"""Route writes are stored and do not reach the edges.

Callers keep going to the old Region however long one waits. An operator reads the new Region back: the route looks
right. Writes that were still on their way are held too. When it is healed, or its time is over, they arrive after an
ordinary propagation time.
"""

from __future__ import annotations

from collections.abc import Iterator

from voicedr.twin.faults.kind import FaultKind, Parameter, Params
from voicedr.twin.faults.menu import NEVER
from voicedr.twin.world.model import Fault, RouteChange, World
from voicedr.twin.world.routes import propagation_s


def holds_route(params: Params, via: str, name: str) -> bool:
    """True if a write through this Region to this name is held."""
    return params["region"] in (None, via) and params["name"] in (None, name)


def began(world: World, fault: Fault, now: float) -> None:
    """Hold what is on its way."""
    for change in _on_the_way(world, fault.params, now):
        change.effective_at = NEVER if fault.until is None else fault.until + propagation_s(world)


def ended(world: World, fault: Fault, now: float) -> None:
    """Let what was held arrive."""
    for change in _on_the_way(world, fault.params, now):
        change.effective_at = now + propagation_s(world)


def _on_the_way(world: World, params: Params, now: float) -> Iterator[RouteChange]:
    for entry in world.routes.values():
        for change in entry.changes:
            if change.effective_at > now and holds_route(params, change.via, entry.name):
                yield change


kind = FaultKind(
    parameters=(
        Parameter("region", "region", "writes made through this Region's host; left out: through any"),
        Parameter("name", "text", "only the route of this number, trunk domain or SIP domain"),
    ),
    holds_route=holds_route,
    began=began,
    ended=ended,
)
