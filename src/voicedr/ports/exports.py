"""What we need of the place that an export is written to.

ExportUnusable   it cannot be written or read: which file, why, and the next step. What was kept before stays
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class ExportUnusable(Exception):
    """The place cannot be used. What was kept before stays."""


class Exports(Protocol):
    """Files that are there whole or not at all, and notes of what was done, each durable once it is made.

    Names are relative, with ``/`` between folders. Every method may raise ``ExportUnusable``.
    """

    def names(self) -> Sequence[str]:
        """Every whole file, in order; neither notes nor what was being written when a process ended."""
        ...

    def read(self, name: str) -> bytes | None:
        """A file; None if it is not there."""
        ...

    def keep(self, name: str, body: bytes) -> None:
        """Write a file, or write it anew. Killed at any instant, it is as before or as it should be."""
        ...

    def note(self, line: bytes) -> None:
        """Add a note."""
        ...

    def notes(self) -> Sequence[bytes]:
        """The notes in order. One that was being made when a process ended is not among them."""
        ...

    def drop_notes(self) -> None:
        """Forget the notes."""
        ...
