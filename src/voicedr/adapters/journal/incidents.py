"""Incidents beside the executions, in the journal's own database, in tables of their own.

Each step is one transaction, as the journal's are. Two people who declare at the same instant take turns, and the
second one finds the incident of the first; that a flow has one open incident is also a rule of the table itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Index,
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
from voicedr.ports.incidents import (
    IncidentOpen,
    IncidentOver,
    IncidentRecord,
    IncidentsBroken,
    IncidentSummary,
    NoSuchIncident,
)
from voicedr.program.evidence.chain import GENESIS
from voicedr.program.governance.incident import (
    Closed,
    Declared,
    IncidentEvent,
    Reviewed,
    decode_incident,
    encode_incident,
    incident_link,
)

_metadata = MetaData()

_incidents = Table(
    "incidents",
    _metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("incident", String, nullable=False, unique=True),
    Column("flow", String, nullable=False, index=True),
    Column("closed", Integer, nullable=False, default=0),
    Column("size", Integer, nullable=False, default=0),
    Column("head", String, nullable=False),
)

Index(
    "one_open_incident",
    _incidents.c.flow,
    unique=True,
    sqlite_where=_incidents.c.closed == 0,
    postgresql_where=_incidents.c.closed == 0,
)
"""The same rule where somebody else writes."""

_records = Table(
    "incident_records",
    _metadata,
    Column("incident", String, nullable=False),
    Column("seq", Integer, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("previous", String, nullable=False),
    Column("hash", String, nullable=False),
    PrimaryKeyConstraint("incident", "seq"),
)


class JournalIncidents:
    """Incidents in a journal's database. Safe for several processes, hosts and threads.

    Any method may raise JournalAway or JournalBroken as the journal's methods do; after the first, the same may be said
    again, and twice is once.
    """

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

    def open(self, declared: Declared) -> None:
        """Begin an incident's record. See the port."""

        def work(connection: Connection) -> None:
            self._journal.lock_flows(connection)
            running = connection.execute(
                select(_incidents).where(_incidents.c.flow == declared.flow, _incidents.c.closed == 0)
            ).first()
            if running is not None:
                same = running.incident == declared.incident and running.size == 1
                if same and self._said_last(connection, running) == encode_incident(declared):
                    return  # the answer to the first time was lost
                raise IncidentOpen(
                    f"{declared.flow} has an incident that is not closed: {running.incident}. Nothing was recorded."
                    f" Go on with it (voicedr assess {declared.flow}), or close it: voicedr stand-down {declared.flow}."
                )
            connection.execute(insert(_incidents).values(incident=declared.incident, flow=declared.flow, head=GENESIS))
            self._add(connection, declared.incident, 0, GENESIS, declared)

        self._journal.transact(work)

    def append(self, incident: str, event: IncidentEvent) -> None:
        """Add to the record. See the port."""

        def work(connection: Connection) -> None:
            row = self._row(connection, incident, lock=True)
            if self._said_last(connection, row) == encode_incident(event):
                return  # the answer to the first time was lost
            if row.closed and not isinstance(event, Reviewed):
                raise IncidentOver(
                    f"{incident} was closed meanwhile. Nothing was recorded. Declare a new one if it is not over:"
                    f" voicedr declare {row.flow} --as PERSON --why WHY."
                )
            self._add(connection, incident, int(row.size), str(row.head), event)

        self._journal.transact(work)

    def read(self, incident: str) -> Sequence[IncidentRecord]:
        """Records in order, each checked. See the port."""

        def work(connection: Connection) -> tuple[Any, Sequence[Row[Any]]]:
            rows = select(_records).where(_records.c.incident == incident).order_by(_records.c.seq)
            return self._row(connection, incident), connection.execute(rows).all()

        row, rows = self._journal.transact(work, reads=True)
        found: list[IncidentRecord] = []
        previous = GENESIS
        for seq, one in enumerate(rows, 1):
            body = _bytes(one.body)
            if (one.seq, one.previous, one.hash) != (seq, previous, incident_link(incident, seq, previous, body)):
                raise self._broken(incident, seq, "was edited, moved or cut")
            try:
                event = decode_incident(body)
            except msgspec.DecodeError as exc:
                raise self._broken(incident, seq, f"cannot be read by this release ({exc})") from exc
            previous = str(one.hash)
            found.append(IncidentRecord(seq, event, body, str(one.previous), previous))
        if len(found) != row.size or previous != row.head:
            raise self._broken(incident, len(found) + 1, "is missing: its tail was cut off")
        return found

    def incidents(self, flow: str | None = None) -> Sequence[IncidentSummary]:
        """All incidents, newest first."""
        wanted = select(_incidents).order_by(_incidents.c.number.desc())
        if flow is not None:
            wanted = wanted.where(_incidents.c.flow == flow)
        rows = self._journal.transact(lambda connection: connection.execute(wanted).all(), reads=True)
        return [IncidentSummary(str(row.incident), str(row.flow), bool(row.closed)) for row in rows]

    def _add(self, connection: Connection, incident: str, size: int, head: str, event: IncidentEvent) -> None:
        seq, body = size + 1, encode_incident(event)
        digest = incident_link(incident, seq, head, body)
        connection.execute(insert(_records).values(incident=incident, seq=seq, body=body, previous=head, hash=digest))
        changes: dict[str, Any] = {"size": seq, "head": digest}
        if isinstance(event, Closed):
            changes["closed"] = 1
        connection.execute(update(_incidents).where(_incidents.c.incident == incident).values(**changes))

    def _said_last(self, connection: Connection, row: Any) -> bytes:
        last = select(_records.c.body).where(_records.c.incident == row.incident, _records.c.seq == row.size)
        return _bytes(connection.execute(last).scalar() or b"")

    def _row(self, connection: Connection, incident: str, *, lock: bool = False) -> Any:
        asked = select(_incidents).where(_incidents.c.incident == incident)
        row = connection.execute(asked.with_for_update() if lock else asked).first()
        if row is None:
            where = self._journal.place
            raise NoSuchIncident(f"{where}: there is no incident {incident!r}. voicedr who lists the open ones.")
        return row

    def _broken(self, incident: str, seq: int, how: str) -> IncidentsBroken:
        return IncidentsBroken(
            f"{self._journal.place}: record {seq} of {incident} {how}. Restore the {self._journal.kind} from a copy;"
            " nothing was changed."
        )


def _bytes(body: bytes | str) -> bytes:
    # An edit by hand may have made text of it; SQLite keeps whatever type it is given.
    return body.encode() if isinstance(body, str) else bytes(body)
