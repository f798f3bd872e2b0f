"""Everything that is told at a glance: calls, routes and requests of each Region, and what is broken."""

from __future__ import annotations

import msgspec

from voicedr.twin.control.shapes import At, CallShown, FaultShown, show_call
from voicedr.twin.control.tally import calls_since
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import REGIONS, World

WINDOW_S = 60.0
CALLS_SHOWN = 20
COUNTED_MAX = 20_000
"""Calls looked at in one glance; a screen asks every second and must not hold up the calls."""


class RegionGlance(msgspec.Struct):
    """One Region. ``outcomes`` are of calls dialled within ``window_s`` that have ended."""

    calls_now: int = 0
    outcomes: dict[str, int] = {}
    routes: dict[str, int] = {}


class Glance(msgspec.Struct):
    """The twin now. Calls that no Region has taken are under ``none``; a number whose route was never set is in us1.

    ``never_set`` counts those numbers, ``moving`` the routes whose newest write has not reached the edges.
    """

    now: At
    window_s: float
    regions: dict[str, RegionGlance]
    never_set: int
    moving: int
    loads: int
    faults: list[FaultShown]
    calls: list[CallShown]


def glance(world: World, switchboard: Switchboard, now: float) -> Glance:
    """Look once. Faults whose time is over must have been forgotten before."""
    regions = {name: RegionGlance() for name in (*REGIONS, "none")}
    for name, count in switchboard.live_by_region().items():
        regions[name or "none"].calls_now = count
    newest: list[CallShown] = []
    for counted, call in enumerate(calls_since(world, now - WINDOW_S)):
        if counted >= COUNTED_MAX:
            break
        if len(newest) < CALLS_SHOWN:
            newest.append(show_call(call))
        if call.outcome:
            outcomes = regions[call.region or "none"].outcomes
            outcomes[call.outcome] = outcomes.get(call.outcome, 0) + 1
    moving = set_numbers = 0
    for (kind, _), entry in world.routes.items():
        region = entry.effective(now)
        routes = regions[region].routes
        routes[kind] = routes.get(kind, 0) + 1
        set_numbers += kind == "PhoneNumbers"
        moving += bool(entry.changes) and entry.changes[-1].region != region
    never_set = len(world.numbers) - set_numbers
    if never_set:
        regions["us1"].routes["PhoneNumbers"] = regions["us1"].routes.get("PhoneNumbers", 0) + never_set
    faults = [FaultShown(f.id, f.fault, f.params, f.since, f.until) for f in world.faults.values()]
    return Glance(now, WINDOW_S, regions, never_set, moving, len(switchboard.loads()), faults, newest)
