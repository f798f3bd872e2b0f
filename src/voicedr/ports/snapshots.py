"""Snapshots that are kept, so that what is otherwise since then can be told.

SnapshotsUnusable   where they are kept cannot be read or written
NoSuchSnapshot      none of that name is kept
SnapshotBroken      it is there, and is not what was kept
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from voicedr.program.readiness.snapshot import Snapshot


class SnapshotsUnusable(Exception):
    """The place cannot be read or written: which, why, and the next step. What was kept before still is."""


class NoSuchSnapshot(Exception):
    """None of that name is kept, or more than one."""


class SnapshotBroken(Exception):
    """It is not what was kept, or no snapshot that this program reads."""


class KeptSnapshot(msgspec.Struct, frozen=True):
    """One that is kept, without what is in it.

    Attributes:
        sha256: Of its content; the beginning of it names it for people.
        taken_at: When it was read.
        bytes: How large it is where it is kept.
    """

    sha256: str
    taken_at: datetime
    bytes: int

    @property
    def name(self) -> str:
        """What people call it."""
        return self.sha256[:12]


class Snapshots(Protocol):
    """Where they are kept. Each method may raise ``SnapshotsUnusable``."""

    def keep(self, snapshot: Snapshot) -> KeptSnapshot:
        """Keep one. The oldest may be dropped for it, never a newer one."""
        ...

    def every(self) -> Sequence[KeptSnapshot]:
        """All that are kept, the newest first."""
        ...

    def load(self, name: str) -> Snapshot:
        """One by the beginning of its name, four characters at least.

        Raises:
            NoSuchSnapshot: If none or several begin so.
            SnapshotBroken: If it is not what was kept.
        """
        ...

    def latest_before(self, moment: datetime) -> KeptSnapshot | None:
        """The newest one that was read before a moment; None if there is none."""
        ...
