"""Durations as people write them: ``90s``, ``15m``, ``1h30m``. A number without a unit is not a duration."""

from __future__ import annotations

import re

DURATION_PATTERN = r"^(?=[0-9])([0-9]{1,4}h)?([0-9]{1,5}m)?([0-9]{1,7}(\.[0-9]{1,3})?s)?$"
"""Hours, minutes, seconds, each at most once and in this order. No duration is longer than 70 weeks."""

_DURATION = re.compile(r"(?=[0-9])(?:([0-9]{1,4})h)?(?:([0-9]{1,5})m)?(?:([0-9]{1,7}(?:\.[0-9]{1,3})?)s)?")


def parse_duration_s(text: str) -> float | None:
    """Seconds, or None if the text is not a duration."""
    found = _DURATION.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = found.groups()
    return float(hours or 0) * 3600 + float(minutes or 0) * 60 + float(seconds or 0)


def write_duration(seconds: float) -> str:
    """The shortest way to write it: ``900`` is ``15m``, ``5400`` is ``1h30m``."""
    milliseconds = round(seconds * 1000)
    hours, rest = divmod(milliseconds, 3_600_000)
    minutes, rest = divmod(rest, 60_000)
    text = (f"{hours}h" if hours else "") + (f"{minutes}m" if minutes else "")
    if rest or not text:
        text += f"{rest / 1000:g}s" if rest % 1000 == 0 else f"{rest / 1000:.3f}".rstrip("0") + "s"
    return text
