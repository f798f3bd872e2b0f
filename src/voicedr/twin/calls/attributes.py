"""Reading a verb's attributes: the value, or the documented default and a warning."""

from __future__ import annotations

from urllib.parse import urljoin

from voicedr.twin.calls.line import Line
from voicedr.wire.twiml import Element


def whole(line: Line, element: Element, name: str, default: int, code: int, *, least: int = 0, most: int) -> int:
    """A whole number; out of bounds or none at all is warned of with the verb's code, and the default is used."""
    text = element.get(name).strip()
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most:
        return int(text)
    line.warn(code, f"{element.name} {name} is {text[:40]!r}; a whole number from {least} to {most} was expected")
    return default


def flag(line: Line, element: Element, name: str, default: bool, code: int) -> bool:
    """``true`` or ``false``."""
    text = element.get(name).strip().lower()
    if text in {"true", "false"}:
        return text == "true"
    if text:
        line.warn(code, f"{element.name} {name} is {text[:40]!r}; true or false was expected")
    return default


def one_of(line: Line, element: Element, name: str, allowed: tuple[str, ...], code: int) -> str:
    """One of these words; the first is the default."""
    text = element.get(name).strip()
    if text in allowed:
        return text
    if text:
        line.warn(code, f"{element.name} {name} is {text[:40]!r}; one of {', '.join(allowed)} was expected")
    return allowed[0]


def method(line: Line, element: Element, code: int, name: str = "method", default: str = "POST") -> str:
    """``GET`` or ``POST``."""
    text = element.get(name).strip().upper()
    if text in {"GET", "POST"}:
        return text
    if text:
        line.warn(code, f"{element.name} {name} is {text[:40]!r}; GET or POST was expected")
    return default


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
