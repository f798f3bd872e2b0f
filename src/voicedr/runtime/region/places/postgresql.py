"""The document in a row of PostgreSQL. It needs the package psycopg.

    postgresql://voicedr@db.example/voice#support-app      the part after # names the row; left out, it is "active"

The table ``voicedr_region`` is made by the first write. A write compares the row's version, which every write raises:
of two at once, one changes a row and the other changes none. A replica serves who only follows.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from urllib.parse import unquote

from voicedr.runtime.region.places.place import (
    ATTEMPT_S_MAX,
    Found,
    PlaceRefused,
    PlaceSilent,
    PlaceUnsettled,
    WrongAddress,
    without_secrets,
)

TABLE = """
CREATE TABLE IF NOT EXISTS voicedr_region (
    name TEXT PRIMARY KEY, document BYTEA NOT NULL, version BIGINT NOT NULL,
    written_at TIMESTAMPTZ NOT NULL DEFAULT now()
)
"""
READ = "SELECT document, version FROM voicedr_region WHERE name = %s"
FIRST = "INSERT INTO voicedr_region (name, document, version) VALUES (%s, %s, 1) ON CONFLICT (name) DO NOTHING"
NEXT = """
UPDATE voicedr_region SET document = %s, version = version + 1, written_at = now() WHERE name = %s AND version = %s
"""
REMOVE = "DELETE FROM voicedr_region WHERE name = %s"

_MAY_BE_DONE = ("08", "57", "XX")
"""Classes of errors that can come after a commit: the connection, an operator's shutdown, an internal error
(https://www.postgresql.org/docs/15/errcodes-appendix.html)."""

CONNECT_S = 2
"""The shortest that libpq takes (https://www.postgresql.org/docs/15/libpq-connect.html)."""


class PostgresqlPlace:
    """A ``Sink`` on one row.

    Raises:
        WrongAddress: If psycopg is not installed.
    """

    def __init__(self, address: str) -> None:
        try:
            import psycopg
        except ImportError as exc:
            raise WrongAddress("PostgreSQL needs the package psycopg: pip install 'psycopg[binary]'") from exc
        self._psycopg = psycopg
        self._address, _, row = address.partition("#")
        self._row = unquote(row) or "active"
        self.name = f"{without_secrets(self._address)}#{self._row}"
        self._kept: Any = None

    def read(self, *, latest: bool = False) -> Found:
        """See ``Source``. A replica answers too; ``latest`` is refused by it."""
        try:
            with self._open() as connection:
                if latest and connection.execute("SELECT pg_is_in_recovery()").fetchone()[0]:
                    raise PlaceRefused(f"{self.name}: is a replica, which cannot be written")
                row = connection.execute(READ, (self._row,)).fetchone()
        except self._psycopg.errors.UndefinedTable:
            return Found(None, "")
        except self._psycopg.Error as exc:
            raise PlaceSilent(f"{self.name}: cannot be read ({_why(exc)})") from exc
        return Found(None, "") if row is None else Found(bytes(row[0]), str(row[1]))

    def write(self, content: bytes, was: Found) -> bool:
        """See ``Sink``."""
        first = was.content is None
        values = (self._row, content) if first else (content, self._row, int(was.version))
        return self._change(FIRST if first else NEXT, values, make=first) == 1

    def scratch(self, name: str) -> PostgresqlPlace:
        """See ``Sink``."""
        return PostgresqlPlace(f"{self._address}#{self._row}.{name}")

    def remove(self) -> None:
        """See ``Sink``."""
        self._change(REMOVE, (self._row,), make=False)

    def close(self) -> None:
        """Nothing is kept open: a server has few connections, and instances are many."""

    def _open(self) -> Any:
        return self._psycopg.connect(
            self._address,
            autocommit=True,
            connect_timeout=CONNECT_S,
            options=f"-c statement_timeout={int(ATTEMPT_S_MAX * 1000)}",
            tcp_user_timeout=int(ATTEMPT_S_MAX * 1000),
            application_name="voicedr-region",
        )

    def _change(self, statement: str, values: tuple[object, ...], *, make: bool) -> int:
        """How many rows a statement changed; each is a transaction of its own."""
        try:
            connection = self._open()
        except self._psycopg.Error as exc:
            raise PlaceSilent(f"{self.name}: no connection ({_why(exc)})") from exc
        try:
            with connection:
                if make:
                    self._make_table(connection)
                return int(connection.execute(statement, values).rowcount)
        except self._psycopg.Error as exc:
            state = getattr(exc, "sqlstate", None)
            if state and state[:2] not in _MAY_BE_DONE:
                # The server itself says that the statement failed; it is undone whole.
                raise PlaceRefused(f"{self.name}: nothing was changed ({_why(exc)})") from exc
            raise PlaceUnsettled(f"{self.name}: a write was sent and not answered ({_why(exc)})") from exc

    def _make_table(self, connection: Any) -> None:
        if connection.execute("SELECT to_regclass('voicedr_region')").fetchone()[0] is None:
            # Two writers may make it at the same time: IF NOT EXISTS does not see what the other has not committed.
            with suppress(self._psycopg.errors.UniqueViolation, self._psycopg.errors.DuplicateTable):
                connection.execute(TABLE)


def _why(exc: Exception) -> str:
    lines = str(exc).strip().splitlines()
    return lines[0][:300] if lines else type(exc).__name__
