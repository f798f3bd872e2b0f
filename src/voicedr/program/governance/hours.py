"""Whether somebody is on by the clock, when they are next, and which times of a week nobody covers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from voicedr.program.scope.authority import DAY_MINUTES, Hours

WEEK = timedelta(days=7)

Span = tuple[datetime, datetime]
"""From, to; the end is not in it any more."""


def is_on(hours: Sequence[Hours], at: datetime) -> bool:
    """True if somebody with these hours is on; without hours they always are."""
    return not hours or any(begin <= at < end for begin, end in _spans(hours, at, at))


def next_on_at(hours: Sequence[Hours], at: datetime) -> datetime | None:
    """When they are on again; None if they are on, or will not be within a week."""
    if is_on(hours, at):
        return None
    return min((begin for begin, _ in _spans(hours, at, at + WEEK) if begin > at), default=None)


def gaps(covers: Iterable[Sequence[Hours]], at: datetime) -> tuple[Span, ...]:
    """The times of the week from now on in which none of several people is on. Nobody at all: the whole week."""
    everybody = list(covers)
    if any(not hours for hours in everybody):
        return ()
    covered = sorted(span for hours in everybody for span in _spans(hours, at, at + WEEK))
    found: list[Span] = []
    until = at
    for begin, end in covered:
        if begin > until:
            found.append((until, min(begin, at + WEEK)))
        until = max(until, end)
    if until < at + WEEK:
        found.append((until, at + WEEK))
    return tuple((begin, end) for begin, end in found if begin < end)


def _spans(hours: Iterable[Hours], first: datetime, last: datetime) -> Iterator[Span]:
    """Every stretch of these hours that may touch the time from first to last, in UTC."""
    for one in hours:
        zone = ZoneInfo(one.zone)
        # A day before, because hours that began yesterday may go on past midnight.
        day = first.astimezone(zone).date() - timedelta(days=1)
        while day <= last.astimezone(zone).date():
            if day.weekday() in one.days:
                begin = _local(day, one.from_minute, zone)
                over_night = one.to_minute <= one.from_minute
                end = _local(day + timedelta(days=1) if over_night else day, one.to_minute, zone)
                yield begin, end
            day += timedelta(days=1)


def _local(day: date, minute: int, zone: ZoneInfo) -> datetime:
    if minute == DAY_MINUTES:
        return _local(day + timedelta(days=1), 0, zone)
    return datetime.combine(day, time(minute // 60, minute % 60), zone).astimezone(UTC)
