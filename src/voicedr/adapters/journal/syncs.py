"""Runs of ``sync apply`` beside the executions, in the journal's own database, in tables of their own.

Each step is one transaction, as the journal's are. Two processes that begin at the same instant take turns, and the
second one finds the run of the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Row,
    String,
    Table,
    insert,
    inspect,
    select,
    update,
)

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.ports.syncs import SyncFenced, SyncHeld, SyncRecord, SyncsBroken, SyncSummary
from voicedr.program.evidence.chain import GENESIS
from voicedr.program.standby.records import (
    SyncEvent,
    SyncFinished,
    SyncOpened,
    decode_sync,
    encode_sync,
    sync_link,
)
from voicedr.program.vocabulary import Region

LEASE_S = 120.0
"""A dead holder on another host blocks the next run for so long. Longer than a write with its repeats and looks."""

_metadata = MetaData()

_runs = Table(
    "sync_runs",
    _metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("run", String, nullable=False, unique=True),
    Column("standby", String, nullable=False, index=True),
    Column("holder", String, nullable=False),
    Column("lease_until", Float, nullable=False),
    Column("finished", Integer, nullable=False, default=0),
    Column("size", Integer, nullable=False, default=0),
    Column("head", String, nullable=False),
)

_records = Table(
    "sync_records",
    _metadata,
    Column("run", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    PrimaryKeyConstraint("run", "seq"),
)


class JournalSyncs:
    """Runs in a journal's database. Safe for several processes, hosts and threads."""

    def __init__(self, journal: SqlJournal) -> None:
        """Use the tables of a journal, making them if they are not there."""
        self._journal = journal

        def there(connection: Connection) -> bool:
            return {one.name for one in _metadata.sorted_tables} <= set(inspect(connection).get_table_names())

        def make(connection: Connection) -> None:
            journal.lock_flows(connection)  # two processes may come to an empty database at once
            _metadata.create_all(connection)

        if not journal.transact(there, reads=True):
            journal.transact(make)

    @property
    def remote(self) -> bool:
        """See the port."""
        return self._journal.remote

    def open(self, opened: SyncOpened, holder: str) -> None:
        """Begin a run's record. See the port."""

        def work(connection: Connection) -> None:
            self._journal.lock_flows(connection)
            asked = select(_runs).where(_runs.c.standby == opened.standby, _runs.c.finished == 0)
            for row in connection.execute(asked).all():
                if row.run == opened.run and row.holder == holder:
                    return  # the answer to the first time was lost
                now_s = self._now_s(connection, opened.at)
                if row.holder != holder and not self._journal.lease_is_over(row.holder, row.lease_until, now_s):
                    raise SyncHeld(
                        f"another process is at the copy in {opened.standby}: {row.run} (held by {row.holder})."
                        " Nothing was changed. Wait until it has ended, then run this again."
                    )
                self._add(connection, row, [SyncFinished(at=opened.at, outcome="interrupted")])
            connection.execute(
                insert(_runs).values(
                    run=opened.run, standby=opened.standby, holder=holder, lease_until=0.0, head=GENESIS
                )
            )
            self._add(connection, self._row(connection, opened.run), [opened])

        self._journal.transact(work)

    def append(self, run: str, holder: str, events: Sequence[SyncEvent], now: datetime) -> None:
        """Add to the record. See the port."""

        def work(connection: Connection) -> None:
            row = self._row(connection, run, lock=True)
            if row.holder == holder and self._ends_with(connection, row, events):
                return  # the answer to the first time was lost
            if row.finished or row.holder != holder:
                raise SyncFenced(
                    f"{run} is not in the hands of this process any more. Nothing was recorded, and nothing more is"
                    " sent from here. See how it stands: voicedr sync plan"
                )
            self._add(connection, row, events, now)

        self._journal.transact(work)

    def read(self, run: str) -> Sequence[SyncRecord]:
        """Records in order, each checked. See the port."""

        def work(connection: Connection) -> tuple[Any, Sequence[Row[Any]]]:
            rows = select(_records).where(_records.c.run == run).order_by(_records.c.seq)
            return self._row(connection, run), connection.execute(rows).all()

        row, rows = self._journal.transact(work, reads=True)
        found: list[SyncRecord] = []
        previous = GENESIS
        for seq, one in enumerate(rows, 1):
            body = one.body.encode() if isinstance(one.body, str) else bytes(one.body)
            if (one.seq, one.previous, one.hash) != (seq, previous, sync_link(run, seq, previous, body)):
                raise self._broken(run, seq, "was edited, moved or cut")
            try:
                event = decode_sync(body)
            except msgspec.DecodeError as exc:
                raise self._broken(run, seq, f"cannot be read by this release ({exc})") from exc
            previous = str(one.hash)
            found.append(SyncRecord(seq, event, body, str(one.previous), previous))
        if len(found) != row.size or previous != row.head:
            raise self._broken(run, len(found) + 1, "is missing: its tail was cut off")
        return found

    def runs(self) -> Sequence[SyncSummary]:
        """All runs, the oldest first."""
        wanted = select(_runs).order_by(_runs.c.number)
        rows = self._journal.transact(lambda connection: connection.execute(wanted).all(), reads=True)
        return [
            SyncSummary(str(row.run), Region(row.standby), bool(row.finished), int(row.size), str(row.head))
            for row in rows
        ]

    def _add(self, connection: Connection, row: Any, events: Sequence[SyncEvent], now: datetime | None = None) -> None:
        size, head, run = int(row.size), str(row.head), str(row.run)
        rows, finished = [], False
        for event in events:
            body = encode_sync(event)
            size += 1
            digest = sync_link(run, size, head, body)
            rows.append({"run": run, "seq": size, "body": body, "previous": head, "hash": digest})
            head = digest
            finished = finished or isinstance(event, SyncFinished)
        if rows:
            connection.execute(insert(_records), rows)
        at = now or events[0].at
        changes: dict[str, Any] = {"size": size, "head": head, "lease_until": self._journal.now_sql(at) + LEASE_S}
        if finished:
            changes["finished"] = 1
        connection.execute(update(_runs).where(_runs.c.run == run).values(**changes))

    def _ends_with(self, connection: Connection, row: Any, events: Sequence[SyncEvent]) -> bool:
        if not events or row.size < len(events):
            return False
        last = (
            select(_records.c.body)
            .where(_records.c.run == row.run, _records.c.seq > row.size - len(events))
            .order_by(_records.c.seq)
        )
        return [bytes(one.body) for one in connection.execute(last)] == [encode_sync(event) for event in events]

    def _row(self, connection: Connection, run: str, *, lock: bool = False) -> Any:
        asked = select(_runs).where(_runs.c.run == run)
        row = connection.execute(asked.with_for_update() if lock else asked).first()
        if row is None:
            raise SyncsBroken(f"{self._journal.place}: there is no run {run!r}. voicedr sync log lists them.")
        return row

    def _now_s(self, connection: Connection, now: datetime) -> float:
        said = self._journal.now_sql(now)
        return said if isinstance(said, float) else float(connection.execute(select(said)).scalar_one())

    def _broken(self, run: str, seq: int, how: str) -> SyncsBroken:
        return SyncsBroken(
            f"{self._journal.place}: record {seq} of {run} {how}. What in the standby is ours is not known. Restore the"
            f" {self._journal.kind} from a copy; nothing was changed."
        )
