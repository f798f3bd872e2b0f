"""Where a long reading keeps what it has, so that it can go on after it was stopped."""

from __future__ import annotations

from typing import Protocol


class ReadingStore(Protocol):
    """Pieces of a reading by name."""

    def get(self, piece: str) -> bytes | None:
        """A piece that was kept and is young enough to count; None otherwise."""
        ...

    def put(self, piece: str, content: bytes) -> None:
        """Keep a piece. One that cannot be kept is not, and nothing else is lost."""
        ...

    def clear(self) -> None:
        """Forget everything: the reading is over."""
        ...
