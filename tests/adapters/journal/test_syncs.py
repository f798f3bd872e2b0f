"""Runs of the copy in a file and in a real PostgreSQL keep the same promises."""

from __future__ import annotations

from abc import ABC, abstractmethod
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from adapters.journal.journal_promises import Store
from adapters.journal.test_postgres import Database
from adapters.journal.test_sqlite import File
from postgres_server import Server
from scenes import NOW
from voicedr.adapters.journal.syncs import LEASE_S, JournalSyncs
from voicedr.bootstrap import holder
from voicedr.ports.syncs import SyncFenced, SyncHeld, SyncsBroken
from voicedr.program.standby.keys import Key
from voicedr.program.standby.records import SyncFinished, SyncOpened, SyncSeen
from voicedr.program.vocabulary import AU1, IE1, US1

ELSEWHERE = "ana@elsewhere:1/1/x"


def opened(run: str) -> SyncOpened:
    """The beginning of a run."""
    return SyncOpened(at=NOW, run=run, account="AC1", primary=US1, standby=IE1, plan_hash="0", by="ana", steps=1)


SEEN = SyncSeen(
    at=NOW, step=1, do="create", key=Key("ip-address", "1/32", Key("ip-acl", "Büro")), sid="IP1", parent_sid="AL1"
)


class SyncPromises(ABC):
    """The promises."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> Store:
        """An empty place."""

    def test_what_was_recorded_is_read_in_another_process(self, store: Store) -> None:
        """In order, chained, and the same twice is once."""
        syncs = JournalSyncs(store.open())
        for _ in range(2):
            syncs.open(opened("r1"), holder())
            syncs.append("r1", holder(), [SEEN], NOW)
        syncs.append("r1", holder(), [SyncFinished(at=NOW, outcome="done")], NOW)
        other = JournalSyncs(store.open())
        assert [record.event for record in other.read("r1")] == [
            opened("r1"), SEEN, SyncFinished(at=NOW, outcome="done"),
        ]  # fmt: skip
        assert [(one.run, one.finished, one.records) for one in other.runs()] == [("r1", True, 3)]
        with pytest.raises(SyncFenced):
            syncs.append("r1", holder(), [SEEN], NOW)

    def test_one_run_for_each_standby_at_a_time(self, store: Store) -> None:
        """Another standby has its own; of two that begin at once, one does."""
        syncs = JournalSyncs(store.open())
        syncs.open(opened("r1"), holder())
        with pytest.raises(SyncHeld, match="r1"):
            syncs.open(opened("r2"), ELSEWHERE)
        syncs.open(msgspec.structs.replace(opened("r3"), standby=AU1), ELSEWHERE)
        syncs.append("r1", holder(), [SyncFinished(at=NOW, outcome="done")], NOW)

        def begin(n: int) -> bool:
            try:
                JournalSyncs(store.open()).open(opened(f"race-{n}"), f"ana@elsewhere:{n}/1/x")
            except SyncHeld:
                return False
            return True

        with ThreadPoolExecutor(4) as pool:
            assert sum(pool.map(begin, range(1, 5))) == 1

    def test_what_a_dead_process_left_is_finished_by_the_next_run(self, store: Store) -> None:
        """As interrupted; the dead one, if it wakes up, is refused."""
        syncs = JournalSyncs(store.open())
        syncs.open(opened("r1"), ELSEWHERE)
        self.let_pass(store)
        later = NOW + timedelta(seconds=LEASE_S + 1)
        syncs.open(msgspec.structs.replace(opened("r2"), at=later), holder())
        (*_, last) = syncs.read("r1")
        assert isinstance(last.event, SyncFinished)
        assert last.event.outcome == "interrupted"
        with pytest.raises(SyncFenced):
            syncs.append("r1", ELSEWHERE, [SEEN], NOW)

    @abstractmethod
    def let_pass(self, store: Store) -> None:
        """Let the time of a lease pass."""

    def test_an_edit_is_seen(self, store: Store) -> None:
        """In a body, and a tail that was cut off."""
        syncs = JournalSyncs(store.open())
        syncs.open(opened("r1"), holder())
        syncs.append("r1", holder(), [SEEN], NOW)
        store.sql("DELETE FROM sync_records WHERE seq = 2")
        with pytest.raises(SyncsBroken, match="tail"):
            syncs.read("r1")
        store.sql("UPDATE sync_records SET previous = 'x' WHERE seq = 1")
        with pytest.raises(SyncsBroken, match="record 1 of r1"):
            syncs.read("r1")


class TestSqliteSyncs(SyncPromises):
    """In a file."""

    @pytest.fixture
    def store(self, tmp_path: Path) -> File:
        """A file of its own."""
        return File(tmp_path / "kept.db")

    def let_pass(self, store: Store) -> None:
        """The caller's clock counts."""


class TestPostgresSyncs(SyncPromises):
    """In a database."""

    @pytest.fixture
    def store(self, postgres: Server) -> Database:
        """An empty database."""
        return Database(postgres)

    def let_pass(self, store: Store) -> None:
        """The database's clock counts."""
        store.sql(f"UPDATE sync_runs SET lease_until = lease_until - {LEASE_S + 1}")
