"""Where checkpoints of the journal are left: places that nobody who can edit the journal can edit as well.

PlaceError
├── PlaceAway       it could not be reached, or did not answer. Say it again: leaving one twice is leaving it once
├── PlaceUnusable   it is not such a place, or refuses us. Saying it again says no again
└── Contradicted    another checkpoint of that size is there, or what was left is gone: somebody rewrote one of the two
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from voicedr.program.evidence.file import Checkpoint


class PlaceError(Exception):
    """Which place, what, how it stands, and the next step. No secret is in it."""


class PlaceAway(PlaceError):
    """Not reached, or not answered. The checkpoint may be there or not."""


class PlaceUnusable(PlaceError):
    """Not a place for checkpoints, or one that refuses us. Nothing was left."""


class Contradicted(PlaceError):
    """What is there speaks against the journal. This is a finding, and no mishap: look who wrote."""


class CheckpointPlace(Protocol):
    """A place. Nothing that was left there is ever changed or removed by us."""

    @property
    def name(self) -> str:
        """The place, for people, without secrets."""
        ...

    async def leave(self, checkpoint: Checkpoint) -> None:
        """Leave a checkpoint. If one of this execution and size with this head is there already, nothing changes.

        Raises:
            PlaceAway: If nobody knows whether it was left. Say it again.
            PlaceUnusable: If it was not left, and will not be.
            Contradicted: If one of this size with another head is there. It was left alone.
        """
        ...

    async def read(self, execution: str) -> Sequence[Checkpoint]:
        """What was left of an execution, the smallest first; empty if nothing was.

        Raises:
            PlaceAway, PlaceUnusable: If it could not be read.
            Contradicted: If the place itself shows that what was left there was rewritten.
        """
        ...
