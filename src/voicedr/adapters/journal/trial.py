"""Whether a journal can be written now: a row is written and taken back in the same transaction."""

from __future__ import annotations

from sqlalchemy import Connection, insert

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.adapters.journal.tables import buckets


class _TakenBack(Exception):
    """Ends the transaction without keeping what it did."""


def try_to_write(journal: SqlJournal) -> None:
    """Come back if it can be written. Nothing stays of it.

    Raises:
        JournalAway: If it cannot be written now.
        JournalBroken: If it cannot be written at all.
    """

    def work(connection: Connection) -> None:
        connection.execute(insert(buckets).values(name="a trial", tat=0.0, slow_rate=0.0, slowed_at=0.0))
        raise _TakenBack

    try:
        journal.transact(work)
    except _TakenBack:
        return
