"""Where incidents are recorded: append-only, one chain of records per incident.

IncidentError
├── IncidentsBroken   the file cannot be read, or a chain does not hold. Nothing was changed
├── NoSuchIncident
├── IncidentOpen      the flow has one that is not closed. Nothing was recorded
└── IncidentOver      it is closed. Nothing was recorded
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import msgspec

from voicedr.program.governance.incident import Declared, IncidentEvent


class IncidentError(Exception):
    """What, where, how it stands, and the next step."""


class IncidentsBroken(IncidentError):
    """Not a record, or not a whole one."""


class NoSuchIncident(IncidentError):
    """No incident has this id."""


class IncidentOpen(IncidentError):
    """One incident per flow."""


class IncidentOver(IncidentError):
    """It is closed, and only reviews may follow."""


class IncidentRecord(msgspec.Struct, frozen=True):
    """One record. ``hash`` covers ``previous`` and ``body``, as in an execution's journal."""

    seq: int
    event: IncidentEvent
    body: bytes
    previous: str
    hash: str


class IncidentSummary(msgspec.Struct, frozen=True):
    """One line of the list of incidents."""

    incident: str
    flow: str
    closed: bool


class Incidents(Protocol):
    """All methods are durable, as the journal's are, and raise JournalAway and JournalBroken as those do."""

    def open(self, declared: Declared) -> None:
        """Begin an incident's record. Of several that begin at the same instant, one does.

        Raises:
            IncidentOpen: If the flow has one that is not closed.
        """
        ...

    def append(self, incident: str, event: IncidentEvent) -> None:
        """Add to the record. CLOSED ends it; reviews may still follow.

        Raises:
            NoSuchIncident: If there is none.
            IncidentOver: If somebody closed it meanwhile, and this is no review.
        """
        ...

    def read(self, incident: str) -> Sequence[IncidentRecord]:
        """Records in order, each checked against the one before.

        Raises:
            NoSuchIncident: If there is none.
            IncidentsBroken: If a record cannot be read, or the chain does not hold.
        """
        ...

    def incidents(self, flow: str | None = None) -> Sequence[IncidentSummary]:
        """All incidents, of one flow or of all, newest first."""
        ...
