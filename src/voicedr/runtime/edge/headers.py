"""Header fields of an answer: a dict by their names as they came, which finds them in any case."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class Headers(dict[str, str]):
    """Fields that came twice are joined with a comma (RFC 9110 section 5.3)."""

    __slots__ = ("_names",)

    def __init__(self, fields: Iterable[tuple[str, str]] = ()) -> None:
        super().__init__()
        names: dict[str, str] = {}
        for name, value in fields:
            known = names.setdefault(name.lower(), name)
            if dict.__contains__(self, known):
                value = f"{dict.__getitem__(self, known)}, {value}"
            dict.__setitem__(self, known, value)
        self._names = names

    def __getitem__(self, name: str) -> str:
        return dict.__getitem__(self, self._names.get(name.lower(), name))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and name.lower() in self._names

    def get(self, name: str, default: Any = None) -> Any:
        """The field, or the default."""
        known = self._names.get(name.lower())
        return default if known is None else dict.__getitem__(self, known)
