"""All the items of a list, over both of the provider's ways of paging.

The 2010 API gives ``next_page_uri``, relative, beside one list. The product APIs give ``meta.next_page_url``, absolute,
and name their list in ``meta.key`` (https://www.twilio.com/docs/usage/twilios-response, read 2026-11-21). Of a next
link only path and query are followed, always on the host that was asked: the key never leaves its Region's hosts, and a
link that names the global host does not lead to another Region.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Protocol, TypeVar
from urllib.parse import urlencode, urlsplit

import msgspec

from voicedr.adapters.providers.twilio.exchange import Ask, Exchange
from voicedr.adapters.providers.twilio.shapes import ShapeError

PAGE_SIZE_MAX = 1000
"""The provider's largest page."""

PAGES_MAX = 1000
"""A million items. A list that is longer is a list that goes in circles."""

V = TypeVar("V", covariant=True)


class Shape(Protocol[V]):
    """An item as the provider writes it."""

    def value(self) -> V:
        """As the program knows it."""
        ...


class _Meta(msgspec.Struct):
    key: str | None = None
    next_page_url: str | None = None


class _Page(msgspec.Struct):
    next_page_uri: str | None = None
    meta: _Meta | None = None


T = TypeVar("T")


async def pages(exchange: Exchange, ask: Ask, key: str, item: type[T], page_size: int) -> AsyncIterator[list[T]]:
    """The list's pages in order, as the shapes of its items.

    Args:
        exchange: What sends.
        ask: The first page, without its size.
        key: The name of the list in the body.
        item: The shape of its items.
        page_size: Items a page.

    Raises:
        ProviderError: If a page cannot be had or read, or the pages do not end.
    """
    start = urlsplit(ask.url)
    here = f"{start.scheme}://{start.netloc}"
    query = urlencode({**ask.fields, "PageSize": str(page_size)})
    place: str | None = f"{start.path}?{query}"
    seen: set[str] = set()
    while place is not None:
        page = msgspec.structs.replace(ask, url=here + place, fields={})
        answer = await exchange.ask(page)
        seen.add(place)
        try:
            items = _items(answer.body, key, item)
            place = _next(answer.body, start.path, start.netloc)
        except (ShapeError, msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise exchange.unreadable(page, answer, str(exc)) from exc
        if place in seen or len(seen) >= PAGES_MAX:
            raise exchange.unreadable(page, answer, f"the list does not end after {len(seen)} pages")
        yield items


def _items(body: bytes, key: str, item: type[T]) -> list[T]:
    lists = msgspec.json.decode(body, type=dict[str, msgspec.Raw])
    raw = lists.get(key)
    if raw is None:
        raise ShapeError(f"the page has no {key}")
    found: list[T] = msgspec.json.decode(raw, type=list[item])  # type: ignore[valid-type]
    return found


def _next(body: bytes, path: str, netloc: str) -> str | None:
    """Path and query of the next page; None on the last one."""
    page = msgspec.json.decode(body, type=_Page)
    link = page.next_page_uri or (page.meta.next_page_url if page.meta else None)
    if not link:
        return None
    parts = urlsplit(link)
    if parts.netloc and not _same_family(parts.netloc, netloc):
        raise ShapeError(f"the next page is at another host, {parts.netloc[:80]!r}")
    if parts.scheme not in ("", "https") or parts.path != path:
        raise ShapeError(f"the next page is not of the same list: {parts.path[:120]!r}")
    return f"{parts.path}?{parts.query}"


def _same_family(named: str, ours: str) -> bool:
    """True for a host of the same product under the same domain, whichever Region it names."""
    product, *_, name, top = ours.split(".")
    return named.startswith(f"{product}.") and named.endswith(f".{name}.{top}")
