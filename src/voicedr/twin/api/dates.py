"""Times in a query: a day, or a day and a time."""

from __future__ import annotations

from datetime import UTC, datetime

from voicedr.twin.api.answers import Refused
from voicedr.twin.api.ask import Ask


def instant(ask: Ask, name: str) -> float | None:
    """A filter's time as seconds since the epoch, a day being its first moment in UTC. None if it is not asked.

    Raises:
        Refused: If it is no date.
    """
    text = ask.wanted(name)
    return None if text is None else _read(name, text)


def span(ask: Ask, name: str) -> tuple[float, float] | None:
    """A filter that is met within a day, or within a second if a time is given. None if it is not asked."""
    text = ask.wanted(name)
    if text is None:
        return None
    begin = _read(name, text)
    return begin, begin + (86_400 if len(text) == len("2026-01-02") else 1)


def _read(name: str, text: str) -> float:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Refused(
            400, 20001, f"{name} is {text!r}; give a date such as 2026-01-02 or 2026-01-02T03:04:05Z"
        ) from exc
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
