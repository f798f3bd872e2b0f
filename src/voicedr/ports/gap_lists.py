"""The gap list that is kept over runs.

GapListUnusable   it cannot be read or written, or somebody else has been writing it for too long
GapListBroken     it is there, and is no gap list that this program reads
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from voicedr.program.readiness.gaps import GapList


class GapListUnusable(Exception):
    """The place cannot be read or written: which, why, and the next step. Nothing changed."""


class GapListBroken(Exception):
    """What is there is no gap list: where, why, and the next step. It was not touched."""


class GapLists(Protocol):
    """Where the list is kept. Each method may raise ``GapListUnusable`` and ``GapListBroken``."""

    def load(self) -> GapList:
        """The list; an empty one if none was ever kept."""
        ...

    def change(self, how: Callable[[GapList], GapList]) -> GapList:
        """Replace the list by what ``how`` makes of it; nobody else writes between. What ``how`` raises is raised.

        Returns:
            The list as it is now.
        """
        ...
