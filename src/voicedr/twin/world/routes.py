"""Routes: which Region gets the calls of a number, a trunk domain or a SIP domain.

Source: https://www.twilio.com/docs/global-infrastructure/inbound-processing-api (read 2026-11-21). A POST is an
upsert; there is no list and no delete; a route that was never written does not exist and its calls go to us1. A
write takes up to five minutes to reach every edge. How reads and edges stand within that time is not documented:
here a read shows the newest write at once, and all edges follow together at one drawn moment.
"""

from __future__ import annotations

from voicedr.twin.world.model import RouteChange, RouteEntry, RouteKind, World


def effective_region(world: World, kind: RouteKind, name: str, now: float) -> str:
    """The Region that gets calls now."""
    entry = world.routes.get((kind, name))
    return entry.effective(now) if entry is not None else "us1"


def owned(world: World, kind: RouteKind, name: str) -> bool:
    """True if the account has this number, or a trunk or SIP domain of this name in any Region."""
    if kind == "PhoneNumbers":
        return name in world.numbers
    if kind == "Trunks":
        return any(trunk.domain_name == name for store in world.regions.values() for trunk in store.trunks.values())
    return any(domain.domain_name == name for store in world.regions.values() for domain in store.sip_domains.values())


def propagation_s(world: World) -> float:
    """How long the next write takes to reach the edges: drawn between the least and the most."""
    least, most = world.settings.propagation_s
    return least + (most - least) * world.draw()


def write_route(
    world: World,
    kind: RouteKind,
    name: str,
    now: float,
    *,
    region: str | None,
    via: str,
    friendly_name: str | None = None,
    held_until: float | None = None,
) -> RouteEntry:
    """Set a route, creating it if it was never set.

    Args:
        region: The new Region; None leaves it.
        via: The Region whose host was asked.
        held_until: The write cannot begin to arrive before this time.
    """
    entry = world.routes.get((kind, name))
    if entry is None:
        entry = RouteEntry(world.mint("QQ"), kind, name, friendly_name or "", now)
        world.routes[(kind, name)] = entry
    if friendly_name is not None:
        entry.friendly_name = friendly_name
    if region is not None:
        delay_s = propagation_s(world)
        entry.changes.append(RouteChange(now, region, max(now, held_until or now) + delay_s, via))
    return entry


def settle_route(world: World, kind: RouteKind, name: str, region: str, now: float) -> RouteEntry:
    """Set a route as if it had been set long ago: the edges already use it."""
    entry = RouteEntry(world.mint("QQ"), kind, name, "", now, [RouteChange(now, region, now, "console")])
    world.routes[(kind, name)] = entry
    return entry


def stored_at(entry: RouteEntry, at: float) -> str | None:
    """The Region that a read showed at some time; None if the route did not exist."""
    if entry.created_at > at:
        return None
    shown = "us1"
    for change in entry.changes:
        if change.at > at:
            break
        shown = change.region
    return shown
