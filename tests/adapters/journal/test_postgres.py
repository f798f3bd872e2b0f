"""The journal in a real PostgreSQL keeps the promises, through lost connections, restarts and a promotion."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.journal.journal_promises import LEASE_S, JournalPromises, Store, paused, stale_writer_races
from postgres_server import Server, either, postgres_server, replicated
from scenes import NOW, Scene
from voicedr.adapters.journal.opened import open_journal
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.ports.journal import JournalAway, JournalBroken, Lease
from voicedr.program.execution import events as ev

RACES = int(os.environ.get("VOICEDR_SOAK_RACES", "300"))


class Database(Store):
    """A database of its own in a server."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.url = server.database()

    def open(self) -> SqlJournal:
        """Connect."""
        return open_journal(self.url)

    def after(self, seconds: float) -> datetime:
        """The database has its own clock, so the leases are moved instead; what the caller's says does not matter."""
        self.sql(f"UPDATE executions SET lease_until = lease_until - {seconds}")
        return NOW - timedelta(days=seconds)

    def sql(self, text: str) -> None:
        """With another connection."""
        self.server.sql(text, self.url.rpartition("/")[2])


@pytest.fixture
def store(postgres: Server) -> Database:
    """An empty database."""
    return Database(postgres)


class TestPostgresJournal(JournalPromises):
    """All promises."""

    def test_stale_writers_are_all_refused(self, scene: Scene, store: Database) -> None:
        """A writer meets a takeover, again and again; once it is over the writer is refused, every time."""
        first, refused = stale_writer_races(store, scene.journal, RACES)
        assert refused == RACES
        assert 0 < first < RACES or RACES < 50

    def test_connections_that_are_cut_lose_and_double_nothing(self, scene: Scene, store: Database) -> None:
        """Every connection is ended again and again while somebody writes; each event is there once, in order."""
        lease = self.written(scene, 1)
        over = threading.Event()
        cuts: list[int] = []

        def cut() -> None:
            while not over.is_set():
                cuts.append(
                    len(
                        store.server.sql(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            f" WHERE datname = '{store.url.rpartition('/')[2]}'"
                        )
                    )
                )
                over.wait(0.03)

        cutting = threading.Thread(target=cut)
        cutting.start()
        away = 0
        try:
            for n in range(1, 200):
                away += until_durable(scene.journal, lease, n)
        finally:
            over.set()
            cutting.join()
        assert sum(cuts) > 5
        assert self.said(scene) == [f"reason {n}" for n in range(200)]

    def test_a_commit_with_a_warning_is_not_believed(self, scene: Scene) -> None:
        """The server says it may be lost with it (it gave up waiting for its standby): the append is said again."""
        lease = self.written(scene, 1)
        warned: list[int] = []

        def warn(connection: object) -> None:
            if not warned:
                warned.append(1)
                connection.execute(text("DO $$ BEGIN RAISE WARNING 'canceling wait for replication'; END $$"))  # type: ignore[attr-defined]

        real = scene.journal._row

        def row(connection: object, *rest: object, **named: object) -> object:
            warn(connection)
            return real(connection, *rest, **named)  # type: ignore[arg-type]

        scene.journal._row = row  # type: ignore[method-assign, assignment]
        with pytest.raises(JournalAway, match="canceling wait for replication"):
            scene.journal.append(lease, [paused(1)], NOW, LEASE_S)
        scene.journal.append(lease, [paused(1)], NOW, LEASE_S)
        assert self.said(scene) == ["reason 0", "reason 1"]

    def test_durable_is_not_what_a_role_was_told_to_be_content_with(self, store: Database) -> None:
        """A role whose commits do not wait waits here all the same; one that asks for more is left."""
        for told, wanted in (("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")):
            store.server.sql(f"ALTER DATABASE {store.url.rpartition('/')[2]} SET synchronous_commit = {told}")
            journal = store.open()
            with journal.engine.connect() as connection:
                assert connection.execute(text("SHOW synchronous_commit")).scalar_one() == wanted
            journal.close()


def until_durable(journal: SqlJournal, lease: Lease, n: int) -> int:
    """Append an event until it is there; gives how often the journal was away."""
    deadline = time.monotonic() + 30
    away = 0
    while True:
        try:
            journal.append(lease, [paused(n)], NOW, LEASE_S)
        except JournalAway:
            away += 1
            assert time.monotonic() < deadline
            time.sleep(0.02)
        else:
            return away


@pytest.fixture
def own_server() -> Iterator[Server]:
    """A server that the test may end."""
    with postgres_server() as server:
        yield server


def test_a_server_that_crashes_and_comes_back_has_all_that_was_durable(own_server: Server, tmp_path: Path) -> None:
    """kill -9 of all its processes while somebody writes: after its recovery each event is there once."""
    store = Database(own_server)
    scene = Scene(tmp_path)
    scene.journal = store.open()  # type: ignore[assignment]
    scene.open()
    lease = scene.journal.take("x1", "me", NOW, LEASE_S)
    for n in range(60):
        if n % 20 == 10:
            killing = threading.Timer(0.002, own_server.kill)
            killing.start()
            with suppress(JournalAway):
                scene.journal.append(lease, [paused(n)], NOW, LEASE_S)
            killing.join()
            own_server.start()
            if len(scene.journal.read("x1")) == 3 + n + 1:
                continue  # it was done before the crash
        until_durable(scene.journal, lease, n)
    whys = [one.event.why for one in scene.journal.read("x1") if isinstance(one.event, ev.Paused)]
    assert whys == [f"reason {n}" for n in range(60)]


def test_a_promoted_synchronous_standby_has_all_and_is_found_by_itself(tmp_path: Path) -> None:
    """The primary dies for good, its standby is promoted: the same journal object goes on there, nothing is missing."""
    with replicated() as (primary, standby):
        url = primary.database()
        journal = open_journal(either(primary, standby, url.rpartition("/")[2]))
        scene = Scene(tmp_path)
        scene.journal = journal  # type: ignore[assignment]
        scene.open()
        lease = journal.take("x1", "me", NOW, LEASE_S)
        for n in range(40):
            if n == 20:
                primary.kill()
                with pytest.raises(JournalAway):
                    journal.append(lease, [paused(n)], NOW, LEASE_S)
                standby.promote()
            until_durable(journal, lease, n)
        whys = [one.event.why for one in journal.read("x1") if isinstance(one.event, ev.Paused)]
        assert whys == [f"reason {n}" for n in range(40)]
        journal.close()


@pytest.mark.parametrize(
    ("url", "error", "says"),
    [
        ("postgresql://ana:hush%21@127.0.0.1:1/x", JournalAway, r"postgresql://ana@127\.0\.0\.1:1/x"),
        ("postgresql://ana:hush%21@127.0.0.1:1,127.0.0.2:1/x?connect_timeout=2", JournalAway, r"127\.0\.0\.2:1"),
        ("postgresql://ana:hush!@[::1/x", JournalBroken, "not shown"),
        ("postgresql://ana:hush!@host:1/x?nonsense=1", JournalBroken, "not shown"),
        ("mysql://ana:hush!@host/x", JournalBroken, "mysql"),
    ],
)
def test_an_address_is_refused_without_its_password(url: str, error: type[Exception], says: str) -> None:
    """What is wrong is told; the password is in no message, nor in that of a cause."""
    with pytest.raises(error, match=says) as told:
        open_journal(url)
    chain: BaseException | None = told.value
    while chain is not None:
        assert "hush" not in str(chain)
        chain = chain.__cause__


def test_a_reference_gives_the_address(postgres: Server) -> None:
    """From the environment, so that no password stands in a command line."""
    journal = open_journal("env:DATABASE", {"DATABASE": postgres.database()})
    assert journal.executions() == []
    assert journal.remote
    journal.close()


def test_without_psycopg_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing that is missing, and the command."""
    monkeypatch.setitem(__import__("sys").modules, "voicedr.adapters.journal.postgres", None)
    with pytest.raises(JournalBroken, match=r"pip install 'voicedr\[postgres\]'"):
        open_journal("postgresql://127.0.0.1:1/x")
