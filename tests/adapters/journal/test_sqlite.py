"""The journal in a file keeps the promises, and what is a file's alone: foreign files, full disks, wound clocks."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from adapters.journal.journal_promises import LEASE_S, JournalPromises, Store, paused, stale_writer_races
from scenes import NOW, Scene
from voicedr.adapters.journal.holders import holder_is_gone, this_holder
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.ports.journal import Fenced, Held, JournalAway, JournalBroken
from voicedr.program.evidence.chain import decode, encode
from voicedr.program.execution import events as ev

RACES = int(os.environ.get("VOICEDR_SOAK_RACES", "300"))


class File(Store):
    """A file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._now = NOW

    def open(self) -> SqliteJournal:
        """Open it."""
        return SqliteJournal(self.path)

    def after(self, seconds: float) -> datetime:
        """A file has no clock: time is what the caller says."""
        self._now += timedelta(seconds=seconds)
        return self._now

    def sql(self, text: str) -> None:
        """With another program."""
        with sqlite3.connect(self.path) as raw:
            raw.execute(text)
        raw.close()


@pytest.fixture
def store(tmp_path: Path) -> File:
    """A file of its own."""
    return File(tmp_path / "kept.db")


class TestSqliteJournal(JournalPromises):
    """All promises."""

    def test_stale_writers_are_all_refused(self, scene: Scene, store: File) -> None:
        """A writer meets a takeover, again and again; once it is over the writer is refused, every time."""
        first, refused = stale_writer_races(store, scene.journal, RACES)
        assert refused == RACES
        assert 0 < first < RACES or RACES < 50

    def test_an_edited_or_moved_record_is_found(self, scene: Scene, store: File) -> None:
        """What only somebody with the file can do."""
        self.written(scene, 5)
        store.sql("UPDATE records SET body = replace(body, 'reason 2', 'reason 9') WHERE seq = 6")
        with pytest.raises(JournalBroken, match=r"record 6\b"):
            scene.journal.read("x1")
        store.sql("UPDATE records SET seq = CASE seq WHEN 4 THEN 60 ELSE 4 END WHERE seq IN (4, 5)")
        with pytest.raises(JournalBroken, match=r"record 4\b"):
            scene.journal.read("x1")

    def test_a_holder_whose_process_is_gone_is_followed_at_once(self, scene: Scene) -> None:
        """On the same host a dead pid, or one that was given to another process, holds nothing."""
        scene.journal.take("x1", f"ana@{os.uname().nodename}:{dead_pid()}/1", NOW, LEASE_S)
        assert scene.journal.take("x1", "me", NOW, LEASE_S).term == 2

    @pytest.mark.parametrize("jump_s", [-86_400.0, 3600.0, 10 * 365 * 86_400.0])
    def test_a_living_process_of_this_host_is_not_followed_whatever_the_clock_says(
        self, scene: Scene, jump_s: float
    ) -> None:
        """The clock jumps between two looks; the holder is there, so it keeps the execution; then it is gone."""
        with _Waiting() as holder:
            lease = scene.journal.take("x1", holder, NOW, LEASE_S)
            with pytest.raises(Held):
                scene.journal.take("x1", "me", NOW + timedelta(seconds=jump_s), LEASE_S)
            scene.journal.append(lease, [paused(1)], NOW + timedelta(seconds=jump_s), LEASE_S)
            assert scene.journal.executions()[0].held
        assert scene.journal.take("x1", "me", NOW, LEASE_S).term == 2

    def test_a_clock_that_jumps_forward_for_one_lets_the_other_be_refused_and_no_more(self, scene: Scene) -> None:
        """Where the holder cannot be seen the jump may end its lease: its next write is refused, nothing is doubled."""
        old = scene.journal.take("x1", "ben@elsewhere:1/1", NOW, LEASE_S)
        new = scene.journal.take("x1", "me", NOW + timedelta(hours=1), LEASE_S)
        with pytest.raises(Fenced):
            scene.journal.append(old, [paused(1)], NOW, LEASE_S)
        # The clock jumps back; the new holder writes on.
        scene.journal.append(new, [paused(2)], NOW, LEASE_S)
        assert self.said(scene) == ["reason 2"]

    def test_a_full_disk_is_told_leaves_nothing_half_written_and_is_gone_on_with(self, scene: Scene) -> None:
        """SQLite has no room: the message says so; with room again the same append is done, once."""
        lease = self.written(scene, 1)
        scene.journal.close()
        pages: list[int] = []

        @event.listens_for(scene.journal.engine, "connect")
        def _small(connection: sqlite3.Connection, _record: object) -> None:
            pages.append(connection.execute("PRAGMA page_count").fetchone()[0])
            connection.execute(f"PRAGMA max_page_count={pages[0]}")

        large = [ev.Paused(at=NOW, by="ana", why="x" * 3000) for _ in range(40)]
        with pytest.raises(JournalAway, match=r"full.*Make room"):
            scene.journal.append(lease, large, NOW, LEASE_S)
        assert self.said(scene) == ["reason 0"]
        pages[0] = 100_000
        scene.journal.close()
        scene.journal.append(lease, large, NOW, LEASE_S)
        assert len(self.said(scene)) == 41

    def test_a_file_that_may_only_be_read_is_told(self, scene: Scene) -> None:
        """Somebody made it read-only under a runner: nothing is half-written, and it goes on when it may write."""
        lease = self.written(scene, 1)
        scene.journal.close()

        @event.listens_for(scene.journal.engine, "connect")
        def _read_only(connection: sqlite3.Connection, _record: object) -> None:
            connection.execute(f"PRAGMA query_only={'on' if locked else 'off'}")

        locked = [True]
        with pytest.raises(JournalAway, match=r"readonly.*writable"):
            scene.journal.append(lease, [paused(1)], NOW, LEASE_S)
        locked.clear()
        scene.journal.close()
        scene.journal.append(lease, [paused(1)], NOW, LEASE_S)
        assert self.said(scene) == ["reason 0", "reason 1"]


def test_every_event_comes_back_as_it_went_in() -> None:
    """Encoding and decoding is the identity, and equal events have equal bytes."""
    event = ev.Answered(at=NOW, action="route number +14155550100 -> ie1", region="ie1", source="test")
    assert decode(encode(event)) == event
    assert encode(decode(encode(event))) == encode(event)


@pytest.mark.parametrize("body", [b"", b"not a journal", b"SQLite format 3\x00" + b"\x00" * 200])
def test_a_file_that_is_no_journal_is_left_as_it_is(tmp_path: Path, body: bytes) -> None:
    """A half-written or foreign file is refused by name and not a byte changes; an empty one becomes a journal."""
    path = tmp_path / "journal.db"
    path.write_bytes(body)
    if not body:
        assert list(SqliteJournal(path).executions()) == []
        return
    with pytest.raises(JournalBroken, match=r"journal\.db"):
        SqliteJournal(path)
    assert path.read_bytes() == body


def test_a_holder_is_gone_only_if_it_was_here_and_is_not(tmp_path: Path) -> None:
    """Another host, or another kernel or container with the same name, says nothing."""
    host, pid = os.uname().nodename, dead_pid()
    mine = this_holder("ana", host)
    assert holder_is_gone(f"ana@{host}:{pid}/1")
    assert holder_is_gone(f"ana@{host}:{os.getpid()}/1")
    assert not holder_is_gone(mine)
    assert not holder_is_gone(f"ana@elsewhere:{pid}/1")
    place = mine.rpartition("/")[2]
    assert holder_is_gone(f"ana@{host}:{pid}/1/{place}")
    assert not holder_is_gone(f"ana@{host}:{pid}/1/00000000")


def test_two_processes_never_both_write_with_the_same_term(tmp_path: Path) -> None:
    """Racing takers get different terms; of any two leases only the later one writes."""
    scene = Scene(tmp_path)
    scene.open()
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC;"
        "from voicedr.adapters.journal.sqlite import SqliteJournal\n"
        "journal = SqliteJournal(Path(sys.argv[1]))\n"
        "for n in range(25): print(journal.take('x1', 'me', datetime.now(UTC), 15.0).term)"
    )
    racers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(tmp_path / "journal.db")], stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    terms = [int(line) for racer in racers for line in racer.communicate(timeout=60)[0].split()]
    assert sorted(terms) == list(range(1, 76))


def dead_pid() -> int:
    """The pid of a process that has ended."""
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    return int(done.stdout)


class _Waiting:
    """A process of this host, by the name that its lease would have; stopped, so that it renews nothing."""

    def __enter__(self) -> str:
        program = (
            "import os, sys; from voicedr.adapters.journal.holders import this_holder;"
            "print(this_holder('ana', os.uname().nodename), flush=True); sys.stdin.read()"
        )
        self._process = subprocess.Popen(
            [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self._process.stdout is not None
        holder = self._process.stdout.readline().strip()
        self._process.send_signal(signal.SIGSTOP)
        return holder

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.communicate()
