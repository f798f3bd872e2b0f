"""The pace of an account, kept in the journal's database so that all processes share it.

The generic cell rate algorithm (ITU-T I.371 annex A): a row holds when the next turn is due, and whoever takes n turns
moves it on by n/rate. Turns are taken some at a time, to spare round trips. A 429 that anybody got moves it on for all
and halves the rate for all, which comes back as in ``adapters/pace.py``.

A power cut may undo the last turns; the provider forgets them as well within a second.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import msgspec
from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.adapters.journal.tables import buckets
from voicedr.adapters.pace import SLOWER_ONCE_S, recovered, slower

T = TypeVar("T")

PUSH_S = 0.25
"""Everybody waits so long after a 429, before going on at half the rate."""

LEAD_S_MAX = 120.0
"""Nobody has taken turns so far ahead: a row that says so is from before a restart, or the clock was set back."""


class Taken(msgspec.Struct, frozen=True):
    """Turns: the first is due in ``first_s`` from ``now_s``, each of the others ``spacing_s`` after the one before.

    ``now_s`` is by the clock that all who share the bucket have in common.
    """

    first_s: float
    spacing_s: float
    now_s: float


class Bucket:
    """One account's turns of one kind.

    Attributes:
        remote: As the journal's.
    """

    def __init__(self, journal: SqlJournal, name: str) -> None:
        self._journal = journal
        self._name = name
        self.remote = journal.remote

    def take(self, rate_per_second: float, turns: int, began_s: float, lead_s: float = 0.0) -> Taken:
        """Take turns.

        Args:
            rate_per_second: The full rate.
            turns: How many.
            began_s: The caller's monotonic clock.
            lead_s: So long the answer may take to reach the caller: no turn is due before.

        Raises:
            JournalError: If the database does not answer. Turns may be lost, none is taken twice.
        """

        def work(connection: Connection) -> Taken:
            row, now_s = self._row(connection, rate_per_second, began_s)
            due_s = max(_due_s(row, now_s), now_s + lead_s)
            spacing_s = 1 / recovered(rate_per_second, row.slow_rate, now_s - row.slowed_at)
            self._keep(connection, tat=due_s + turns * spacing_s)
            return Taken(due_s - now_s, spacing_s, now_s)

        return self._transact(work)

    def slow_down(self, rate_per_second: float, began_s: float) -> None:
        """The provider said 429 to somebody: all wait, then go on at half the rate. Once a second at most.

        Raises:
            JournalError: If the database does not answer.
        """

        def work(connection: Connection) -> None:
            row, now_s = self._row(connection, rate_per_second, began_s)
            gone_s = now_s - row.slowed_at
            if 0 <= gone_s < SLOWER_ONCE_S:
                return
            rate = slower(rate_per_second, recovered(rate_per_second, row.slow_rate, gone_s))
            self._keep(connection, tat=_due_s(row, now_s) + PUSH_S, slow_rate=rate, slowed_at=now_s)

        self._transact(work)

    def _transact(self, work: Callable[[Connection], T]) -> T:
        tries = 2
        while True:
            tries -= 1
            try:
                with self._journal.lightly() as connection:
                    return work(connection)
            except DBAPIError as exc:
                error = self._journal.error_of(exc)
                # Of two processes that make the row at the same time, one finds it there at its second try.
                if tries and (isinstance(exc, IntegrityError) or self._journal.reconnects(exc)):
                    continue
                raise error from None

    def _row(self, connection: Connection, rate_per_second: float, began_s: float) -> tuple[Any, float]:
        """The row, locked, and the time after that."""
        asked = select(buckets).where(buckets.c.name == self._name).with_for_update()
        row = connection.execute(asked).first()
        now_s = self._journal.shared_s(connection, began_s)
        if row is None:
            new = {"name": self._name, "tat": now_s, "slow_rate": rate_per_second, "slowed_at": now_s - LEAD_S_MAX}
            connection.execute(insert(buckets).values(**new))
            row = connection.execute(asked).one()
        return row, now_s

    def _keep(self, connection: Connection, **changes: float) -> None:
        connection.execute(update(buckets).where(buckets.c.name == self._name).values(**changes))


def _due_s(row: Any, now_s: float) -> float:
    return now_s if row.tat > now_s + LEAD_S_MAX else max(float(row.tat), now_s)
