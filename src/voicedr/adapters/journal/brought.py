"""Keeps in a journal what another journal recorded: every record with its number, term and hashes, byte for byte."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
from sqlalchemy import Connection, insert, select

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.adapters.journal.tables import executions, records
from voicedr.program.evidence.brought import Brought, NotBroughtIn


def put_in(journal: SqlJournal, brought: Brought) -> bool:
    """Keep a finished execution in one transaction. False if exactly it is there already.

    Raises:
        NotBroughtIn: If the journal has another execution with this id. Nothing was changed.
        JournalAway: If the database does not answer. Saying it again is safe.
    """
    opened, lines = brought.opened, brought.lines

    def work(connection: Connection) -> bool | str:
        journal.lock_flows(connection)
        there = connection.execute(
            select(executions.c.head).where(executions.c.execution == opened.execution)
        ).scalar_one_or_none()
        if there is not None:
            return False if there == brought.head else str(there)
        connection.execute(
            insert(executions).values(
                execution=opened.execution,
                flow=opened.plan.flow,
                opened_at=opened.at.timestamp(),
                term=max(line.term for line in lines),
                size=len(lines),
                head=brought.head,
                finished=1,
            )
        )
        rows = [
            {
                "execution": opened.execution,
                "seq": line.seq,
                "term": line.term,
                "body": bytes(line.body),
                "previous": line.previous,
                "hash": line.hash,
            }
            for line in lines
        ]
        connection.execute(insert(records), rows)
        return True

    done = journal.transact(work)
    if isinstance(done, str):
        raise NotBroughtIn(
            f"{journal.place} has another execution with the id {opened.execution} (its head is {done[:12]}, the file's"
            f" {brought.head[:12]}). Keep the file beside it; nothing was changed."
        )
    journal.keep_plan(opened.plan_hash, msgspec.json.encode(opened.plan), datetime.now(UTC))
    return done
