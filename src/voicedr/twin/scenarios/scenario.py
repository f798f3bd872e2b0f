"""A scenario as values, and what is wrong in one.

Times count from its beginning. A step does one thing; what it begins may have a name, by which a later step ends it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from voicedr.twin import faults
from voicedr.twin.control.shapes import DialBody, LoadBody
from voicedr.twin.world.findings import Mistake, Mistakes, Reading
from voicedr.twin.world.model import Settings
from voicedr.twin.world.settings import BadSetting, change_settings

T = TypeVar("T")

STEPS_MAX = 1000
AT_S_MAX = 30 * 86_400.0
"""A month: longer than any drill, and what virtual time allows."""

ALL = "all"
"""Instead of a name: everything that is broken."""


@dataclass(frozen=True, slots=True)
class Break:
    """Something breaks, for a time or until it is healed."""

    fault: str
    params: dict[str, Any]
    for_s: float | None = None
    name: str = ""


@dataclass(frozen=True, slots=True)
class Heal:
    """What has this name works again; ``all`` is everything."""

    name: str


@dataclass(frozen=True, slots=True)
class Change:
    """Settings are otherwise from now on."""

    settings: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Begin:
    """Calls begin to arrive."""

    load: LoadBody
    name: str = ""


@dataclass(frozen=True, slots=True)
class Stop:
    """The load of this name places no more calls."""

    name: str


@dataclass(frozen=True, slots=True)
class Dial:
    """One call is placed."""

    call: DialBody


@dataclass(frozen=True, slots=True)
class Note:
    """Something to tell those who practise; the twin does nothing."""

    text: str


Act = Break | Heal | Change | Begin | Stop | Dial | Note


@dataclass(frozen=True, slots=True)
class Step:
    """One thing at one time."""

    at_s: float
    act: Act


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps in the order in which they are taken."""

    title: str
    description: str
    steps: tuple[Step, ...]


_ACTS = ("fault", "heal", "settings", "load", "stop_load", "call", "note")
_BESIDE = {"fault": ("with", "for_s", "name"), "load": ("name",)}


def read_scenario(document: Any) -> Scenario:
    """The scenario that a parsed file describes.

    Raises:
        Mistakes: Every one, with the path of its key.
    """
    reading = Reading()
    top = reading.mapping(document, "")
    reading.known(top, "", "title", "description", "steps")
    title = reading.text(top, "", "title") or "Untitled"
    entries = reading.sequence(top.get("steps"), "steps")
    if not entries:
        reading.note("steps", "is empty; give at least one step")
    if len(entries) > STEPS_MAX:
        reading.note("steps", f"has {len(entries)} entries; at most {STEPS_MAX}")
    placed: list[tuple[Step, str]] = []
    for index, entry in enumerate(entries[:STEPS_MAX]):
        step = _step(reading, reading.mapping(entry, f"steps[{index}]"), f"steps[{index}]")
        if step is not None:
            placed.append((step, f"steps[{index}]"))
    placed.sort(key=lambda one: one[0].at_s)
    _check_names(reading, placed)
    reading.raise_if_any()
    return Scenario(title, reading.text(top, "", "description") or "", tuple(step for step, _ in placed))


def _step(reading: Reading, given: Mapping[str, Any], path: str) -> Step | None:
    before = len(reading.found)
    if "at_s" not in given:
        reading.note(f"{path}.at_s", "is not there; give seconds from the beginning, e.g. 30")
    at_s = reading.seconds(given, path, "at_s", 0.0)
    if at_s > AT_S_MAX:
        reading.note(f"{path}.at_s", f"is {at_s:g}; at most {AT_S_MAX:g}")
    acts = [act for act in _ACTS if act in given]
    if len(acts) != 1:
        reading.note(path, f"does {' and '.join(acts) or 'nothing'}; give one of {', '.join(_ACTS)}")
        return None
    reading.known(given, path, "at_s", acts[0], *_BESIDE.get(acts[0], ()))
    act = _act(reading, acts[0], {name: _plain(value) for name, value in given.items()}, path)
    return None if act is None or len(reading.found) > before else Step(at_s, act)


def _act(reading: Reading, kind: str, given: dict[str, Any], path: str) -> Act | None:
    match kind:
        case "fault":
            return _break(reading, given, path)
        case "heal" | "stop_load" | "note":
            text = reading.text(given, path, kind)
            if text is None:
                return None
            return Heal(text) if kind == "heal" else Stop(text) if kind == "stop_load" else Note(text)
        case "settings":
            changes = dict(reading.mapping(given["settings"], f"{path}.settings"))
            try:
                change_settings(Settings(), changes)
            except BadSetting as exc:
                reading.note(f"{path}.settings", _said(exc))
                return None
            return Change(changes)
        case "load":
            load = _converted(reading, given["load"], LoadBody, f"{path}.load")
            return None if load is None else Begin(load, reading.text(given, path, "name") or "")
        case _:
            call = _converted(reading, given["call"], DialBody, f"{path}.call")
            return None if call is None else Dial(call)


def _break(reading: Reading, given: dict[str, Any], path: str) -> Break | None:
    fault = reading.text(given, path, "fault")
    params = dict(reading.mapping(given.get("with"), f"{path}.with"))
    if fault is None:
        return None
    try:
        _, for_s = faults.read(fault, params, given.get("for_s"))
    except faults.BadFault as exc:
        where = next((name for name in params if f" {name} is " in str(exc) or f"parameter '{name}'" in str(exc)), None)
        key = "fault" if fault not in faults.kinds() else f"with.{where}" if where else "with" if params else "fault"
        reading.note(f"{path}.{key}", _said(exc))
        return None
    return Break(fault, params, for_s, reading.text(given, path, "name") or "")


def _check_names(reading: Reading, placed: list[tuple[Step, str]]) -> None:
    begun: dict[type, set[str]] = {Break: set(), Begin: set()}
    for step, path in placed:
        act = step.act
        if isinstance(act, Break | Begin) and act.name:
            if act.name == ALL or act.name in begun[Break] | begun[Begin]:
                reading.note(f"{path}.name", f"is {act.name!r}, which is taken; give another")
            begun[type(act)].add(act.name)
        wanted = (Break, "heal") if isinstance(act, Heal) else (Begin, "stop_load")
        if isinstance(act, Heal | Stop) and act.name != ALL and act.name not in begun[wanted[0]]:
            there = ", ".join([*sorted(begun[wanted[0]]), ALL])
            reading.note(
                f"{path}.{wanted[1]}", f"is {act.name!r}, and no earlier step has that name; there are {there}"
            )


def _converted(reading: Reading, value: Any, kind: type[T], path: str) -> T | None:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as exc:
        message, _, where = str(exc).partition(" - at `$")
        reading.found.append(Mistake(path + where.rstrip("`"), f"cannot be used: {message}"))
        return None


def _said(exc: Exception) -> str:
    return "cannot be used: " + str(exc).removesuffix(" Nothing was broken.").removesuffix(" Nothing was changed.")


def _plain(value: Any) -> Any:
    """A parsed value without what the parser adds to it, such as how a number was written."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, bool) or value is None:
        return value
    for kind in (str, int, float):
        if isinstance(value, kind):
            return kind(value)
    return value


__all__ = ["ALL", "Act", "Begin", "Break", "Change", "Dial", "Heal", "Mistakes", "Note", "Scenario", "Step", "Stop"]
