"""Any kind of resource over the provider's REST API: where it is and how it is written follows from its ``Kind`` alone.

The 2010 API ends its paths in ``.json`` and the product APIs do not
(https://www.twilio.com/docs/usage/twilios-response, read 2026-11-21). In a form, true and false are words, and an empty
value takes off what was set; in an answer, empty and absent are the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from urllib.parse import quote

import msgspec

from voicedr.adapters.providers.twilio.exchange import Ask, Exchange
from voicedr.adapters.providers.twilio.paging import PAGE_SIZE_MAX, pages
from voicedr.adapters.providers.twilio.shapes import ShapeError
from voicedr.program.readiness.kinds import Field, Kind, Resource, Role, Value
from voicedr.wire.http import Response

_LIST_BACK = "List them before repeating: it may be there."
_READ_BACK = "Read it before repeating."


class Estate:
    """What one account has in one Region, of any kind.

    Args:
        exchange: What asks, with the Region's key.
        account_sid: The account.
        place: What follows the product in a host's name, e.g. ``dublin.ie1.twilio.com``.
    """

    def __init__(self, exchange: Exchange, account_sid: str, place: str) -> None:
        self._exchange = exchange
        self._account_sid = account_sid
        self._place = place

    async def every(self, kind: Kind, parent_sid: str | None) -> Sequence[Resource]:
        """See ``RegionalProvider.resources``."""
        of = f" of {parent_sid}" if parent_sid is not None else ""
        ask = Ask("GET", self._url(kind, parent_sid), f"reading the {kind.plural}{of} of {self._exchange.region}")
        found: list[Resource] = []
        async for page in pages(self._exchange, ask, kind.list_key, _shape(kind), PAGE_SIZE_MAX):
            found += [self._value(ask, Response(200), kind, parent_sid, item) for item in page]
        return found

    async def create(self, kind: Kind, fields: Mapping[str, Value], parent_sid: str | None) -> Resource:
        """See ``RegionalProvider.create``. What is None is not sent: there is nothing to take off yet."""
        if kind.makes not in ("create", "create-update"):
            raise ValueError(f"{kind.plural} cannot be made by a request")
        form = _form(kind, {name: value for name, value in fields.items() if value is not None})
        what = f"making one of the {kind.plural} of {self._exchange.region} ({_named(kind, fields)})"
        ask = Ask("POST", self._url(kind, parent_sid), what, form, _LIST_BACK, hidden=_secrets(kind, fields))
        return self._read(ask, await self._exchange.ask(ask), kind, parent_sid)

    async def update(self, kind: Kind, sid: str, fields: Mapping[str, Value], parent_sid: str | None) -> Resource:
        """See ``RegionalProvider.update``."""
        if kind.makes not in ("update", "create-update"):
            raise ValueError(f"{kind.plural} cannot be updated")
        what = f"setting {', '.join(sorted(fields)) or 'nothing'} of {sid}, one of the {kind.plural}"
        url = self._url(kind, parent_sid, sid)
        ask = Ask("POST", url, f"{what} of {self._exchange.region}", _form(kind, fields), _READ_BACK,
                  hidden=_secrets(kind, fields))  # fmt: skip
        return self._read(ask, await self._exchange.ask(ask), kind, parent_sid)

    async def remove(self, kind: Kind, sid: str, parent_sid: str | None) -> None:
        """See ``RegionalProvider.remove``."""
        if kind.makes not in ("create", "create-update"):
            raise ValueError(f"{kind.plural} cannot be taken off")
        what = f"taking {sid} off the {kind.plural} of {self._exchange.region}"
        ask = Ask("DELETE", self._url(kind, parent_sid, sid), what, check=_LIST_BACK, absent_is_answer=True)
        await self._exchange.ask(ask)

    def _url(self, kind: Kind, parent_sid: str | None, sid: str | None = None) -> str:
        if (kind.parent is None) is not (parent_sid is None):
            raise ValueError(f"{kind.plural} belong to {kind.parent or 'nothing'}: {parent_sid!r} does not fit")
        path = kind.path.replace("{parent}", quote(parent_sid or "", safe=""))
        if sid is not None:
            bare = path.removesuffix(".json")
            path = f"{bare}/{quote(sid, safe='')}{path[len(bare) :]}"
        base = f"2010-04-01/Accounts/{self._account_sid}" if kind.product == "api" else "v1"
        return f"https://{kind.product}.{self._place}/{base}/{path}"

    def _read(self, ask: Ask, answer: Response, kind: Kind, parent_sid: str | None) -> Resource:
        try:
            item = msgspec.json.decode(answer.body, type=_shape(kind))
        except (msgspec.DecodeError, UnicodeDecodeError) as exc:
            raise self._exchange.unreadable(ask, answer, str(exc)) from exc
        return self._value(ask, answer, kind, parent_sid, item)

    def _value(self, ask: Ask, answer: Response, kind: Kind, parent_sid: str | None, item: object) -> Resource:
        try:
            sid = getattr(item, kind.key)
            if not isinstance(sid, str) or not sid:
                raise ShapeError(f"one of the {kind.plural} has no {kind.key}")
            fields = {field.name: _known(field, getattr(item, field.name)) for field in kind.fields}
        except ShapeError as exc:
            raise self._exchange.unreadable(ask, answer, str(exc)) from exc
        return Resource(kind.id, sid, parent_sid, fields)


@cache
def _shape(kind: Kind) -> type[Any]:
    """An item of the kind's list as far as its fields go; everything may be absent but nothing may be a list."""
    names = dict.fromkeys([kind.key, *(field.name for field in kind.fields)])
    return msgspec.defstruct("Item", [(name, str | int | bool | None, None) for name in names])


def _known(field: Field, value: Value) -> Value:
    """A value of an answer as the program knows it: empty is None; whole numbers and true or false are not words.

    Raises:
        ShapeError: If the field is a number or a truth and the value is neither.
    """
    if value is None or value == "":
        return None
    match field.default:
        case bool() if not isinstance(value, bool):
            if value not in ("true", "false"):
                raise ShapeError(f"{field.name} is {str(value)[:40]!r}, which is neither true nor false")
            return value == "true"
        case int() if not isinstance(field.default, bool) and type(value) is not int:
            if not isinstance(value, str) or not value.isascii() or not value.isdigit():
                raise ShapeError(f"{field.name} is {str(value)[:40]!r}, which is not a whole number")
            return int(value)
        case _:
            return value


def _form(kind: Kind, fields: Mapping[str, Value]) -> dict[str, str]:
    return {kind.field(name).parameter: _said(value) for name, value in fields.items()}


def _said(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


def _named(kind: Kind, fields: Mapping[str, Value]) -> str:
    """What the new one is called, for messages."""
    named = [str(fields[name]) for name in kind.identity if fields.get(name) is not None]
    return " ".join(named) or "without a name"


def _secrets(kind: Kind, fields: Mapping[str, Value]) -> tuple[str, ...]:
    """What no message may repeat, even where the provider's own words do."""
    return tuple(str(value) for name, value in fields.items() if value and kind.field(name).role is Role.SECRET)
