"""An item without what tells who called or what they said: one line of JSON, ready for a list."""

from __future__ import annotations

import re
from typing import Any

import msgspec

_NUMBER = re.compile(r"(\+|%2B)([1-9]\d{6,14})")

_WORDS = ("transcription_text", "body")
"""What was said or written."""

_NAMES = ("caller_name", "forwarded_from")


def line_of(raw: bytes, *, numbers: bool, words: bool) -> bytes:
    """An item as one line of JSON, its fields in the provider's order.

    Args:
        raw: As the provider answered it.
        numbers: False: numbers are shortened to their first two and last two digits, and callers' names left out.
        words: False: what was said or written is left out.
    """
    told: dict[str, Any] = msgspec.json.decode(raw, type=dict[str, Any])
    if not words:
        told |= {name: None for name in _WORDS if told.get(name) is not None}
    if not numbers:
        told = {name: None if name in _NAMES and value else _shortened(value) for name, value in told.items()}
    return msgspec.json.encode(told)


def shorten(text: str) -> str:
    """Every number in a text as its first two and last two digits: ``+14…00``."""
    return _NUMBER.sub(lambda found: f"{found[1]}{found[2][:2]}…{found[2][-2:]}", text)


def _shortened(value: Any) -> Any:
    match value:
        case str():
            return shorten(value)
        case dict():
            return {name: _shortened(one) for name, one in value.items()}
        case list():
            return [_shortened(one) for one in value]
        case _:
            return value
