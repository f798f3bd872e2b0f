"""Usage Records and Balance: what was used, counted from the call logs. In us1 only.

Source: https://www.twilio.com/docs/usage/api/usage-record (read 2026-11-21). Other Regions were seen to refuse both:
"Endpoint is not supported in realm". Nothing is priced here: ``price`` is null, and the balance never moves. That the
calls of every Region are in the account's usage is an assumption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from typing import Any

from voicedr.twin.api.answers import Refused, iso, resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import Row, page_2010
from voicedr.twin.api.resources.accounts import CREATED_AT
from voicedr.twin.world.model import Call
from voicedr.wire.http import Response

BALANCE = "100.00"


@dataclass(frozen=True, slots=True)
class _Used:
    category: str
    description: str
    unit: str
    usage_unit: str
    count: int
    usage: float


def _day(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


def _months(first: date, last: date) -> list[tuple[date, date]]:
    found, begin = [], first.replace(day=1)
    while begin <= last:
        following = (begin + timedelta(days=32)).replace(day=1)
        found.append((max(begin, first), min(following - timedelta(days=1), last)))
        begin = following
    return found


def _spans(period: str, first: date, last: date) -> list[tuple[date, date]]:
    """The days of each record, the newest first."""
    match period:
        case "Daily":
            days = (last - first).days
            return [(last - timedelta(days=n), last - timedelta(days=n)) for n in range(days + 1)]
        case "Monthly":
            return _months(first, last)[::-1]
        case "Yearly":
            return [
                (max(date(year, 1, 1), first), min(date(year, 12, 31), last))
                for year in range(last.year, first.year - 1, -1)
            ]
        case _:
            return [(first, last)]


def _bounds(period: str, today: date, opened: date) -> tuple[date, date]:
    """The first and last day that a period is about when none is asked for."""
    this_month = today.replace(day=1)
    match period:
        case "Today":
            return today, today
        case "Yesterday":
            return today - timedelta(days=1), today - timedelta(days=1)
        case "ThisMonth":
            return this_month, today
        case "LastMonth":
            return (this_month - timedelta(days=1)).replace(day=1), this_month - timedelta(days=1)
        case "Daily":
            return today - timedelta(days=99), today
        case _:
            return opened, today


def list_(period: str, ask: Ask) -> Response:
    """The records of a period by category and days."""
    category = ask.wanted("Category")
    first, last = _bounds(period, _day(ask.now), _day(CREATED_AT))
    first, last = _asked_day(ask, "StartDate", first), _asked_day(ask, "EndDate", last)
    if first > last:
        raise Refused(400, 20001, f"StartDate {first} is after EndDate {last}")
    found = [
        Row(f"{begin}:{used.category}", (begin, end, used))
        for begin, end in _spans(period, first, last)
        for used in _used(ask, begin, end)
        if category in (None, used.category)
    ]
    return page_2010(ask, "usage_records", found, lambda row: _show(ask, *row.what))


def balance(ask: Ask) -> Response:
    """What is left."""
    return resource({"account_sid": ask.world.account_sid, "balance": BALANCE, "currency": "USD"})


def _used(ask: Ask, begin: date, end: date) -> Iterator[_Used]:
    least = datetime(begin.year, begin.month, begin.day, tzinfo=UTC).timestamp()
    most = datetime(end.year, end.month, end.day, tzinfo=UTC).timestamp() + 86_400
    calls = [
        call
        for store in ask.world.regions.values()
        for call in store.calls.values()
        if least <= call.created_at < most and call.status == "completed"
    ]
    yield from _of_calls("calls", "Voice Minutes", calls, lambda call: True)
    yield from _of_calls("calls-inbound", "Inbound Voice Minutes", calls, lambda call: call.direction == "inbound")
    outbound = _of_calls(
        "calls-outbound", "Outbound Voice Minutes", calls, lambda call: call.direction.startswith("outbound")
    )
    yield from outbound
    numbers = sum(1 for number in ask.world.numbers.values() if number.created_at < most)
    yield _Used("phonenumbers", "Phone Numbers", "numbers", "numbers", numbers, numbers)
    recordings = [
        recording
        for store in ask.world.regions.values()
        for recording in store.recordings.values()
        if least <= recording.created_at < most
    ]
    seconds = sum(recording.duration_s or 0 for recording in recordings)
    yield _Used("recordings", "Recordings", "recordings", "minutes", len(recordings), seconds / 60)


def _of_calls(category: str, description: str, calls: list[Call], is_one: Callable[[Call], bool]) -> Iterator[_Used]:
    counted = [call for call in calls if is_one(call)]
    # Every begun minute counts.
    minutes = sum(
        -(-int((call.ended_at or call.created_at) - (call.answered_at or call.created_at)) // 60) for call in counted
    )
    yield _Used(category, description, "calls", "minutes", len(counted), minutes)


def _show(ask: Ask, begin: date, end: date, used: _Used) -> dict[str, Any]:
    base = f"/2010-04-01/Accounts/{ask.world.account_sid}/Usage/Records"
    query = f"?Category={used.category}&StartDate={begin}&EndDate={end}"
    return {
        "account_sid": ask.world.account_sid,
        "api_version": "2010-04-01",
        "as_of": iso(ask.now),
        "category": used.category,
        "description": used.description,
        "count": str(used.count),
        "count_unit": used.unit,
        "usage": f"{used.usage:g}",
        "usage_unit": used.usage_unit,
        "price": None,
        "price_unit": "usd",
        "start_date": begin.isoformat(),
        "end_date": end.isoformat(),
        "uri": f"{base}.json{query}",
        "subresource_uris": {name.lower(): f"{base}/{name}.json?Category={used.category}" for name in _PERIODS if name},
    }


def _asked_day(ask: Ask, name: str, otherwise: date) -> date:
    text = ask.wanted(name)
    if text is None:
        return otherwise
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise Refused(400, 20001, f"{name} is {text!r}; give a day such as 2026-01-02") from exc


_PERIODS = ("", "AllTime", "Daily", "LastMonth", "Monthly", "ThisMonth", "Today", "Yearly", "Yesterday")
endpoints = (
    *(
        Endpoint(
            "api",
            "2010-04-01",
            f"Usage/Records/{period}" if period else "Usage/Records",
            {"GET": partial(list_, period)},
            us1_realm=True,
        )
        for period in _PERIODS
    ),
    Endpoint("api", "2010-04-01", "Balance", {"GET": balance}, us1_realm=True),
)
