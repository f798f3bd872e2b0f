"""A JSON body, field by field, as the webhooks configuration API reads it: what is wrong is error 59000.

Source: https://www.twilio.com/docs/api/errors/59000 (read 2026-11-21): a field that is missing, of a wrong type, too
long, or none of the words it may be.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from voicedr.twin.api.answers import Refused
from voicedr.twin.api.ask import Ask

VALIDATION = 59000


def wrong(where: str, what: str) -> Refused:
    """The refusal of one field."""
    return Refused(400, VALIDATION, f"{where} {what}")


def json_body(ask: Ask) -> dict[str, Any]:
    """The body's object.

    Raises:
        Refused: If it is none.
    """
    try:
        body = msgspec.json.decode(ask.body or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as exc:
        raise wrong("the body", f"is not JSON: {exc}") from exc
    if not isinstance(body, dict):
        raise wrong("the body", "is not a JSON object")
    return body


def known(given: dict[str, Any], where: str, *names: str) -> None:
    """Refuse a name that means nothing here, so that a misspelt one is not lost.

    Whether the provider does is not documented.
    """
    strange = sorted(set(given) - set(names))
    if strange:
        raise wrong(f"{where}{strange[0]}", f"means nothing here; give {', '.join(names)}")


def text(given: dict[str, Any], name: str, otherwise: str, most: int, where: str = "") -> str:
    """A text of at most so many characters; what it was if it is not given."""
    value = given.get(name, otherwise)
    if not isinstance(value, str) or len(value) > most:
        raise wrong(where + name, f"is not a text of at most {most} characters")
    return value


def word(given: dict[str, Any], name: str, allowed: Sequence[str], where: str = "") -> str:
    """One of some words. It has to be given."""
    value = given.get(name)
    if value not in allowed:
        raise wrong(where + name, f"is {value!r}; give one of {', '.join(allowed)}")
    return str(value)


def whole(given: dict[str, Any], name: str, otherwise: int, least: int, most: int, where: str = "") -> int:
    """A whole number in a range; the default if it is not given."""
    value = given.get(name, otherwise)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise wrong(where + name, f"is {value!r}; give a whole number from {least} to {most}")
    return value


def part(given: dict[str, Any], name: str, where: str = "") -> dict[str, Any] | None:
    """An object within it, None if it is not given."""
    value = given.get(name)
    if value is not None and not isinstance(value, dict):
        raise wrong(where + name, "is not an object")
    return value


def texts(given: dict[str, Any], name: str, allowed: Sequence[str], where: str = "") -> tuple[str, ...]:
    """A list of some words, empty if it is not given."""
    value = given.get(name, [])
    if not isinstance(value, list) or any(each not in allowed for each in value):
        raise wrong(where + name, f"is {value!r}; give a list of any of {', '.join(allowed)}")
    return tuple(value)
