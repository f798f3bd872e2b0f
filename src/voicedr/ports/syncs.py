"""Where runs of ``sync apply`` are recorded: append-only, one chain of records per run, one run per standby at a time.

SyncsError
├── SyncsBroken    a chain does not hold, or cannot be read. Nothing was changed
├── SyncHeld       another process has a run in hand for this standby. Nothing was recorded
└── SyncFenced     the run is over, or somebody took over. Nothing was recorded, and nothing more may be sent
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from voicedr.program.standby.records import SyncEvent, SyncOpened
from voicedr.program.vocabulary import Region


class SyncsError(Exception):
    """What, where, how it stands, and the next step."""


class SyncsBroken(SyncsError):
    """Not a record, or not a whole one."""


class SyncHeld(SyncsError):
    """One run per standby."""


class SyncFenced(SyncsError):
    """Somebody took over."""


class SyncRecord(msgspec.Struct, frozen=True):
    """One record. ``hash`` covers ``previous`` and ``body``, as in an execution's journal."""

    seq: int
    event: SyncEvent
    body: bytes
    previous: str
    hash: str


class SyncSummary(msgspec.Struct, frozen=True):
    """One line of the list of runs. ``finished``: nobody will write to it any more."""

    run: str
    standby: Region
    finished: bool
    records: int
    head: str


class Syncs(Protocol):
    """All methods are durable, as the journal's are, and raise JournalAway and JournalBroken as those do."""

    @property
    def remote(self) -> bool:
        """True if it is asked over a network: a caller with other things to do asks from a thread."""
        ...

    def open(self, opened: SyncOpened, holder: str) -> None:
        """Begin a run's record. One that its process left behind is finished as interrupted.

        Raises:
            SyncHeld: If another process is at it.
        """
        ...

    def append(self, run: str, holder: str, events: Sequence[SyncEvent], now: datetime) -> None:
        """Add to the record, and renew the lease.

        Raises:
            SyncFenced: If the run is not ours any more.
        """
        ...

    def read(self, run: str) -> Sequence[SyncRecord]:
        """Records in order, each checked against the one before.

        Raises:
            SyncsBroken: If there is none, one cannot be read, or the chain does not hold.
        """
        ...

    def runs(self) -> Sequence[SyncSummary]:
        """All runs, the oldest first."""
        ...
