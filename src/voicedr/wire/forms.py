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
    return "&".join(
        [
            f"{_quoted(name)}={_quoted(value) if len(value) <= KEPT_CHARACTERS_MAX else quote_plus(value)}"
            for name, value in fields.items()
        ]
    )
