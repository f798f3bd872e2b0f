"""The journal in one SQLite file (WAL, full sync). The default: nothing to install, nothing to run.

Leases: a holder that is a process of this machine is judged by that process and by no clock. It lives, and has the
execution; or it is gone, and is followed at once. A stopped process lives: end it first. Only a holder that cannot be
seen from here (a container, a shared disk) is judged by the clock of whoever looks. A clock that jumps forward may then
let somebody take over from a living holder, which is refused at its next write; one that jumps back keeps others out
for one lease at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError

from voicedr.adapters.journal.holders import holder_is_gone, holder_lives_here
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.adapters.journal.tables import NewerSchema, migrate
from voicedr.ports.journal import JournalAway, JournalBroken, JournalError

CANNOT_NOW = {
    "SQLITE_FULL": "Make room on its disk",
    "SQLITE_READONLY": "Make the file and its folder writable",
    "SQLITE_IOERR": "Look at its disk",
    "SQLITE_BUSY": "See which process keeps it locked",
    "SQLITE_CANTOPEN": "See that its folder is there and writable",
}
"""What SQLite may be unable to do now and can do later, and what helps. https://www.sqlite.org/rescode.html"""


class SqliteJournal(SqlJournal):
    """A journal in a file. Safe for several processes; each write waits up to ``busy_s`` for its turn."""

    remote = False
    kind = "file"

    def __init__(self, path: Path, *, busy_s: float = 10.0) -> None:
        """Open a journal, making it if there is none, and bringing one of an older release forward.

        Raises:
            JournalBroken: If the file is there and is not a journal, cannot be written, or is of a newer release.
                Nothing was changed.
        """
        super().__init__()
        self.place = str(path)
        self.engine = _engine(path, busy_s, "FULL")
        self.unsynced = _engine(path, busy_s, "OFF")
        """The same file for what a power cut may undo."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with self.engine.begin() as connection:
                migrate(connection)
        except NewerSchema as exc:
            raise JournalBroken(f"{path}: {exc}") from exc
        except OSError as exc:
            raise JournalBroken(
                f"{path}: its folder cannot be made ({exc.strerror}). Nothing was changed. Let this user write there,"
                " or name another journal: --journal FILE."
            ) from exc
        except DBAPIError as exc:
            raise JournalBroken(
                f"{path}: cannot be opened as a journal ({_cause(exc)}). Nothing was changed."
                f" Move the file away to begin a new one, or restore it from a copy."
            ) from exc

    def close(self) -> None:
        """Close the file."""
        super().close()
        self.unsynced.dispose()

    def now_sql(self, now: datetime) -> float:
        """The caller's clock: a file has none."""
        return now.timestamp()

    def lease_is_over(self, holder: str, until_s: float, now_s: float) -> bool:
        """By the process if it can be seen, else by the clock. See the module."""
        return holder_is_gone(holder) or (until_s <= now_s and not holder_lives_here(holder))

    @contextmanager
    def lightly(self) -> Iterator[Connection]:
        """The file without a sync."""
        with self.unsynced.begin() as connection:
            yield connection

    def shared_s(self, connection: Connection, now_s: float) -> float:
        """The caller's monotonic clock, which all processes of a machine share."""
        return now_s

    def snapshot(self) -> Engine:
        """Every transaction has the file for itself."""
        return self.engine

    def error_of(self, exc: DBAPIError) -> JournalError:
        """Away if it may be written later as it is; broken if not. SQLite undoes the whole transaction either way."""
        name = str(getattr(exc.orig, "sqlite_errorname", ""))
        helps = next((helps for kind, helps in CANNOT_NOW.items() if name.startswith(kind)), None)
        what = f"{self.place}: the journal cannot be read or written ({_cause(exc)})."
        if helps is not None:
            return JournalAway(f"{what} Nothing of this step was recorded. {helps}, then go on.")
        return JournalBroken(f"{what} Nothing of this step was recorded. See that the file is whole.")


def _engine(path: Path, busy_s: float, synchronous: str) -> Engine:
    engine = create_engine(f"sqlite:///{path}", connect_args={"timeout": busy_s, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _cause(exc: BaseException) -> str:
    return str(getattr(exc, "orig", None) or exc)
