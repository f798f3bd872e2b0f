"""A form body from its fields: what ``urllib.parse.urlencode`` makes of texts, for those who make hundreds a second."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import quote_plus

KEPT_MAX = 2048
KEPT_CHARACTERS_MAX = 100

_quoted = lru_cache(maxsize=KEPT_MAX)(quote_plus)


def form_body(fields: Mapping[str, str]) -> str:
    """``name=value&name=value``, quoted. Names, and values that are short, mostly come again: they are kept quoted."""
    return "&".join([f"{_quoted(name)}={_value(value)}" for name, value in fields.items()])


def _value(value: str) -> str:
    if value.isascii():
        if value.isalnum():
            return value  # An id: another one in every request, and nothing in it is quoted.
        if value[:1] == "+" and value[1:].isalnum():
            return f"%2B{value[1:]}"
    return _quoted(value) if len(value) <= KEPT_CHARACTERS_MAX else quote_plus(value)
