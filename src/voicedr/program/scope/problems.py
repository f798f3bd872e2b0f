"""What is wrong with a workbook, and where: every mistake at once, in the order of the file.

WorkbookBroken
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec


class Place(NamedTuple):
    """A position in the file, counted from 1 as editors count."""

    line: int
    column: int


class Problem(msgspec.Struct, frozen=True):
    """One mistake: what, to which thing, how it stands, and the way on. ``str()`` is the line a person reads."""

    path: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}:{self.column}: {self.message}"


class WorkbookBroken(Exception):
    """The workbook cannot be used as it stands. Nothing was done with it.

    Attributes:
        problems: Every mistake found, at least one, in the order of the file.
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


def printable(text: str) -> str:
    """A text that stays on its line and sends nothing else to a terminal."""
    return "".join(character if character.isprintable() else "·" for character in text)


class Findings:
    """Collects problems of one file. A place is reported once per message, and the order is the file's."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._problems: set[tuple[Place, str]] = set()

    def add(self, place: Place, message: str) -> None:
        """Note a mistake."""
        self._problems.add((place, printable(message)))

    def add_all(self, found: Iterable[tuple[Place, str]]) -> None:
        """Note several."""
        for place, message in found:
            self.add(place, message)

    def sorted(self) -> tuple[Problem, ...]:
        """Everything noted, in the order of the file."""
        return tuple(Problem(self.path, place.line, place.column, message) for place, message in sorted(self._problems))

    def raise_if_any(self) -> None:
        """Stop here if there is anything wrong.

        Raises:
            WorkbookBroken: With everything noted so far.
        """
        if self._problems:
            raise WorkbookBroken(self.sorted())
