"""Pages of a list, in the shapes of both families. The token is a cursor: the id of the last record, or the first.

Source: https://www.twilio.com/docs/usage/twilios-response#response-formats-list-paging-information (read 2026-11-21).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from voicedr.twin.api.answers import Refused, resource
from voicedr.twin.api.ask import Ask
from voicedr.wire.http import Response

PAGE_SIZE = 50
PAGE_SIZE_MAX = 1000


class HasSid(Protocol):
    """A record with an id."""

    @property
    def sid(self) -> str:
        """Its id."""
        ...


T = TypeVar("T", bound=HasSid)
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Row(Generic[V]):
    """A record that has no id of its own, under the one that it is listed by."""

    sid: str
    what: V


def page_2010(ask: Ask, key: str, records: Iterable[T], render: Callable[[T], dict[str, Any]]) -> Response:
    """A page of the 2010 API: eight paging keys and one list, addresses relative to the host."""
    page, size, shown, more = _cut(ask, records)
    start = page * size
    return resource(
        {
            "first_page_uri": _link(ask, size, 0, None),
            "end": start + len(shown) - 1 if shown else start,
            "previous_page_uri": _previous(ask, page, size, shown),
            key: [render(record) for record in shown],
            "page": page,
            "page_size": size,
            "start": start,
            "next_page_uri": _link(ask, size, page + 1, "PA" + shown[-1].sid) if more else None,
            "uri": f"{ask.path}?{ask.query_text}" if ask.query_text else ask.path,
        }
    )


def page_of_product(ask: Ask, key: str, records: Iterable[T], render: Callable[[T], dict[str, Any]]) -> Response:
    """A page of a product API: ``meta`` and one list, addresses absolute with the host that was asked."""
    page, size, shown, more = _cut(ask, records)
    base = f"https://{ask.host.name}"
    previous = _previous(ask, page, size, shown)
    return resource(
        {
            key: [render(record) for record in shown],
            "meta": {
                "key": key,
                "page": page,
                "page_size": size,
                "first_page_url": base + _link(ask, size, 0, None),
                "previous_page_url": base + previous if previous else None,
                "url": f"{base}{ask.path}?{ask.query_text}" if ask.query_text else base + ask.path,
                "next_page_url": base + _link(ask, size, page + 1, "PA" + shown[-1].sid) if more else None,
            },
        }
    )


def _cut(ask: Ask, records: Iterable[T]) -> tuple[int, int, list[T], bool]:
    size = min(_number(ask, "PageSize", PAGE_SIZE, 1), PAGE_SIZE_MAX)
    page = _number(ask, "Page", 0, 0)
    token = ask.wanted("PageToken")
    if token is not None and token.startswith("PB"):
        return page, size, _before(ask, records, token[2:], size), True
    skip_to = None
    if token is not None:
        if not token.startswith("PA"):
            raise Refused(400, 20001, f"PageToken {token!r} is not one that this API gave")
        skip_to = token[2:]
    shown: list[T] = []
    # Page is informational: without its token only the first page can be named.
    for record in records:
        if skip_to is not None:
            if record.sid == skip_to:
                skip_to = None
            continue
        if len(shown) == size:
            return page, size, shown, True
        shown.append(record)
    if skip_to is not None:
        raise Refused(400, 20001, f"PageToken {token!r} names a record that is not in this list any more")
    return page, size, shown, False


def _before(ask: Ask, records: Iterable[T], sid: str, size: int) -> list[T]:
    last: deque[T] = deque(maxlen=size)
    for record in records:
        if record.sid == sid:
            return list(last)
        last.append(record)
    raise Refused(400, 20001, f"PageToken {ask.wanted('PageToken')!r} names a record that is not in this list any more")


def _previous(ask: Ask, page: int, size: int, shown: list[T]) -> str | None:
    return _link(ask, size, page - 1, "PB" + shown[0].sid) if page > 0 and shown else None


def _link(ask: Ask, size: int, page: int, token: str | None) -> str:
    kept = [
        (name, value)
        for name, values in ask.query.items()
        for value in values
        if name not in ("PageSize", "Page", "PageToken")
    ]
    fields = [*kept, ("PageSize", str(size)), ("Page", str(page))]
    if token is not None:
        fields.append(("PageToken", token))
    return f"{ask.path}?{urlencode(fields)}"


def _number(ask: Ask, name: str, otherwise: int, least: int) -> int:
    text = ask.wanted(name)
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit() or int(text) < least:
        raise Refused(400, 20001, f"{name} is {text!r}; give a whole number of {least} or more")
    return int(text)
