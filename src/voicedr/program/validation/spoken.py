"""Times and numbers as people read them. One way to say a duration, in the terminal, in the report and on paper."""

from __future__ import annotations

from datetime import UTC, datetime

NOT_KNOWN = "not known"


def span(seconds: float | None) -> str:
    """A duration: ``4.2 s``, ``42 s``, ``9 min 10 s``, ``1 h 03 min``; None is ``not known``."""
    if seconds is None:
        return NOT_KNOWN
    sign = "-" if seconds < 0 else ""
    seconds = abs(seconds)
    if seconds < 9.95:
        return f"{sign}{seconds:.1f}".removesuffix(".0") + " s"
    whole = round(seconds)
    if whole < 60:
        return f"{sign}{whole} s"
    if whole < 3600:
        minutes, rest = divmod(whole, 60)
        return f"{sign}{minutes} min {rest:02d} s" if rest else f"{sign}{minutes} min"
    hours, rest = divmod(round(seconds / 60), 60)
    return f"{sign}{hours} h {rest:02d} min" if rest else f"{sign}{hours} h"


def countdown(seconds: float) -> str:
    """A running clock: ``00:04:12``. Never below zero, and it counts whole seconds that have passed."""
    minutes, second = divmod(int(max(0.0, seconds)), 60)
    hours, minute = divmod(minutes, 60)
    return f"{hours:02d}:{minute:02d}:{second:02d}"


def clock(at: datetime | None) -> str:
    """The time of day in UTC: ``14:02:10``; None is ``not known``."""
    return NOT_KNOWN if at is None else f"{at.astimezone(UTC):%H:%M:%S}"


def stamp(at: datetime | None) -> str:
    """Day and time in UTC: ``2026-11-21 14:02:10 UTC``; None is ``not known``."""
    return NOT_KNOWN if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 number``, ``2 numbers``."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def listed(words: list[str] | tuple[str, ...], at_most: int = 6) -> str:
    """``a, b and c``; a long list is cut and says how many it left out."""
    if len(words) > at_most:
        return f"{', '.join(words[:at_most])} and {len(words) - at_most} more"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"


def short(plan_hash: str) -> str:
    """The beginning of a hash, enough to name a plan by: 12 characters."""
    return plan_hash[:12]


def sentence(words: str) -> str:
    """With a capital at the beginning."""
    return words[:1].upper() + words[1:]
