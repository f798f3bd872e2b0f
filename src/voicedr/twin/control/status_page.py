"""The provider's status page, as it would tell of what is broken, and as faults make it lie.

The format is that of https://status.twilio.com/api/v2/summary.json (read 2026-11-21). An honest page knows only of what
a provider would know of itself: a customer's application that fails is not on it.
"""

from __future__ import annotations

import msgspec

from voicedr.twin import faults
from voicedr.twin.faults.asked import active
from voicedr.twin.faults.status import COMPONENTS, STATUSES
from voicedr.twin.world.model import REGIONS, World


class ComponentShown(msgspec.Struct, frozen=True):
    """A line of the page."""

    id: str
    name: str
    status: str


class IndicatorShown(msgspec.Struct, frozen=True):
    """The page in a word."""

    indicator: str
    description: str


class StatusPageShown(msgspec.Struct, frozen=True):
    """The page."""

    status: IndicatorShown
    components: tuple[ComponentShown, ...]


_WORDS = {
    "operational": IndicatorShown("none", "All Systems Operational"),
    "degraded_performance": IndicatorShown("minor", "Partially Degraded Service"),
    "partial_outage": IndicatorShown("major", "Partial System Outage"),
    "major_outage": IndicatorShown("critical", "Major Service Outage"),
}


def status_page(world: World, now: float) -> StatusPageShown | None:
    """The page as it reads now; None if it cannot be read."""
    effects = faults.status_page(world, now)
    if any(effect.down for effect in effects):
        return None
    stands = {f"{component} {region}": "operational" for component in COMPONENTS for region in REGIONS}
    if not any(effect.green for effect in effects):
        lag_s = max((effect.lag_s for effect in effects), default=0.0)
        for one in active(world, now):
            if one.fault.since > now - lag_s:
                continue
            wanted = one.params.get("region")
            for component, status in one.kind.public.items():
                for region in REGIONS if wanted is None else (wanted,):
                    name = f"{component} {region}"
                    stands[name] = max(stands[name], status, key=STATUSES.index)
    for effect in effects:
        if effect.invented is not None:
            stands[effect.invented[0]] = effect.invented[1]
    worst = max(stands.values(), key=STATUSES.index)
    lines = tuple(ComponentShown(name.lower().replace(" ", "-"), name, status) for name, status in stands.items())
    return StatusPageShown(_WORDS[worst], lines)
