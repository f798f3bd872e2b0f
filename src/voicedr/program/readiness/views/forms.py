"""What was declared, in the forms that ``About`` tells. What is not of the form is as good as not there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from voicedr.program.vocabulary import Region


def texts(value: Any) -> tuple[str, ...]:
    """The texts of a list; of one text, that text."""
    if isinstance(value, str):
        return (value,) if value else ()
    return tuple(one for one in value if isinstance(one, str) and one) if isinstance(value, list | tuple) else ()


def of_region(value: Any, region: Region) -> Any:
    """What a mapping says of a Region; None if it says nothing of it."""
    return value.get(region) if isinstance(value, dict) else None


def figure(value: Any, name: str) -> float | None:
    """A number by its name in a mapping; None if there is none."""
    found = value.get(name) if isinstance(value, dict) else None
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def services(value: Any) -> Iterator[tuple[str, str | None]]:
    """Token services: the URL of each and, where it wants one, the reference of its bearer secret.

    An entry is a URL, or ``{url: …, bearer: env:NAME}``.
    """
    for one in value if isinstance(value, list | tuple) else ():
        if isinstance(one, str):
            yield one, None
        elif isinstance(one, dict) and isinstance(one.get("url"), str):
            bearer = one.get("bearer")
            yield one["url"], bearer if isinstance(bearer, str) else None


def version(text: Any) -> tuple[int, ...] | None:
    """``"2.11.0-beta.1"`` as 2, 11, 0; None if it does not begin with numbers."""
    found = re.match(r"\d+(?:\.\d+)*", str(text))
    return None if found is None else tuple(int(part) for part in found.group().split("."))


def is_url(text: str) -> bool:
    """Whether it can be asked for over the web."""
    return text.lower().startswith(("http://", "https://"))


def can_be_asked(url: str) -> bool:
    """Whether a URL has a host, and a port that there is, and nothing that a request line cannot hold."""
    try:
        parts = urlsplit(url)
        found = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        return False
    return is_url(url) and found and not any(char.isspace() or not char.isprintable() for char in url)
