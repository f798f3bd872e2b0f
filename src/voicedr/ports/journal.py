"""Where executions are recorded: append-only, one chain of records per execution, one writer at a time.

JournalError
├── JournalBroken   this is not a journal, or the chain does not hold. Nothing was changed
├── JournalAway     it does not answer, or cannot write now. Nobody knows about the last write: say it again, or look
│   └── JournalLost it stayed away for longer than a runner waits. The runner stopped; what is in flight is UNSETTLED
├── NoSuchExecution
├── Held            another process has the execution in hand
└── Fenced          the writer's term is over: somebody took over. Nothing was appended
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from voicedr.program.execution.events import Approved, Event


class JournalError(Exception):
    """What, where, how it stands, and the next step."""


class JournalBroken(JournalError):
    """Not a journal, or not a whole one."""


class JournalAway(JournalError):
    """It does not answer, or cannot write now. What was said last is there or not; the same may be said again."""


class JournalLost(JournalAway):
    """It stayed away for longer than a runner waits. The runner stopped and sent nothing meanwhile."""


class NoSuchExecution(JournalError):
    """No execution has this id."""


class Held(JournalError):
    """Somebody else has the execution in hand.

    Attributes:
        holder: Who, as ``user@host:pid``.
        until: When their lease ends unless they renew it.
    """

    def __init__(self, message: str, *, holder: str, until: datetime) -> None:
        super().__init__(message)
        self.holder = holder
        self.until = until


class Fenced(JournalError):
    """The term is over. The process must stop and say so."""


class Record(msgspec.Struct, frozen=True):
    """One record. ``hash`` covers ``previous`` and ``body``, so an edit anywhere breaks all that follows."""

    seq: int
    term: int
    event: Event
    body: bytes
    previous: str
    hash: str


class Lease(msgspec.Struct, frozen=True):
    """The right to write to one execution. A later lease has a higher term and ends this one."""

    execution: str
    holder: str
    term: int


class Command(msgspec.Struct, frozen=True):
    """What somebody asked of a running execution from elsewhere: pause, resume, abort, roll-back, go, no-go."""

    seq: int
    execution: str
    name: str
    by: str
    note: str
    at: datetime


class ExecutionSummary(msgspec.Struct, frozen=True):
    """One line of the list of executions. ``held``: by the store's own rule a process has it in hand now."""

    execution: str
    flow: str
    opened_at: datetime
    holder: str | None
    lease_until: datetime | None
    finished: bool
    held: bool = False


class Journal(Protocol):
    """All methods are durable: when ``append`` returns, a power cut does not undo it.

    Any method may raise JournalAway, and then the same may be said again: twice is once. A command or an approval is
    the same if its time is.

    Attributes:
        remote: True if it is asked over a network. Then ask from a thread, so that others go on meanwhile.
    """

    @property
    def remote(self) -> bool:
        """See the class."""
        ...

    def open(self, execution: str, flow: str, events: Sequence[Event]) -> None:
        """Begin an execution's journal.

        Raises:
            Held: If the flow has an execution that is not finished. One run per flow.
        """
        ...

    def take(self, execution: str, holder: str, now: datetime, lease_s: float) -> Lease:
        """Take the execution in hand, with a term higher than any before.

        Raises:
            Held: If another holder's lease has not ended and its process is not known to be gone. Whose clock says so
                is the store's rule; ``now`` is only asked where there is no clock of its own.
            NoSuchExecution: If there is none.
        """
        ...

    def append(self, lease: Lease, events: Sequence[Event], now: datetime, lease_s: float) -> None:
        """Append events in one transaction and renew the lease. No events: only renew.

        Raises:
            Fenced: If a later term was taken. Nothing was appended.
            JournalAway: If nobody knows whether they were appended. The next append must be of the same events.
            JournalBroken: If records that were durable are gone. Nothing was appended.
        """
        ...

    def release(self, lease: Lease) -> None:
        """Give the execution back. Does nothing if the term is over."""
        ...

    def read(self, execution: str, after_seq: int = 0) -> Sequence[Record]:
        """Records in order.

        Raises:
            NoSuchExecution: If there is none.
            JournalBroken: If a record cannot be read or the chain does not hold.
        """
        ...

    def executions(self) -> Sequence[ExecutionSummary]:
        """All executions, newest first."""
        ...

    def command(self, execution: str, name: str, by: str, note: str, now: datetime) -> None:
        """Ask something of a running execution. The runner reads it, obeys, and records it as an event."""
        ...

    def commands(self, execution: str, after_seq: int = 0) -> Sequence[Command]:
        """What was asked, in order."""
        ...

    def keep_plan(self, plan_hash: str, body: bytes, now: datetime) -> None:
        """Keep a plan so that it can be approved and executed by its hash."""
        ...

    def plan(self, plan_hash_prefix: str) -> tuple[str, bytes] | None:
        """A kept plan by its hash or a unique beginning of it (at least 6 characters); None if there is none."""
        ...

    def approve(self, approval: Approved) -> None:
        """Keep an approval of a plan."""
        ...

    def approvals(self, plan_hash: str) -> Sequence[Approved]:
        """The approvals of a plan, in order."""
        ...
