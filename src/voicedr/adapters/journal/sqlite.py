"""The journal in one SQLite file (WAL, full sync). The default: nothing to install, nothing to run.

Every append is one transaction that checks the writer's term, adds the records to the chain and renews the lease. When
it returns, a power cut does not undo it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event, insert, select, update
from sqlalchemy.exc import DatabaseError

from voicedr.adapters.journal.tables import approvals, commands, executions, metadata, plans, records
from voicedr.ports.journal import (
    Command,
    ExecutionSummary,
    Fenced,
    Held,
    JournalBroken,
    Lease,
    NoSuchExecution,
    Record,
)
from voicedr.program.evidence.chain import GENESIS, decode, encode, link
from voicedr.program.execution.events import Approved, Event, Finished

PREFIX_LENGTH_MIN = 6
"""So much of a plan's hash must be given; fewer digits are too easily another plan's."""


class SqliteJournal:
    """A journal in a file. Safe for several processes; each write waits up to ``busy_s`` for its turn."""

    def __init__(self, path: Path, *, busy_s: float = 10.0) -> None:
        """Open a journal, making it if there is none.

        Raises:
            JournalBroken: If the file is there and is not a journal, or cannot be written.
        """
        self._path = path
        self._engine = _engine(path, busy_s)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self._engine.begin() as connection:
                metadata.create_all(connection)
        except (DatabaseError, OSError) as exc:
            raise JournalBroken(
                f"{path}: cannot be opened as a journal ({_cause(exc)}). Nothing was changed."
                f" Move the file away to begin a new one, or restore it from a copy."
            ) from exc

    def close(self) -> None:
        """Close the file."""
        self._engine.dispose()

    def open(self, execution: str, flow: str, events: Sequence[Event]) -> None:
        """Begin an execution's journal. See the port."""
        with self._transaction() as connection:
            running = connection.execute(
                select(executions).where(executions.c.flow == flow, executions.c.finished == 0)
            ).first()
            if running is not None:
                until = _time(running.lease_until) if running.lease_until else events[0].at
                raise Held(
                    f"{flow} has an execution that is not finished: {running.execution}"
                    f" (held by {running.holder or 'nobody'})."
                    f" One run per flow: voicedr resume {running.execution}, or abort it first.",
                    holder=running.holder or "",
                    until=until,
                )
            connection.execute(
                insert(executions).values(
                    execution=execution, flow=flow, opened_at=events[0].at.timestamp(), head=GENESIS, size=0, term=0
                )
            )
            self._chain(connection, execution, 0, 0, GENESIS, events)

    def take(self, execution: str, holder: str, now: datetime, lease_s: float) -> Lease:
        """Take an execution in hand. See the port."""
        with self._transaction() as connection:
            row = self._row(connection, execution)
            until = row.lease_until or 0.0
            if row.holder and row.holder != holder and until > now.timestamp() and not holder_is_gone(row.holder):
                raise Held(
                    f"{execution} is in the hands of {row.holder} until {_time(until):%H:%M:%S} UTC or longer."
                    f" Ask there, or end that process first; its lease is not renewed then.",
                    holder=row.holder,
                    until=_time(until),
                )
            term = int(row.term) + 1
            connection.execute(
                update(executions)
                .where(executions.c.execution == execution)
                .values(holder=holder, term=term, lease_until=now.timestamp() + lease_s)
            )
            return Lease(execution, holder, term)

    def append(self, lease: Lease, events: Sequence[Event], now: datetime, lease_s: float) -> None:
        """Append events if the term still stands. See the port."""
        with self._transaction() as connection:
            row = self._row(connection, lease.execution)
            if row.term != lease.term:
                raise Fenced(
                    f"{lease.execution}: {row.holder} took over (term {row.term}; ours was {lease.term})."
                    f" Nothing was written and nothing more is sent from here."
                )
            connection.execute(
                update(executions)
                .where(executions.c.execution == lease.execution)
                .values(lease_until=now.timestamp() + lease_s)
            )
            self._chain(connection, lease.execution, int(row.size), lease.term, str(row.head), events)

    def release(self, lease: Lease) -> None:
        """Give an execution back. See the port."""
        with self._transaction() as connection:
            connection.execute(
                update(executions)
                .where(executions.c.execution == lease.execution, executions.c.term == lease.term)
                .values(holder=None, lease_until=None)
            )

    def read(self, execution: str, after_seq: int = 0) -> Sequence[Record]:
        """Records in order, each checked against the one before. See the port."""
        with self._transaction() as connection:
            row = self._row(connection, execution)
            rows = connection.execute(
                select(records)
                .where(records.c.execution == execution, records.c.seq >= after_seq)
                .order_by(records.c.seq)
            ).all()
        previous = GENESIS
        found: list[Record] = []
        expected = max(after_seq, 1)
        for one in rows:
            if one.seq == after_seq and after_seq > 0:
                previous, expected = str(one.hash), after_seq + 1
                continue
            found.append(self._checked(execution, one, expected, previous))
            previous, expected = str(one.hash), expected + 1
        if expected - 1 != row.size or (rows and previous != row.head):
            raise JournalBroken(
                f"{self._path}: {execution} should end with record {row.size}, and record {expected} is missing."
                f" Its tail was cut off. Restore the file from a copy; nothing was changed."
            )
        return found

    def executions(self) -> Sequence[ExecutionSummary]:
        """All executions, newest first."""
        with self._transaction() as connection:
            rows = connection.execute(select(executions).order_by(executions.c.opened_at.desc())).all()
        return [
            ExecutionSummary(
                row.execution,
                row.flow,
                _time(row.opened_at),
                row.holder,
                _time(row.lease_until) if row.lease_until else None,
                bool(row.finished),
            )
            for row in rows
        ]

    def command(self, execution: str, name: str, by: str, note: str, now: datetime) -> None:
        """Ask something of a running execution. See the port."""
        with self._transaction() as connection:
            self._row(connection, execution)
            connection.execute(
                insert(commands).values(execution=execution, name=name, by=by, note=note, at=now.timestamp())
            )

    def commands(self, execution: str, after_seq: int = 0) -> Sequence[Command]:
        """What was asked, in order."""
        with self._transaction() as connection:
            rows = connection.execute(
                select(commands)
                .where(commands.c.execution == execution, commands.c.seq > after_seq)
                .order_by(commands.c.seq)
            ).all()
        return [Command(row.seq, row.execution, row.name, row.by, row.note, _time(row.at)) for row in rows]

    def keep_plan(self, plan_hash: str, body: bytes, now: datetime) -> None:
        """Keep a plan. The same plan twice is once."""
        with self._transaction() as connection:
            if connection.execute(select(plans.c.hash).where(plans.c.hash == plan_hash)).first() is None:
                connection.execute(insert(plans).values(hash=plan_hash, body=body, at=now.timestamp()))

    def plan(self, plan_hash_prefix: str) -> tuple[str, bytes] | None:
        """A kept plan by the beginning of its hash. See the port."""
        prefix = plan_hash_prefix.strip().lower()
        if len(prefix) < PREFIX_LENGTH_MIN or not all(digit in "0123456789abcdef" for digit in prefix):
            return None
        with self._transaction() as connection:
            rows = connection.execute(select(plans).where(plans.c.hash.startswith(prefix)).limit(2)).all()
        return (str(rows[0].hash), bytes(rows[0].body)) if len(rows) == 1 else None

    def approve(self, approval: Approved) -> None:
        """Keep an approval."""
        with self._transaction() as connection:
            connection.execute(insert(approvals).values(plan_hash=approval.plan_hash, body=encode(approval)))

    def approvals(self, plan_hash: str) -> Sequence[Approved]:
        """The approvals of a plan, in order."""
        with self._transaction() as connection:
            rows = connection.execute(
                select(approvals.c.body).where(approvals.c.plan_hash == plan_hash).order_by(approvals.c.seq)
            ).all()
        kept = [decode(bytes(row.body)) for row in rows]
        return [one for one in kept if isinstance(one, Approved)]

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except DatabaseError as exc:
            raise JournalBroken(
                f"{self._path}: the journal cannot be read or written ({_cause(exc)})."
                f" Nothing of this step was recorded. See that the disk has room and the file is whole."
            ) from exc

    def _row(self, connection: Connection, execution: str) -> Any:
        row = connection.execute(select(executions).where(executions.c.execution == execution)).first()
        if row is None:
            raise NoSuchExecution(f"{self._path}: there is no execution {execution!r}. voicedr executions lists them.")
        return row

    def _chain(
        self, connection: Connection, execution: str, size: int, term: int, head: str, events: Sequence[Event]
    ) -> None:
        if not events:
            return
        rows = []
        for seq, one in enumerate(events, start=size + 1):
            body = encode(one)
            digest = link(execution, seq, term, head, body)
            rows.append(
                {"execution": execution, "seq": seq, "term": term, "body": body, "previous": head, "hash": digest}
            )
            head = digest
        connection.execute(insert(records), rows)
        finished = 1 if any(isinstance(one, Finished) for one in events) else 0
        changes: dict[str, Any] = {"size": size + len(rows), "head": head}
        if finished:
            changes["finished"] = 1
        connection.execute(update(executions).where(executions.c.execution == execution).values(**changes))

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
                f"{self._path}: {execution} does not hold at record {expected}: it was edited, moved or cut."
                f" Restore the file from a copy; nothing was changed."
            )
        try:
            said = decode(body)
        except msgspec.DecodeError as exc:
            raise JournalBroken(
                f"{self._path}: {execution}, record {expected} cannot be read by this release ({exc})."
                f" Use the release that wrote it, or a newer one."
            ) from exc
        return Record(row.seq, row.term, said, body, str(row.previous), str(row.hash))


def this_holder(user: str, host: str) -> str:
    """This process as a lease names it: user, host, pid, and when the pid began, since pids come round again."""
    return f"{user}@{host}:{os.getpid()}/{_began(os.getpid())}"


def holder_is_gone(holder: str) -> bool:
    """True only if the holder was a process of this host and is certainly no more."""
    where, _, process = holder.rpartition(":")
    pid_text, _, began = process.partition("/")
    if where.rpartition("@")[2] != os.uname().nodename or not pid_text.isdigit():
        return False
    return _began(int(pid_text)) != began


def _began(pid: int) -> str:
    """When a process began, in clock ticks since boot; empty if there is no such process, or only its remains."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] in ("Z", "X") else fields[19]


def _engine(path: Path, busy_s: float) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": busy_s, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute("PRAGMA synchronous=FULL")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _time(stamp: float) -> datetime:
    return datetime.fromtimestamp(stamp, UTC)


def _cause(exc: BaseException) -> str:
    return str(getattr(exc, "orig", None) or exc)
