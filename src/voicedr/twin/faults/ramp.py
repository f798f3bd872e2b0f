"""A parameter that changes while its fault lasts: from one number to another, evenly, over some seconds.

Written as ``{"from": 0, "to": 1, "over_s": 600}``, or as the text ``0..1@600``.
"""

from __future__ import annotations

import re
from typing import Any

_TEXT = re.compile(r"(-?[\d.]+)\.\.(-?[\d.]+)@([\d.]+)")


def read_ramp(value: Any) -> dict[str, float] | None:
    """The ramp that a value is, or None if it is none."""
    if isinstance(value, str) and (found := _TEXT.fullmatch(value.strip())):
        value = dict(zip(("from", "to", "over_s"), found.groups(), strict=True))
    if not isinstance(value, dict) or set(value) != {"from", "to", "over_s"}:
        return None
    read: dict[str, float] = {}
    for name, each in value.items():
        number = as_number(each)
        if number is None:
            return None
        read[name] = float(number)
    return read if read["over_s"] > 0 else None


def value_at(ramp: dict[str, float], age_s: float) -> float:
    """Its value so many seconds after it began; after ``over_s`` it stays."""
    part = min(max(age_s / ramp["over_s"], 0.0), 1.0)
    return ramp["from"] + (ramp["to"] - ramp["from"]) * part


def as_number(value: Any) -> float | int | None:
    """A number, or the number that a text is, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if isinstance(value, str):
        for kind in (int, float):
            try:
                return kind(value)
            except ValueError:
                continue
    return None
