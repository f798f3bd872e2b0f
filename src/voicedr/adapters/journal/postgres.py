"""The journal in PostgreSQL 15 or newer: several hosts, and it outlives any one of them. psycopg 3.

Leases are measured by the database's clock, since the clocks of hosts differ. A holder on this host whose process is
gone is followed at once; any other when its lease has ended by that clock.

Durable means what ``synchronous_commit`` says: at least ``on`` is set on every connection (local disk, and the disks of
the synchronous standbys that the server names in ``synchronous_standby_names``); ``remote_apply``, where a role or the
address asks for it, is left. A commit that the server answers with a warning (it stopped waiting for its standby) is
not believed: the append is said again, and its commit waits for all before it.
https://www.postgresql.org/docs/15/runtime-config-wal.html#GUC-SYNCHRONOUS-COMMIT

After a promotion the first host of the address that takes writes is used (``target_session_attrs=read-write``).
https://www.postgresql.org/docs/15/libpq-connect.html
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, LiteralString

import psycopg
from psycopg import conninfo
from sqlalchemy import ColumnElement, Connection, Double, Engine, create_engine, event, func, select, text
from sqlalchemy.exc import DBAPIError

from voicedr.adapters.journal.holders import holder_is_gone
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.adapters.journal.tables import NewerSchema, migrate
from voicedr.ports.journal import JournalAway, JournalBroken, JournalError

UNLESS_SAID: dict[str, str] = {
    "target_session_attrs": "read-write",
    "connect_timeout": "3",
    "application_name": "voicedr",
    "keepalives_idle": "5",
    "keepalives_interval": "2",
    "keepalives_count": "3",
    "tcp_user_timeout": "8000",
}
"""Parameters of the address that hold where it says nothing: a dead host is noticed within 11 seconds."""

SETTINGS: LiteralString = (
    "SET lock_timeout = '4s'; SET statement_timeout = '8s'; SET idle_in_transaction_session_timeout = '5s';"
    " SELECT set_config('synchronous_commit', 'on', false)"
    " WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"
)
"""A process that is stopped in the middle of a transaction keeps others waiting for five seconds, not for ever."""

READ_ONLY = "25006"
AWAY_CLASSES = ("08", "53", "57")
"""Connection lost, out of resources (its disk may be full), shut down or starting: it may answer later."""
AWAY_CODES = (READ_ONLY, "55P03", "40001", "40P01", "25P03")
"""A standby answered; a lock was not had in time; two transactions met; ours was idle for too long."""

_MIGRATION, _FLOWS = 7_301_544_810, 7_301_544_811
"""Advisory locks: any two numbers that others do not use."""

_NO_TIME = datetime.min.replace(tzinfo=UTC)
"""What is said where the database's own clock is asked."""

VERSION_MIN = 150_000


class PostgresJournal(SqlJournal):
    """A journal in a database. Safe for several processes, hosts and threads."""

    remote = True
    kind = "database"

    def __init__(self, url: str) -> None:
        """Open a journal, making its tables if there are none, and bringing those of an older release forward.

        Args:
            url: ``postgresql://user@host:port,host:port/name?parameter=value`` as libpq takes it. A password is better
                in ``PGPASSFILE`` or in the reference that the address comes from.

        Raises:
            JournalAway: If no host of the address answers and takes writes. Nothing was changed.
            JournalBroken: If the address cannot be read, or the database cannot keep a journal, or one of a newer
                release is there. Nothing was changed.
        """
        super().__init__()
        self._parameters = _parameters(url)
        self.place = redacted(self._parameters)
        self._doubts: dict[int, str] = {}
        self.engine = create_engine("postgresql+psycopg://", creator=self._connect, pool_size=4, max_overflow=4)
        self._snapshots = self.engine.execution_options(isolation_level="REPEATABLE READ")

        @event.listens_for(self.engine, "begin")
        def _begin(connection: Connection) -> None:
            self._doubts.pop(id(connection.connection.driver_connection), None)

        try:
            self.transact(self._prepare)
        except NewerSchema as exc:
            raise JournalBroken(f"{self.place}: {exc}") from exc

    def now_sql(self, now: datetime) -> ColumnElement[float]:
        """The database's clock."""
        return func.extract("epoch", func.clock_timestamp()).cast(Double)

    def lease_is_over(self, holder: str, until_s: float, now_s: float) -> bool:
        """By the process if it is known to be gone, else by the database's clock."""
        return until_s <= now_s or holder_is_gone(holder)

    @contextmanager
    def lightly(self) -> Iterator[Connection]:
        """A commit that waits for no disk."""
        with self.engine.begin() as connection:
            connection.execute(text("SET LOCAL synchronous_commit = off"))
            yield connection

    def shared_s(self, connection: Connection, now_s: float) -> float:
        """The database's clock."""
        return float(connection.execute(select(self.now_sql(_NO_TIME))).scalar_one())

    def snapshot(self) -> Engine:
        """Readers see one state of the database throughout, and keep nobody waiting."""
        return self._snapshots

    def lock_flows(self, connection: Connection) -> None:
        """Rows that are not there yet cannot be locked; a number can."""
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _FLOWS})

    def reconnects(self, exc: DBAPIError) -> bool:
        """A lost connection, or one to a standby: the next one may be to the present primary."""
        return exc.connection_invalidated or _code(exc) == READ_ONLY

    def committed(self, connection: Connection) -> None:
        """Do not believe a commit that came with a warning. See the module."""
        doubt = self._doubts.pop(id(connection.connection.driver_connection), None)
        if doubt is not None:
            raise JournalAway(
                f"{self.place}: the database committed, but with a warning: {doubt}. What was written may be lost with"
                f" that server. See that its synchronous standby answers, then say it again."
            )

    def error_of(self, exc: DBAPIError) -> JournalError:
        """Away if it may answer later; broken if what it says is about us."""
        code, cause = _code(exc), self._shown(exc)
        if code == READ_ONLY:
            self.engine.dispose()
        away = exc.connection_invalidated or code[:2] in AWAY_CLASSES or code in AWAY_CODES
        if away or (not code and isinstance(exc.orig, psycopg.OperationalError)):
            return JournalAway(
                f"{self.place}: the journal does not answer, or takes no writes now ({cause}). Whether the last"
                f" step was recorded is not known. See that one of its hosts takes writes, then say it again."
            )
        return JournalBroken(
            f"{self.place}: the journal cannot be read or written ({cause}). Nothing of this step was recorded."
            f" See what the database's log says, and the rights of its user."
        )

    def _connect(self) -> psycopg.Connection[Any]:
        # Prepared statements would not survive a pooler that changes the server beneath us.
        connection = psycopg.connect(**self._parameters, prepare_threshold=None, autocommit=True)
        connection.execute(SETTINGS)
        connection.autocommit = False
        number = id(connection)
        self._doubts.pop(number, None)

        def noticed(said: psycopg.errors.Diagnostic) -> None:
            if said.severity_nonlocalized == "WARNING":
                self._doubts[number] = said.message_primary or "a warning without words"

        connection.add_notice_handler(noticed)
        return connection

    def _prepare(self, connection: Connection) -> None:
        version = int(connection.execute(text("SHOW server_version_num")).scalar_one())
        if version < VERSION_MIN:
            raise JournalBroken(
                f"{self.place}: this is PostgreSQL {version // 10000}, and a journal needs 15 or newer."
                f" Nothing was changed. Name another database."
            )
        if connection.execute(text("SHOW fsync")).scalar_one() != "on":
            raise JournalBroken(
                f"{self.place}: the server runs with fsync off, so a power cut may undo what it said it kept."
                f" Nothing was changed. Set fsync = on, or name another database."
            )
        connection.execute(text("SELECT pg_advisory_xact_lock(:number)"), {"number": _MIGRATION})
        migrate(connection)

    def _shown(self, exc: DBAPIError) -> str:
        """What the driver said, on one line, without the password."""
        said = " ".join(str(exc.orig).split())
        password = str(self._parameters.get("password") or "")
        return said.replace(password, "…") if password else said


def redacted(parameters: dict[str, Any]) -> str:
    """An address as it may be shown: who, where and which, and nothing else."""
    hosts = str(parameters.get("host") or parameters.get("hostaddr") or "").split(",")
    ports = str(parameters.get("port") or "").split(",")
    ports = ports * len(hosts) if len(ports) == 1 else ports
    places = ",".join(f"{host}:{port}" if port else host for host, port in zip(hosts, ports, strict=False))
    user = f"{parameters['user']}@" if parameters.get("user") else ""
    return f"postgresql://{user}{places}/{parameters.get('dbname') or ''}"


def _parameters(url: str) -> dict[str, Any]:
    try:
        said = conninfo.conninfo_to_dict(url)
    except psycopg.Error:
        # The cause is left out on purpose: it repeats the address, and a password may be in it.
        raise JournalBroken(
            "the address of the journal cannot be read (it is not shown, a password may be in it)."
            " Write postgresql://user@host:port/name, and %XX for signs that mean something in an address."
        ) from None
    return {**UNLESS_SAID, **said}


def _code(exc: DBAPIError) -> str:
    return str(getattr(exc.orig, "sqlstate", None) or "")
