"""The faults that exist, those that last now, and what they do."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from functools import cache
from typing import Any

from voicedr.twin.faults import kinds as kinds_package
from voicedr.twin.faults.effects import CallEffect, PartyEffect, RestEffect, WebhookEffect
from voicedr.twin.faults.kind import BadFault, FaultKind, Rest
from voicedr.twin.world.model import Fault, World


@cache
def kinds() -> dict[str, FaultKind]:
    """Every fault by name. A fault's name is its file's, with hyphens."""
    found: dict[str, FaultKind] = {}
    for module in pkgutil.iter_modules(kinds_package.__path__):
        found[module.name.replace("_", "-")] = importlib.import_module(f"{kinds_package.__name__}.{module.name}").kind
    return found


@cache
def meanings() -> dict[str, str]:
    """What a caller and an operator see of each fault: its file's docstring."""
    return {
        name: (importlib.import_module(f"{kinds_package.__name__}.{name.replace('-', '_')}").__doc__ or "").strip()
        for name in kinds()
    }


def begin(world: World, fault: str, params: dict[str, Any], now: float, for_s: float | None = None) -> Fault:
    """Break something, until it is healed or ``for_s`` seconds have passed.

    Raises:
        BadFault: If there is no such fault or a parameter is missing, unknown or not accepted. Nothing was broken.
    """
    if fault not in kinds():
        raise BadFault(f"there is no fault {fault!r}; there are {', '.join(sorted(kinds()))}. Nothing was broken.")
    if for_s is not None and (isinstance(for_s, bool) or not isinstance(for_s, int | float) or for_s <= 0):
        raise BadFault(f"fault {fault}: for_s is {for_s!r}; give seconds above 0, or leave it out. Nothing was broken.")
    kind = kinds()[fault]
    known = {parameter.name: parameter for parameter in kind.parameters}
    for name in params:
        if name not in known:
            raise BadFault(
                f"fault {fault} has no parameter {name!r}; it takes {', '.join(known) or 'none'}. Nothing was broken."
            )
    read: dict[str, Any] = {}
    for parameter in kind.parameters:
        value = params.get(parameter.name)
        if value is None and parameter.required:
            raise BadFault(
                f"fault {fault} needs {parameter.name} ({parameter.meaning}), and it is not given. Nothing was broken."
            )
        read[parameter.name] = parameter.default if value is None else parameter.read(fault, value)
    begun = Fault(world.mint("FT"), fault, read, now, None if for_s is None else now + for_s)
    world.faults[begun.id] = begun
    if kind.began is not None:
        kind.began(world, begun, now)
    return begun


def end(world: World, fault_id: str, now: float) -> Fault | None:
    """Heal a fault. None if there is none with this id."""
    fault = world.faults.pop(fault_id, None)
    if fault is None:
        return None
    ended = kinds()[fault.fault].ended
    if ended is not None and _lasts(fault, now):
        ended(world, fault, now)
    return fault


def expire(world: World, now: float) -> None:
    """Forget the faults whose time is over. They had no effect any more."""
    for fault_id in [fault.id for fault in world.faults.values() if not _lasts(fault, now)]:
        del world.faults[fault_id]


def region_down(world: World, region: str, now: float) -> str | None:
    """How a Region is down: ``refuse``, ``black-hole``, ``slow`` or ``503``; None if it is up."""
    for fault, kind in _active(world, now):
        if kind.region_mode is not None and (mode := kind.region_mode(fault.params, region)) is not None:
            return mode
    return None


def rest(world: World, request: Rest, now: float) -> RestEffect | None:
    """What becomes of a provider request. The first fault that decides it does; delays add up."""
    delay_s = 0.0
    for fault, kind in _active(world, now):
        if kind.rest is None or (effect := kind.rest(world, fault.params, request, now)) is None:
            continue
        delay_s += effect.delay_s
        if effect.failure is not None or effect.response is not None:
            return RestEffect(effect.failure, effect.response, delay_s, effect.executed)
    return RestEffect(delay_s=delay_s, executed=True) if delay_s else None


def call_setup(world: World, region: str, e164: str, now: float) -> CallEffect | None:
    """What becomes of a call that the edges hand to a Region; None if it is taken."""
    for fault, kind in _active(world, now):
        if kind.call_setup is not None and (effect := kind.call_setup(world, fault.params, region, e164, now)):
            return effect
    return None


def webhook(world: World, region: str, url: str, now: float) -> WebhookEffect | None:
    """What becomes of a webhook that a Region sends; None if nothing is in its way."""
    for fault, kind in _active(world, now):
        if kind.webhook is not None and (effect := kind.webhook(world, fault.params, region, url, now)):
            return effect
    return None


def party(world: World, address: str, now: float) -> PartyEffect | None:
    """What becomes of ringing somebody outside; None if it is up to them."""
    for fault, kind in _active(world, now):
        if kind.party is not None and (effect := kind.party(world, fault.params, address, now)):
            return effect
    return None


def route_lag_s(world: World, region: str, now: float) -> float:
    """How many seconds behind a Region's reads of routes are."""
    lags = [kind.route_lag_s(fault.params, region) for fault, kind in _active(world, now) if kind.route_lag_s]
    return max(lags, default=0.0)


def route_held_until(world: World, via: str, name: str, now: float) -> float | None:
    """When a route write made through a Region now can begin to arrive; None if nothing holds it."""
    held = [
        NEVER if fault.until is None else fault.until
        for fault, kind in _active(world, now)
        if kind.holds_route is not None and kind.holds_route(fault.params, via, name)
    ]
    return max(held, default=None)


NEVER = 253_402_300_799.0
"""The last second of the year 9999: a time that does not come, and that JSON can hold."""


def _active(world: World, now: float) -> Iterator[tuple[Fault, FaultKind]]:
    if not world.faults:
        return
    known = kinds()
    for fault in list(world.faults.values()):
        if _lasts(fault, now):
            yield fault, known[fault.fault]


def _lasts(fault: Fault, now: float) -> bool:
    return fault.until is None or now < fault.until
