"""Reading a parsed file: values out, and for each mistake the path of its key and what would be right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from voicedr.twin.world.model import REGIONS


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong. ``path`` is empty for the file as a whole."""

    path: str
    what: str
    line: int | None = None

    def __str__(self) -> str:
        where = f"line {self.line}: " if self.line is not None else ""
        return f"{where}{self.path or 'the file'} {self.what}"


class Mistakes(ValueError):
    """What is wrong in an account file. Nothing was made of it."""

    def __init__(self, found: Sequence[Mistake]) -> None:
        super().__init__("; ".join(str(mistake) for mistake in found))
        self.found = tuple(found)


class Reading:
    """Takes values out of a parsed file and notes what is wrong instead of stopping at the first."""

    def __init__(self) -> None:
        self.found: list[Mistake] = []

    def note(self, path: str, what: str) -> None:
        """Something is wrong here."""
        self.found.append(Mistake(path, what))

    def raise_if_any(self) -> None:
        """Stop if anything was wrong.

        Raises:
            Mistakes: With every one of them.
        """
        if self.found:
            raise Mistakes(self.found)

    def mapping(self, value: Any, path: str) -> Mapping[str, Any]:
        """A mapping; absent is an empty one."""
        if value is None:
            return {}
        if isinstance(value, Mapping):
            return value
        self.note(path, f"is {_kind(value)}; give keys and values")
        return {}

    def sequence(self, value: Any, path: str) -> Sequence[Any]:
        """A list; absent is an empty one."""
        if value is None:
            return ()
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            return value
        self.note(path, f"is {_kind(value)}; give a list")
        return ()

    def known(self, given: Mapping[str, Any], path: str, *keys: str) -> None:
        """Note the keys that mean nothing: a word misspelt is a setting that is not made."""
        for key in given:
            if key not in keys:
                self.note(f"{path}.{key}" if path else str(key), f"is not a key here; known are {', '.join(keys)}")

    def text(self, given: Mapping[str, Any], path: str, key: str) -> str | None:
        """A text, or None if it is absent or null."""
        value = given.get(key)
        if value is None:
            return None
        if isinstance(value, str):
            return str(value)
        self.note(_join(path, key), f"is {_kind(value)} ({value!r}); give a text, in quotes")
        return None

    def required(self, given: Mapping[str, Any], path: str, key: str, right: Callable[[str], bool], want: str) -> str:
        """A text that has to be there and right; what it is if it is not right, empty if it is none."""
        if given.get(key) is None:
            self.note(_join(path, key), f"is not there; give {want}")
            return ""
        value = self.text(given, path, key)
        if value is not None and not right(value):
            self.note(_join(path, key), f"is {value!r}; give {want}")
        return value or ""

    def flag(self, given: Mapping[str, Any], path: str, key: str, *, default: bool) -> bool:
        """True or false."""
        value = given.get(key, default)
        if isinstance(value, bool):
            return value
        self.note(_join(path, key), f"is {value!r}; give true or false")
        return default

    def whole(self, given: Mapping[str, Any], path: str, key: str, default: int, least: int, most: int) -> int:
        """A whole number in a range."""
        value = given.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value <= most:
            return int(value)
        self.note(_join(path, key), f"is {value!r}; give a whole number from {least} to {most}")
        return default

    def seconds(self, given: Mapping[str, Any], path: str, key: str, default: float) -> float:
        """Seconds, 0 or more."""
        value = given.get(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0:
            return float(value)
        self.note(_join(path, key), f"is {value!r}; give seconds, 0 or more")
        return default

    def region(self, region: Any, path: str) -> bool:
        """True for a processing Region."""
        if region in REGIONS:
            return True
        self.note(path, f"is for {region!r}, which is no processing Region; give one of {', '.join(REGIONS)}")
        return False

    def by_region(
        self, top: Mapping[str, Any], key: str, regions: Mapping[str, str]
    ) -> Iterator[tuple[str, int, Any, str]]:
        """What is listed under each Region: Region, index, entry, path."""
        for region, entries in self.mapping(top.get(key), key).items():
            if not self.region(region, f"{key}.{region}"):
                continue
            for index, entry in enumerate(self.sequence(entries, f"{key}.{region}")):
                yield region, index, entry, f"{key}.{region}[{index}]"

    def named(self, names: Mapping[str, str], wanted: str, path: str, region: str) -> str:
        """The SID of the one with this friendly name, empty if there is none."""
        if wanted in names:
            return names[wanted]
        there = ", ".join(sorted(names)) or "none"
        self.note(path, f"is {wanted!r}, and {region} has no such one (it has {there}); add it there, or correct it")
        return ""


def _join(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key


def _kind(value: Any) -> str:
    match value:
        case bool():
            return "true or false"
        case str():
            return "a text"
        case int() | float():
            return "a number"
        case Mapping():
            return "keys and values"
        case _:
            return "a list"
