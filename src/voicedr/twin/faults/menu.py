"""The faults that exist, and beginning and ending them."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import Any

from voicedr.twin.faults import kinds as kinds_package
from voicedr.twin.faults.kind import BadFault, FaultKind, Params
from voicedr.twin.faults.ramp import as_number
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


def read(fault: str, params: dict[str, Any], for_s: Any = None) -> tuple[Params, float | None]:
    """A fault's parameters and its time, checked, with what was left out.

    Raises:
        BadFault: If there is no such fault or a parameter is missing, unknown or not accepted.
    """
    if fault not in kinds():
        raise BadFault(f"there is no fault {fault!r}; there are {', '.join(sorted(kinds()))}. Nothing was broken.")
    if for_s is not None and (as_number(for_s) is None or float(for_s) <= 0):
        raise BadFault(f"fault {fault}: for_s is {for_s!r}; give seconds above 0, or leave it out. Nothing was broken.")
    known = {parameter.name: parameter for parameter in kinds()[fault].every_parameter}
    for name in params:
        if name not in known:
            raise BadFault(
                f"fault {fault} has no parameter {name!r}; it takes {', '.join(known) or 'none'}. Nothing was broken."
            )
    values: Params = {}
    for parameter in known.values():
        value = params.get(parameter.name)
        if value is None and parameter.required:
            raise BadFault(
                f"fault {fault} needs {parameter.name} ({parameter.meaning}), and it is not given. Nothing was broken."
            )
        values[parameter.name] = parameter.default if value is None else parameter.read(fault, value)
    _check_flapping(fault, values)
    return values, None if for_s is None else float(for_s)


def begin(world: World, fault: str, params: dict[str, Any], now: float, for_s: float | None = None) -> Fault:
    """Break something, until it is healed or ``for_s`` seconds have passed.

    Raises:
        BadFault: If there is no such fault, a parameter is missing, unknown or not accepted, or there is nothing of
            the kind to break. Nothing was broken.
    """
    values, lasts_s = read(fault, params, for_s)
    begun = Fault(world.mint("FT"), fault, values, now, None if lasts_s is None else now + lasts_s)
    began = kinds()[fault].began
    if began is not None:
        began(world, begun, now)
    world.faults[begun.id] = begun
    return begun


def end(world: World, fault_id: str, now: float) -> Fault | None:
    """Heal a fault. None if there is none with this id."""
    fault = world.faults.pop(fault_id, None)
    if fault is None:
        return None
    kind = kinds()[fault.fault]
    if kind.ended is not None and not _over(fault, now):
        kind.ended(world, fault, now)
    if kind.restored is not None:
        kind.restored(world, fault, now)
    return fault


def expire(world: World, now: float) -> None:
    """Forget the faults whose time is over, and put back what they took away."""
    if not world.faults:
        return
    for fault_id in [fault.id for fault in world.faults.values() if _over(fault, now)]:
        fault = world.faults.pop(fault_id)
        restored = kinds()[fault.fault].restored
        if restored is not None:
            restored(world, fault, now)


def _over(fault: Fault, now: float) -> bool:
    return fault.until is not None and now >= fault.until


def _check_flapping(fault: str, values: Params) -> None:
    """Both times or neither: half of a rhythm is none."""
    if "down_s" not in values:
        return
    times = [values["down_s"], values["up_s"]]
    if times == [None, None]:
        del values["down_s"], values["up_s"]
    elif any(isinstance(each, dict) or not each for each in times):
        raise BadFault(
            f"fault {fault}: down_s is {times[0]!r} and up_s is {times[1]!r}; give both as seconds above 0, or "
            "neither. Nothing was broken."
        )
