"""Times in a query: a day, or a day and a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from voicedr.twin.api.answers import Refused
from voicedr.twin.api.ask import Ask

_DAY_S = 86_400


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
    return begin, begin + (_DAY_S if len(text) == len("2026-01-02") else 1)


@dataclass(frozen=True, slots=True)
class Window:
    """A time that is asked for as ``Name``, ``Name<`` and ``Name>``; the last two take their moment in."""

    exact: tuple[float, float] | None
    least: float | None
    most: float | None

    @property
    def given(self) -> bool:
        """Anything is asked."""
        return self.exact is not None or self.least is not None or self.most is not None

    def has(self, at: float | None) -> bool:
        """True for a time within it. What has no time is within only if nothing is asked."""
        if not self.given:
            return True
        if at is None or (self.exact is not None and not self.exact[0] <= at < self.exact[1]):
            return False
        return (self.least is None or at >= self.least) and (self.most is None or at <= self.most)


def window(ask: Ask, name: str) -> Window:
    """The filter of this name. A day as the last moment means its end.

    Raises:
        Refused: If it is no date.
    """
    until = span(ask, name + "<")
    by_day = until is not None and until[1] - until[0] == _DAY_S
    most = None if until is None else until[1] if by_day else until[0]
    return Window(span(ask, name), instant(ask, name + ">"), most)


def _read(name: str, text: str) -> float:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as exc:
        raise Refused(
            400, 20001, f"{name} is {text!r}; give a date such as 2026-01-02 or 2026-01-02T03:04:05Z"
        ) from exc
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()
