"""The headers of a SIP message, found by name at once: the library's walks over all of them whenever one is asked for.

Names compare without case (RFC 3261 section 7.3.1), keep how they were first written, and keep their place.
"""

from __future__ import annotations

import sipmessage


class Headers(sipmessage.Headers):
    """What the library's ``Headers`` does, for the same questions with the same answers."""

    def __init__(self) -> None:
        self._named: dict[str, tuple[str, list[str]]] = {}

    def add(self, key: str, value: str) -> None:
        """Add a value after those that the header has."""
        lower = key.lower()
        there = self._named.get(lower)
        if there is None:
            self._named[lower] = (key, [value])
        else:
            there[1].append(value)

    def get(self, key: str, default: str | None = None) -> str | None:
        """The first value of a header, or the default."""
        there = self._named.get(key.lower())
        return default if there is None else there[1][0]

    def getlist(self, key: str) -> list[str]:
        """All values of a header."""
        there = self._named.get(key.lower())
        return [] if there is None else there[1]

    def keys(self) -> list[str]:
        """The names."""
        return [name for name, _ in self._named.values()]

    def remove(self, key: str) -> None:
        """Leave a header out."""
        self._named.pop(key.lower(), None)

    def set(self, key: str, value: str) -> None:
        """Give a header this value and no other."""
        self.setlist(key, [value])

    def setlist(self, key: str, values: list[str]) -> None:
        """Give a header these values and no others."""
        lower = key.lower()
        there = self._named.get(lower)
        self._named[lower] = (key if there is None else there[0], values)

    def __getitem__(self, key: str) -> str:
        return self._named[key.lower()][1][0]

    def __str__(self) -> str:
        lines = [f"{name}: {value}\r\n" for name, values in self._named.values() for value in values]
        return "".join([*lines, "\r\n"])
