"""The journal in SQL, the same for every database. What differs between them is in ``sqlite.py`` and ``postgres.py``.

Every append is one transaction: it locks the execution's row, checks the writer's term, adds the records to the chain
and renews the lease. When it returns, a power cut does not undo it.

An answer that is lost is looked at. This object remembers how the chain ended when it last knew; a repeated append
finds either that end, and writes, or its own records already there (the same hashes), and only renews the lease.
Anything else means that the database forgot what it had promised to keep, and is refused.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, Connection, Engine, Row, insert, select, update
from sqlalchemy.exc import DBAPIError

from voicedr.adapters.journal.tables import approvals, commands, executions, plans, records
from voicedr.ports.journal import (
    Command,
    ExecutionSummary,
    Fenced,
    Held,
    JournalAway,
    JournalBroken,
    JournalError,
    Lease,
    NoSuchExecution,
    Record,
)
from voicedr.program.evidence.chain import GENESIS, decode, encode, link
from voicedr.program.execution.events import Approved, Event, Finished

PREFIX_LENGTH_MIN = 6
"""So much of a plan's hash must be given; fewer digits are too easily another plan's."""

T = TypeVar("T")
End = tuple[int, str]
"""How a chain ends: how many records, and the hash of the last."""


class SqlJournal(ABC):
    """A journal in a database. Safe for several processes and threads.

    Attributes:
        remote: True if the database is asked over a network: a caller with other things to do asks from a thread.
        kind: What it is kept in, in a word.
        place: Where it is, as messages name it; no secret is in it.
        engine: Its connections.
    """

    remote: bool
    kind: str
    place: str
    engine: Engine

    def __init__(self) -> None:
        self._ends: dict[tuple[str, int], End] = {}

    @abstractmethod
    def now_sql(self, now: datetime) -> float | ColumnElement[float]:
        """The time that leases are measured by, in seconds since 1970: a number, or an expression for the database."""

    @abstractmethod
    def lease_is_over(self, holder: str, until_s: float, now_s: float) -> bool:
        """Whether another process may follow this holder."""

    @abstractmethod
    def error_of(self, exc: DBAPIError) -> JournalError:
        """What a failure means: away, or broken."""

    @abstractmethod
    def lightly(self) -> AbstractContextManager[Connection]:
        """A transaction that a power cut may undo."""

    @abstractmethod
    def shared_s(self, connection: Connection, now_s: float) -> float:
        """The time in seconds that all who share this journal agree on; ``now_s``: the caller's monotonic clock."""

    @abstractmethod
    def snapshot(self) -> Engine:
        """Connections whose transactions see one state of the database throughout."""

    def transact(self, work: Callable[[Connection], T], *, reads: bool = False) -> T:
        """Do something in one transaction. Once more, at once, if the connection to a remote database was lost.

        All that is done here may be said twice.

        Raises:
            JournalAway: If the database does not answer. What was to be written may be there or not.
            JournalBroken: If it answers, and cannot do it. Nothing was written.
        """
        tries = 2 if self.remote else 1
        while True:
            tries -= 1
            try:
                with (self.snapshot() if reads else self.engine).connect() as connection:
                    with connection.begin():
                        result = work(connection)
                    self.committed(connection)
                    return result
            except DBAPIError as exc:
                error = self.error_of(exc)
                if tries and isinstance(error, JournalAway) and self.reconnects(exc):
                    continue
                # The cause is left out: a driver's own words may hold the address with its password.
                raise error from None

    def reconnects(self, exc: DBAPIError) -> bool:
        """Whether the next connection may fare better at once."""
        return exc.connection_invalidated

    def committed(self, connection: Connection) -> None:  # noqa: B027 (most databases have no doubts)
        """A transaction was committed, as the database says. Raises JournalAway if it said so with doubts."""

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def open(self, execution: str, flow: str, events: Sequence[Event]) -> None:
        """Begin an execution's journal. See the port."""
        rows, end = chained(execution, 0, (0, GENESIS), events)

        def work(connection: Connection) -> None:
            self.lock_flows(connection)
            running = connection.execute(
                select(executions).where(executions.c.flow == flow, executions.c.finished == 0)
            ).first()
            if running is not None and running.execution == execution and (running.size, running.head) == end:
                return
            if running is not None:
                raise Held(
                    f"{flow} has an execution that is not finished: {running.execution}"
                    f" (held by {running.holder or 'nobody'})."
                    f" One run per flow: voicedr resume {running.execution}, or abort it first.",
                    holder=running.holder or "",
                    until=_time(running.lease_until) if running.lease_until else events[0].at,
                )
            connection.execute(
                insert(executions).values(
                    execution=execution,
                    flow=flow,
                    opened_at=events[0].at.timestamp(),
                    term=0,
                    size=end[0],
                    head=end[1],
                    finished=int(_finishes(events)),
                )
            )
            connection.execute(insert(records), rows)

        self.transact(work)

    def lock_flows(self, connection: Connection) -> None:  # noqa: B027 (a transaction may hold everything anyway)
        """Let nobody else open an execution until this transaction ends."""

    def take(self, execution: str, holder: str, now: datetime, lease_s: float) -> Lease:
        """Take an execution in hand. See the port."""

        def work(connection: Connection) -> tuple[Lease, End] | Held:
            row = self._row(connection, execution)
            now_s = self._now_s(connection, now)
            until_s = row.lease_until or 0.0
            mine = not row.holder or row.holder == holder
            if not mine and not self.lease_is_over(row.holder, until_s, now_s):
                if until_s > now_s + lease_s:
                    # No lease is longer. The clock was set back since: from here it ends as any other does.
                    until_s = now_s + lease_s
                    connection.execute(
                        update(executions).where(executions.c.execution == execution).values(lease_until=until_s)
                    )
                return _held(execution, str(row.holder), until_s)
            term = int(row.term) + 1
            connection.execute(
                update(executions)
                .where(executions.c.execution == execution)
                .values(holder=holder, term=term, lease_until=now_s + lease_s)
            )
            return Lease(execution, holder, term), (int(row.size), str(row.head))

        taken = self.transact(work)
        if isinstance(taken, Held):
            raise taken
        lease, end = taken
        self._ends[execution, lease.term] = end
        return lease

    def append(self, lease: Lease, events: Sequence[Event], now: datetime, lease_s: float) -> None:
        """Append events if the term still stands. See the port."""

        def work(connection: Connection) -> End:
            row = self._row(connection, lease.execution)
            stands: End = (int(row.size), str(row.head))
            if row.term > lease.term:
                raise Fenced(
                    f"{lease.execution}: {row.holder or 'somebody'} took over (term {row.term}; ours was {lease.term})."
                    f" Nothing was written and nothing more is sent from here. See how it stands: voicedr status"
                    f" {lease.execution}"
                )
            begins = self._ends.setdefault((lease.execution, lease.term), stands)
            rows, end = chained(lease.execution, lease.term, begins, events)
            if row.term < lease.term or stands not in (begins, end):
                raise JournalBroken(
                    f"{self.place}: {lease.execution} ends with record {stands[0]} of term {row.term}, but record"
                    f" {begins[0]} of term {lease.term} was durable. The database lost what it had kept: was a copy"
                    f" restored, or a replica promoted that was behind? Nothing was written. See that the right"
                    f" database answers, then: voicedr resume {lease.execution}"
                )
            changes: dict[str, Any] = {"lease_until": self.now_sql(now) + lease_s}
            if events and stands != end:
                connection.execute(insert(records), rows)
                changes |= {"size": end[0], "head": end[1]}
                if _finishes(events):
                    changes["finished"] = 1
            connection.execute(update(executions).where(executions.c.execution == lease.execution).values(**changes))
            return end

        self._ends[lease.execution, lease.term] = self.transact(work)

    def release(self, lease: Lease) -> None:
        """Give an execution back. See the port."""
        self.transact(
            lambda connection: connection.execute(
                update(executions)
                .where(executions.c.execution == lease.execution, executions.c.term == lease.term)
                .values(holder=None, lease_until=None)
            )
        )
        self._ends.pop((lease.execution, lease.term), None)

    def read(self, execution: str, after_seq: int = 0) -> Sequence[Record]:
        """Records in order, each checked against the one before. See the port."""

        def work(connection: Connection) -> tuple[End, Sequence[Row[Any]]]:
            row = self._row(connection, execution, lock=False)
            rows = connection.execute(
                select(records)
                .where(records.c.execution == execution, records.c.seq >= after_seq)
                .order_by(records.c.seq)
            ).all()
            return (int(row.size), str(row.head)), rows

        (size, head), rows = self.transact(work, reads=True)
        previous = GENESIS
        found: list[Record] = []
        expected = max(after_seq, 1)
        for one in rows:
            if one.seq == after_seq and after_seq > 0:
                previous, expected = str(one.hash), after_seq + 1
                continue
            found.append(self._checked(execution, one, expected, previous))
            previous, expected = str(one.hash), expected + 1
        if expected - 1 != size or (rows and previous != head):
            raise JournalBroken(
                f"{self.place}: {execution} should end with record {size}, and record {expected} is missing."
                f" Its tail was cut off. Restore the {self.kind} from a copy; nothing was changed."
            )
        return found

    def executions(self) -> Sequence[ExecutionSummary]:
        """All executions, newest first."""

        def work(connection: Connection) -> tuple[float, Sequence[Row[Any]]]:
            rows = connection.execute(select(executions).order_by(executions.c.opened_at.desc())).all()
            return self._now_s(connection, datetime.now(UTC)), rows

        now_s, rows = self.transact(work, reads=True)
        return [
            ExecutionSummary(
                row.execution,
                row.flow,
                _time(row.opened_at),
                row.holder,
                _time(row.lease_until) if row.lease_until else None,
                bool(row.finished),
                bool(row.holder and not self.lease_is_over(row.holder, row.lease_until or 0.0, now_s)),
            )
            for row in rows
        ]

    def command(self, execution: str, name: str, by: str, note: str, now: datetime) -> None:
        """Ask something of a running execution. See the port."""
        said = {"execution": execution, "name": name, "by": by, "note": note, "at": now.timestamp()}

        def work(connection: Connection) -> None:
            # The lock lets numbers become visible in order, so that a reader who remembers the last misses none.
            self._row(connection, execution)
            same = [commands.c[column] == value for column, value in said.items()]
            if connection.execute(select(commands.c.seq).where(*same)).first() is None:
                connection.execute(insert(commands).values(**said))

        self.transact(work)

    def commands(self, execution: str, after_seq: int = 0) -> Sequence[Command]:
        """What was asked, in order."""
        rows = self.transact(
            lambda connection: connection.execute(
                select(commands)
                .where(commands.c.execution == execution, commands.c.seq > after_seq)
                .order_by(commands.c.seq)
            ).all(),
            reads=True,
        )
        return [Command(row.seq, row.execution, row.name, row.by, row.note, _time(row.at)) for row in rows]

    def keep_plan(self, plan_hash: str, body: bytes, now: datetime) -> None:
        """Keep a plan. The same plan twice is once."""

        def work(connection: Connection) -> None:
            self.lock_flows(connection)
            if connection.execute(select(plans.c.hash).where(plans.c.hash == plan_hash)).first() is None:
                connection.execute(insert(plans).values(hash=plan_hash, body=body, at=now.timestamp()))

        self.transact(work)

    def plan(self, plan_hash_prefix: str) -> tuple[str, bytes] | None:
        """A kept plan by the beginning of its hash. See the port."""
        prefix = plan_hash_prefix.strip().lower()
        if len(prefix) < PREFIX_LENGTH_MIN or not all(digit in "0123456789abcdef" for digit in prefix):
            return None
        rows = self.transact(
            lambda connection: connection.execute(select(plans).where(plans.c.hash.startswith(prefix)).limit(2)).all(),
            reads=True,
        )
        return (str(rows[0].hash), bytes(rows[0].body)) if len(rows) == 1 else None

    def approve(self, approval: Approved) -> None:
        """Keep an approval. The same approval twice is once."""
        said = {"plan_hash": approval.plan_hash, "body": encode(approval)}

        def work(connection: Connection) -> None:
            self.lock_flows(connection)
            same = [approvals.c[column] == value for column, value in said.items()]
            if connection.execute(select(approvals.c.seq).where(*same)).first() is None:
                connection.execute(insert(approvals).values(**said))

        self.transact(work)

    def approvals(self, plan_hash: str) -> Sequence[Approved]:
        """The approvals of a plan, in order."""
        rows = self.transact(
            lambda connection: connection.execute(
                select(approvals.c.body).where(approvals.c.plan_hash == plan_hash).order_by(approvals.c.seq)
            ).all(),
            reads=True,
        )
        kept = [decode(bytes(row.body)) for row in rows]
        return [one for one in kept if isinstance(one, Approved)]

    def _now_s(self, connection: Connection, now: datetime) -> float:
        said = self.now_sql(now)
        return said if isinstance(said, float) else float(connection.execute(select(said)).scalar_one())

    def _row(self, connection: Connection, execution: str, *, lock: bool = True) -> Any:
        asked = select(executions).where(executions.c.execution == execution)
        row = connection.execute(asked.with_for_update() if lock else asked).first()
        if row is None:
            raise NoSuchExecution(f"{self.place}: there is no execution {execution!r}. voicedr executions lists them.")
        return row

    def _checked(self, execution: str, row: Any, expected: int, previous: str) -> Record:
        # An edit by hand may have made text of it; SQLite keeps whatever type it is given.
        body = row.body.encode() if isinstance(row.body, str) else bytes(row.body)
        whole = (
            row.seq == expected
            and row.previous == previous
            and row.hash == link(execution, row.seq, row.term, previous, body)
        )
        if not whole:
            raise JournalBroken(
                f"{self.place}: {execution} does not hold at record {expected}: it was edited, moved or cut."
                f" Restore the {self.kind} from a copy; nothing was changed."
            )
        try:
            said = decode(body)
        except msgspec.DecodeError as exc:
            raise JournalBroken(
                f"{self.place}: {execution}, record {expected} cannot be read by this release ({exc})."
                f" Use the release that wrote it, or a newer one."
            ) from exc
        return Record(row.seq, row.term, said, body, str(row.previous), str(row.hash))


def chained(execution: str, term: int, begins: End, events: Sequence[Event]) -> tuple[list[dict[str, Any]], End]:
    """The records of these events after a chain that ends so, and how it ends then."""
    size, head = begins
    rows = []
    for seq, one in enumerate(events, start=size + 1):
        body = encode(one)
        digest = link(execution, seq, term, head, body)
        rows.append({"execution": execution, "seq": seq, "term": term, "body": body, "previous": head, "hash": digest})
        head = digest
    return rows, (size + len(rows), head)


def _held(execution: str, holder: str, until_s: float) -> Held:
    return Held(
        f"{execution} is in the hands of {holder} until {_time(until_s):%H:%M:%S} UTC or longer: it renews its lease"
        f" while it works. Ask there; or, if that process is lost, end it, and after its lease has run out:"
        f" voicedr resume {execution}",
        holder=holder,
        until=_time(until_s),
    )


def _finishes(events: Sequence[Event]) -> bool:
    return any(isinstance(one, Finished) for one in events)


def _time(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)
