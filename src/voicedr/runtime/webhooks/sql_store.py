"""Answers in SQLite, for processes of one machine, or in PostgreSQL, for several machines. One statement claims.

``INSERT … ON CONFLICT DO UPDATE … WHERE … RETURNING`` gives a row to exactly one of those who claim at once
(https://www.sqlite.org/lang_returning.html, since 3.35; https://www.postgresql.org/docs/15/sql-insert.html).
"""

from __future__ import annotations

import json
import sqlite3
import threading
from pathlib import Path
from typing import Any, Protocol

from voicedr.runtime.webhooks.answer_store import KEPT_MAX, KEPT_S, OURS, RUNNING, RUNNING_S_MAX, Answer, Claim

TABLE = """
CREATE TABLE IF NOT EXISTS voicedr_webhook_answers (
    key TEXT PRIMARY KEY, at_s DOUBLE PRECISION NOT NULL, status INTEGER, headers TEXT, body {bytes}
)
"""
CLAIM = """
INSERT INTO voicedr_webhook_answers (key, at_s) VALUES (?, ?)
ON CONFLICT (key) DO UPDATE SET at_s = excluded.at_s, status = NULL, headers = NULL, body = NULL
WHERE voicedr_webhook_answers.at_s
    < excluded.at_s - CASE WHEN voicedr_webhook_answers.status IS NULL THEN {running} ELSE {kept} END
RETURNING key
"""
READ = "SELECT status, headers, body FROM voicedr_webhook_answers WHERE key = ?"
KEEP = "UPDATE voicedr_webhook_answers SET at_s = ?, status = ?, headers = ?, body = ? WHERE key = ? AND status IS NULL"
RELEASE = "DELETE FROM voicedr_webhook_answers WHERE key = ? AND status IS NULL"
TIDY = "DELETE FROM voicedr_webhook_answers WHERE at_s < ?"
TIDY_TO_COUNT = """
DELETE FROM voicedr_webhook_answers WHERE status IS NOT NULL AND key IN (
    SELECT key FROM voicedr_webhook_answers ORDER BY at_s DESC LIMIT 1000000 OFFSET ?)
"""

TIDY_EVERY = 1000
"""Claims between two times that old answers are thrown away."""
WAIT_S = 3.0
"""How long a database may hold us up; a caller waits meanwhile."""


class _Rows(Protocol):
    def fetchone(self) -> Any: ...


class _SqlStore:
    """What both have in common."""

    blocks = True

    def __init__(self, kept_max: int, kept_s: float, running_s_max: float) -> None:
        self._kept_max, self._kept_s = kept_max, float(kept_s)
        self._claim = CLAIM.format(running=float(running_s_max), kept=float(kept_s))
        self._lock = threading.Lock()
        self._claims = 0

    def _run(self, statement: str, values: tuple[Any, ...]) -> _Rows:
        # Each database has its own way; a store that has none is told at its first claim, not served without one.
        raise NotImplementedError(f"{type(self).__name__} does not say how a statement is run")

    def claim(self, key: str, now_s: float) -> Claim | Answer:
        """See the protocol."""
        with self._lock:
            self._claims += 1
            if self._claims % TIDY_EVERY == 0:
                self._run(TIDY, (now_s - self._kept_s,))
                self._run(TIDY_TO_COUNT, (self._kept_max,))
            if self._run(self._claim, (key, now_s)).fetchone() is not None:
                return OURS
            row = self._run(READ, (key,)).fetchone()
        if row is None or row[0] is None:
            return RUNNING  # without a row it was released in between: whoever asks again gets it
        return Answer(row[0], tuple((name, value) for name, value in json.loads(row[1])), bytes(row[2]))

    def keep(self, key: str, answer: Answer, now_s: float) -> None:
        """See the protocol."""
        with self._lock:
            self._run(KEEP, (now_s, answer.status, json.dumps(answer.headers), answer.body, key))

    def release(self, key: str) -> None:
        """See the protocol."""
        with self._lock:
            self._run(RELEASE, (key,))


class SqliteStore(_SqlStore):
    """In a file, shared by the processes of one machine.

    Raises:
        sqlite3.Error: From any method, if the file cannot be used. ``OnceAsgi`` then runs the handler.
    """

    def __init__(
        self,
        path: Path | str,
        *,
        kept_max: int = KEPT_MAX,
        kept_s: float = KEPT_S,
        running_s_max: float = RUNNING_S_MAX,
    ) -> None:
        super().__init__(kept_max, kept_s, running_s_max)
        self._database = sqlite3.connect(path, timeout=WAIT_S, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode = WAL")
        # An answer that a power cut loses is one that the provider asks for again; it need not be on the disk.
        self._database.execute("PRAGMA synchronous = NORMAL")
        self._database.execute(TABLE.format(bytes="BLOB"))

    def _run(self, statement: str, values: tuple[Any, ...]) -> _Rows:
        return self._database.execute(statement, values)

    def close(self) -> None:
        """Close the file."""
        self._database.close()


class PostgresStore(_SqlStore):
    """In PostgreSQL, shared by machines. Needs psycopg 3. A connection that broke is made anew.

    Args:
        address: ``postgresql://USER@HOST/NAME``; the password comes from ``PGPASSWORD`` or ``~/.pgpass``.
    """

    def __init__(
        self,
        address: str,
        *,
        kept_max: int = KEPT_MAX,
        kept_s: float = KEPT_S,
        running_s_max: float = RUNNING_S_MAX,
    ) -> None:
        super().__init__(kept_max, kept_s, running_s_max)
        self._address = address
        self._database: Any = None
        with self._lock:
            self._run(TABLE.format(bytes="BYTEA"), ())

    def _run(self, statement: str, values: tuple[Any, ...]) -> _Rows:
        import psycopg

        if self._database is None or self._database.closed:
            self._database = psycopg.connect(
                self._address,
                autocommit=True,
                connect_timeout=round(WAIT_S),
                options=f"-c statement_timeout={round(WAIT_S * 1000)}",
            )
        rows: _Rows = self._database.execute(statement.replace("?", "%s"), values or None)
        return rows

    def close(self) -> None:
        """Close the connection."""
        if self._database is not None:
            self._database.close()
