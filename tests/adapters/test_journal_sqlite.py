"""The journal keeps what it said it kept, tells when it was touched, and lets one writer write."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from scenes import NOW, Scene
from voicedr.adapters.journal.sqlite import SqliteJournal, holder_is_gone, this_holder
from voicedr.ports.journal import Fenced, Held, JournalBroken, Lease, NoSuchExecution
from voicedr.program.evidence.chain import decode, encode
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import plan_hash


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """An opened execution."""
    scene = Scene(tmp_path)
    scene.open()
    return scene


def paused(n: int) -> ev.Paused:
    """Some event."""
    return ev.Paused(at=NOW + timedelta(seconds=n), by="ana", why=f"reason {n}")


def written(scene: Scene, count: int) -> Lease:
    """So many events, in one append."""
    lease = scene.journal.take("x1", "me", NOW, 15.0)
    scene.journal.append(lease, [paused(n) for n in range(count)], NOW, 15.0)
    return lease


def test_what_was_appended_is_read_back_in_order_by_another_process(scene: Scene) -> None:
    """Records survive the process, with rising numbers and the term that wrote them."""
    written(scene, 5)
    again = SqliteJournal(scene.directory / "journal.db")
    records = again.read("x1")
    assert [record.seq for record in records] == list(range(1, 9))
    assert [record.event for record in records[3:]] == [paused(n) for n in range(5)]
    assert [record.term for record in records] == [0, 0, 0, 1, 1, 1, 1, 1]
    assert again.read("x1", after_seq=6) == records[6:]


def test_every_event_comes_back_as_it_went_in() -> None:
    """Encoding and decoding is the identity, and equal events have equal bytes."""
    event = ev.Answered(at=NOW, action="route number +14155550100 -> ie1", region="ie1", source="test")
    assert decode(encode(event)) == event
    assert encode(decode(encode(event))) == encode(event)


@pytest.mark.parametrize(
    ("change", "first_bad"),
    [
        ("UPDATE records SET body = replace(body, 'reason 2', 'reason 9') WHERE seq = 6", 6),
        ("UPDATE records SET term = 7 WHERE seq = 5", 5),
        ("DELETE FROM records WHERE seq = 5", 5),
        ("UPDATE records SET seq = CASE seq WHEN 5 THEN 60 ELSE 5 END WHERE seq IN (5, 6)", 5),
        ("DELETE FROM records WHERE seq = 8", 8),
        ("DELETE FROM records", 1),
    ],
    ids=["edited", "term changed", "deleted", "moved", "tail cut", "emptied"],
)
def test_a_touched_journal_is_refused_with_its_first_bad_record(scene: Scene, change: str, first_bad: int) -> None:
    """Edits, deletions, moves and cut tails are found; the message says where."""
    written(scene, 5)
    scene.journal.close()
    with sqlite3.connect(scene.directory / "journal.db") as raw:
        raw.execute(change)
    with pytest.raises(JournalBroken, match=rf"record {first_bad}\b"):
        SqliteJournal(scene.directory / "journal.db").read("x1")


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


def test_a_stale_writer_is_refused_and_nothing_of_it_is_kept(scene: Scene) -> None:
    """After a takeover the old lease writes nothing, not even part of a batch."""
    old = written(scene, 1)
    new = scene.journal.take("x1", "me", NOW + timedelta(seconds=1), 15.0)
    assert new.term == old.term + 1
    size = len(scene.journal.read("x1"))
    with pytest.raises(Fenced, match="term 2"):
        scene.journal.append(old, [paused(10), paused(11)], NOW, 15.0)
    assert len(scene.journal.read("x1")) == size


def test_a_living_holder_keeps_others_out_until_its_lease_ends(scene: Scene) -> None:
    """Another host's process cannot be seen, so its lease must run out."""
    scene.journal.take("x1", "ben@elsewhere:1/1", NOW, 15.0)
    with pytest.raises(Held, match="ben@elsewhere"):
        scene.journal.take("x1", "me", NOW + timedelta(seconds=14), 15.0)
    assert scene.journal.take("x1", "me", NOW + timedelta(seconds=16), 15.0).term == 2


def test_a_holder_whose_process_is_gone_is_followed_at_once(scene: Scene) -> None:
    """On the same host a dead pid, or one that was given to another process, holds nothing."""
    done = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    gone = f"ana@{os.uname().nodename}:{int(done.stdout)}/1"
    assert holder_is_gone(gone)
    assert holder_is_gone(f"ana@{os.uname().nodename}:{os.getpid()}/1")
    assert not holder_is_gone(this_holder("ana", os.uname().nodename))
    assert not holder_is_gone(f"ana@elsewhere:{int(done.stdout)}/1")
    scene.journal.take("x1", gone, NOW, 15.0)
    assert scene.journal.take("x1", "me", NOW, 15.0).term == 2


def test_releasing_after_a_takeover_releases_nothing(scene: Scene) -> None:
    """Only the present term can give the execution back."""
    old = scene.journal.take("x1", "me", NOW, 15.0)
    scene.journal.take("x1", "me", NOW, 15.0)
    scene.journal.release(old)
    assert scene.journal.executions()[0].holder == "me"


def test_commands_are_read_in_order_after_the_last_one_obeyed(scene: Scene) -> None:
    """Each command comes once, with who said it and why."""
    for name in ("pause", "resume"):
        scene.journal.command("x1", name, "ana", "because", NOW)
    first, second = scene.journal.commands("x1")
    assert (first.name, first.by, first.note, first.at) == ("pause", "ana", "because", NOW)
    assert scene.journal.commands("x1", first.seq) == [second]
    with pytest.raises(NoSuchExecution):
        scene.journal.command("x9", "pause", "ana", "", NOW)


def test_a_plan_is_found_by_the_beginning_of_its_hash_if_that_is_long_enough(scene: Scene) -> None:
    """Six digits at least, and only one plan: a shorter, foreign or malformed one finds nothing."""
    digest = plan_hash(scene.plan())
    scene.journal.keep_plan(digest, b"{}", NOW)
    scene.journal.keep_plan(digest, b"{}", NOW)
    assert scene.journal.plan(digest[:6].upper()) == (digest, b"{}")
    assert scene.journal.plan(digest[:5]) is None
    assert scene.journal.plan("zzzzzz") is None
    assert scene.journal.plan("%" * 6) is None


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
