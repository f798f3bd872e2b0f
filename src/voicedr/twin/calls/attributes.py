"""Reading a verb's attributes as its rules say: the value or, where it is wrong, the documented default.

Wrong values are warned of when the verb's turn comes (``interpreter.perform``), not here.
"""

from __future__ import annotations

from urllib.parse import urljoin

from voicedr.twin.calls.line import Line
from voicedr.twin.calls.rules import value_of
from voicedr.wire.twiml import Element


def whole(element: Element, name: str) -> int:
    """A whole number."""
    return int(value_of(element, name))


def flag(element: Element, name: str) -> bool:
    """``true`` or ``false``."""
    return value_of(element, name) == "true"


def words(element: Element, name: str) -> tuple[str, ...]:
    """Several words, in the order in which they are written."""
    return tuple(value_of(element, name).replace(",", " ").split())


def word(element: Element, name: str) -> str:
    """One word, a method, keys or a text."""
    return value_of(element, name)


def address_of(line: Line, element: Element, name: str) -> str:
    """A URL against the document it stands in; empty if there is none."""
    url = value_of(element, name)
    return absolute(line, url) if url else ""


def absolute(line: Line, url: str) -> str:
    """A URL of a verb against the document it stands in; the document itself if there is none.

    TwiML that came inline has no base: a relative URL stays as it is, and asking it is 11100
    (https://www.twilio.com/docs/voice/twiml/gather).
    """
    if not url:
        return line.url
    try:
        return urljoin(line.url, url)
    except ValueError:
        return url
