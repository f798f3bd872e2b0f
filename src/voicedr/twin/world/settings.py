"""Changing the twin's settings, with every value checked before one is changed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from voicedr.twin.world.model import Settings

_URL = re.compile(r"https?://[^/?#\s]+[^\s]*")
_ABOVE_ZERO = ("calls_per_second", "termination_calls_per_second", "words_per_second")


class BadSetting(ValueError):
    """A setting that is not known, or a value that it cannot have. Nothing was changed."""


def change_settings(settings: Settings, changes: Mapping[str, Any]) -> None:
    """Change the settings that are named; the others stay.

    Raises:
        BadSetting: If one is not known or its value cannot be. Nothing was changed.
    """
    known = {field.name: type(getattr(settings, field.name)) for field in fields(settings)}
    read: dict[str, Any] = {}
    for name, value in changes.items():
        if name not in known:
            raise BadSetting(f"{name} is not a setting; there are {', '.join(known)}. Nothing was changed.")
        read[name] = _read(name, known[name], value)
    for name, value in vars_of(replace(settings, **read)).items():
        setattr(settings, name, value)


def vars_of(settings: Settings) -> dict[str, Any]:
    """Every setting and its value."""
    return {field.name: getattr(settings, field.name) for field in fields(settings)}


def _read(name: str, kind: type, value: Any) -> Any:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind is tuple:
        if (
            isinstance(value, list | tuple)
            and len(value) == 2
            and all(isinstance(each, int | float) and not isinstance(each, bool) for each in value)
            and 0 <= value[0] <= value[1]
        ):
            return (float(value[0]), float(value[1]))
        raise BadSetting(f"{name} is {value!r}; give the least and the most seconds, e.g. [2, 6]. Nothing was changed.")
    if kind is str:
        if value == "" or (isinstance(value, str) and _URL.fullmatch(value)):
            return value
        raise BadSetting(f"{name} is {value!r}; give an http or https URL, or an empty text. Nothing was changed.")
    if kind is bool:
        if isinstance(value, bool):
            return value
        raise BadSetting(f"{name} is {value!r}; give true or false. Nothing was changed.")
    if kind is int:
        if isinstance(value, int) and number and value >= 1:
            return value
        raise BadSetting(f"{name} is {value!r}; give a whole number of 1 or more. Nothing was changed.")
    if number and (value > 0 or (value == 0 and name not in _ABOVE_ZERO)):
        return float(value)
    if name in _ABOVE_ZERO:
        raise BadSetting(f"{name} is {value!r}; give a number above 0. Nothing was changed.")
    raise BadSetting(f"{name} is {value!r}; give a number of 0 or more. Nothing was changed.")
