"""What every journal promises, whatever it is kept in."""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, event

from scenes import NOW, Scene
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.ports.journal import Fenced, Held, JournalAway, JournalBroken, Lease, NoSuchExecution
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import plan_hash

LEASE_S = 15.0


def paused(n: int) -> ev.Paused:
    """Some event."""
    return ev.Paused(at=NOW + timedelta(seconds=n), by="ana", why=f"reason {n}")


class Store(ABC):
    """A place for one journal."""

    @abstractmethod
    def open(self) -> SqlJournal:
        """The journal, as one more process opens it."""

    @abstractmethod
    def after(self, seconds: float) -> datetime:
        """Let so many more seconds pass for the leases; gives what the caller's clock says then."""

    @abstractmethod
    def sql(self, text: str) -> None:
        """Change something by hand."""


class JournalPromises:
    """Subclass it and give the fixture ``store``."""

    @pytest.fixture
    def scene(self, store: Store, tmp_path: Path) -> Iterator[Scene]:
        """An opened execution in the store."""
        scene = Scene(tmp_path)
        scene.journal.close()
        scene.journal = store.open()  # type: ignore[assignment]
        scene.open()
        yield scene
        scene.journal.close()

    def written(self, scene: Scene, count: int) -> Lease:
        """So many events, in one append."""
        lease = scene.journal.take("x1", "me", NOW, LEASE_S)
        scene.journal.append(lease, [paused(n) for n in range(count)], NOW, LEASE_S)
        return lease

    def said(self, scene: Scene) -> list[str]:
        """The reasons in the journal, its chain checked."""
        return [one.event.why for one in scene.journal.read("x1") if isinstance(one.event, ev.Paused)]

    def test_what_was_appended_is_read_back_in_order_by_another_process(self, scene: Scene, store: Store) -> None:
        """Records survive the process, with rising numbers and the term that wrote them."""
        self.written(scene, 5)
        again = store.open()
        records = again.read("x1")
        assert [record.seq for record in records] == list(range(1, 9))
        assert [record.event for record in records[3:]] == [paused(n) for n in range(5)]
        assert [record.term for record in records] == [0, 0, 0, 1, 1, 1, 1, 1]
        assert again.read("x1", after_seq=6) == records[6:]
        again.close()

    @pytest.mark.parametrize(
        ("change", "first_bad"),
        [
            ("UPDATE records SET hash = previous WHERE seq = 6", 6),
            ("UPDATE records SET term = 7 WHERE seq = 5", 5),
            ("DELETE FROM records WHERE seq = 5", 5),
            ("DELETE FROM records WHERE seq = 8", 8),
            ("DELETE FROM records", 1),
        ],
        ids=["edited", "term changed", "deleted", "tail cut", "emptied"],
    )
    def test_a_touched_journal_is_refused_with_its_first_bad_record(
        self, scene: Scene, store: Store, change: str, first_bad: int
    ) -> None:
        """Edits, deletions and cut tails are found; the message says where."""
        self.written(scene, 5)
        store.sql(change)
        with pytest.raises(JournalBroken, match=rf"record {first_bad}\b"):
            scene.journal.read("x1")

    def test_a_stale_writer_is_refused_and_nothing_of_it_is_kept(self, scene: Scene) -> None:
        """After a takeover the old lease writes nothing, not even part of a batch."""
        old = self.written(scene, 1)
        new = scene.journal.take("x1", "me", NOW + timedelta(seconds=1), LEASE_S)
        assert new.term == old.term + 1
        size = len(scene.journal.read("x1"))
        for events in ([paused(10), paused(11)], []):
            with pytest.raises(Fenced, match="term 2"):
                scene.journal.append(old, events, NOW, LEASE_S)
        assert len(scene.journal.read("x1")) == size

    def test_a_living_holder_keeps_others_out_until_its_lease_ends(self, scene: Scene, store: Store) -> None:
        """Another host's process cannot be seen, so its lease must run out. The message names it and what to do."""
        scene.journal.take("x1", "ben@elsewhere:1/1", NOW, LEASE_S)
        for seconds in (0.0, 8.0):
            with pytest.raises(Held, match=r"ben@elsewhere.*voicedr resume x1") as held:
                scene.journal.take("x1", "me", store.after(seconds), LEASE_S)
        assert held.value.holder == "ben@elsewhere:1/1"
        assert scene.journal.executions()[0].holder == "ben@elsewhere:1/1"
        assert scene.journal.take("x1", "me", store.after(8.0), LEASE_S).term == 2

    def test_an_append_renews_the_lease(self, scene: Scene, store: Store) -> None:
        """Writing, or saying that one is there, keeps others out for another lease."""
        lease = scene.journal.take("x1", "ben@elsewhere:1/1", NOW, LEASE_S)
        scene.journal.append(lease, [], store.after(10.0), LEASE_S)
        with pytest.raises(Held):
            scene.journal.take("x1", "me", store.after(8.0), LEASE_S)

    def test_a_lease_from_the_future_ends_like_any_other(self, scene: Scene, store: Store) -> None:
        """The clock was an hour ahead when the holder wrote: others are kept out for one lease, not for an hour."""
        scene.journal.take("x1", "ben@elsewhere:1/1", NOW, LEASE_S)
        store.sql("UPDATE executions SET lease_until = lease_until + 3600")
        with pytest.raises(Held):
            scene.journal.take("x1", "me", store.after(0.0), LEASE_S)
        assert scene.journal.take("x1", "me", store.after(16.0), LEASE_S).term == 2

    def test_releasing_after_a_takeover_releases_nothing(self, scene: Scene) -> None:
        """Only the present term can give the execution back."""
        old = scene.journal.take("x1", "me", NOW, LEASE_S)
        scene.journal.take("x1", "me", NOW, LEASE_S)
        scene.journal.release(old)
        assert scene.journal.executions()[0].holder == "me"
        assert not scene.journal.executions()[0].finished

    def test_commands_are_read_in_order_after_the_last_one_obeyed(self, scene: Scene) -> None:
        """Each command comes once, with who said it and why, however often it was said at that time."""
        for name in ("pause", "pause", "resume"):
            scene.journal.command("x1", name, "ana", "because", NOW)
        first, second = scene.journal.commands("x1")
        assert (first.name, first.by, first.note, first.at) == ("pause", "ana", "because", NOW)
        assert scene.journal.commands("x1", first.seq) == [second]
        with pytest.raises(NoSuchExecution):
            scene.journal.command("x9", "pause", "ana", "", NOW)

    def test_commands_said_at_once_are_all_seen_by_who_remembers_the_last(self, scene: Scene, store: Store) -> None:
        """A reader that asks for what came after the last it saw misses none, however many speak at the same time."""
        speakers = [store.open() for _ in range(3)]

        def speak(number: int) -> None:
            for n in range(15):
                speakers[number].command("x1", "pause", f"person {number}", str(n), NOW)

        seen: list[int] = []
        with ThreadPoolExecutor(3) as pool:
            speaking = [pool.submit(speak, number) for number in range(3)]
            while not all(one.done() for one in speaking):
                seen += [one.seq for one in scene.journal.commands("x1", seen[-1] if seen else 0)]
            for one in speaking:
                one.result()
        seen += [one.seq for one in scene.journal.commands("x1", seen[-1] if seen else 0)]
        assert len(seen) == 45
        for speaker in speakers:
            speaker.close()

    def test_a_plan_is_found_by_the_beginning_of_its_hash_if_that_is_long_enough(self, scene: Scene) -> None:
        """Six digits at least, and only one plan: a shorter, foreign or malformed one finds nothing."""
        digest = plan_hash(scene.plan())
        scene.journal.keep_plan(digest, b"{}", NOW)
        scene.journal.keep_plan(digest, b"{}", NOW)
        assert scene.journal.plan(digest[:6].upper()) == (digest, b"{}")
        for wrong in (digest[:5], "zzzzzz", "%" * 6):
            assert scene.journal.plan(wrong) is None

    def test_an_approval_is_kept_once(self, scene: Scene) -> None:
        """The same approval said twice is one approval."""
        digest = plan_hash(scene.plan())
        before = scene.journal.approvals(digest)
        scene.journal.approve(before[0])
        assert scene.journal.approvals(digest) == before
        assert [one.person for one in before] == ["ana", "ben"]

    def test_one_execution_per_flow_and_opening_it_again_is_opening_it_once(self, scene: Scene) -> None:
        """A second one is refused by the first one's name; the same one whose answer was lost is there once."""
        events: Sequence[ev.Event] = [record.event for record in scene.journal.read("x1")]
        scene.journal.open("x1", "support-line", events)
        assert len(scene.journal.read("x1")) == 3
        with pytest.raises(Held, match="x1"):
            scene.journal.open("x2", "support-line", events)

    @pytest.mark.parametrize("kept", [True, False], ids=["committed", "not committed"])
    def test_an_append_whose_answer_was_lost_is_looked_for_and_is_there_once(self, scene: Scene, kept: bool) -> None:
        """The same append again adds its records if they are not there, and nothing if they are."""
        journal: SqlJournal = scene.journal
        lease = self.written(scene, 1)
        losing = Losing(journal, kept)
        with pytest.raises(JournalAway):
            journal.append(lease, [paused(1), paused(2)], NOW, LEASE_S)
        assert losing.lost == 1
        assert self.said(scene) == ["reason 0", *(["reason 1", "reason 2"] if kept else [])]
        journal.append(lease, [paused(1), paused(2)], NOW, LEASE_S)
        journal.append(lease, [paused(3)], NOW, LEASE_S)
        assert self.said(scene) == [f"reason {n}" for n in range(4)]

    def test_a_database_that_lost_what_it_had_kept_is_refused(self, scene: Scene, store: Store) -> None:
        """A restored copy, or a replica that was behind: the writer finds its own records gone and stops."""
        lease = self.written(scene, 3)
        store.sql("DELETE FROM records WHERE seq = 6")
        store.sql("UPDATE executions SET size = 5, head = (SELECT hash FROM records WHERE seq = 5)")
        with pytest.raises(JournalBroken, match=r"ends with record 5.*record 6.*was durable"):
            scene.journal.append(lease, [paused(4)], NOW, LEASE_S)
        assert self.said(scene) == ["reason 0", "reason 1"]

    def test_a_journal_of_a_newer_release_is_refused_and_left_as_it_is(self, scene: Scene, store: Store) -> None:
        """Nobody writes into what they do not understand."""
        store.sql("UPDATE schema SET version = 99")
        with pytest.raises(JournalBroken, match="99"):
            store.open()
        store.sql("UPDATE schema SET version = 2")
        store.open().close()

    def test_a_journal_of_the_first_release_is_brought_forward_with_all_it_holds(
        self, scene: Scene, store: Store
    ) -> None:
        """Version 1 had no schema table and no buckets; its records are as they were."""
        self.written(scene, 2)
        before = scene.journal.read("x1")
        store.sql("DROP TABLE schema")
        store.sql("DROP TABLE buckets")
        again = store.open()
        assert again.read("x1") == before
        again.close()
        store.open().close()

    def test_processes_that_open_a_new_journal_at_once_all_have_it(self, store: Store) -> None:
        """Whoever comes first makes the tables."""
        with ThreadPoolExecutor(4) as pool:
            opened = list(pool.map(lambda _: store.open(), range(4)))
        for journal in opened:
            assert journal.executions() == []
            journal.close()

    def test_a_reader_never_sees_half_an_append(self, scene: Scene, store: Store) -> None:
        """While somebody writes, every reading is a whole chain."""
        lease = self.written(scene, 1)
        reader = store.open()
        done = threading.Event()

        def write() -> None:
            for n in range(1, 40):
                scene.journal.append(lease, [paused(n), paused(n)], NOW, LEASE_S)
            done.set()

        sizes = []
        with ThreadPoolExecutor(1) as pool:
            writing = pool.submit(write)
            while not done.is_set() and not writing.done():
                sizes.append(len(reader.read("x1")))
            writing.result()
        assert sizes == sorted(sizes)
        assert {size % 2 for size in sizes} <= {0}
        assert len(reader.read("x1")) == 3 + 1 + 2 * 39
        reader.close()


class Losing:
    """Lets a journal's next commit go wrong: after it was done, or instead of doing it."""

    def __init__(self, journal: SqlJournal, kept: bool) -> None:
        self.lost = 0
        self._armed = True
        if kept:
            journal.committed = self._lose  # type: ignore[method-assign, assignment]
        else:
            event.listen(journal.engine, "commit", self._lose)

    def _lose(self, _connection: Connection) -> None:
        if self._armed:
            self._armed = False
            self.lost += 1
            raise JournalAway("the answer was lost")


def stale_writer_races(store: Store, journal: SqlJournal, races: int) -> tuple[int, int]:
    """Let a writer and somebody who takes over meet, again and again.

    Gives how many appends of the old writer came first, and how often it was refused once the other had the lease.
    """
    other = store.open()
    first = refused = 0
    lease = journal.take("x1", "me", NOW, LEASE_S)
    with ThreadPoolExecutor(2) as pool:
        for n in range(races):
            together = threading.Barrier(2)

            def write(
                writer: SqlJournal = journal, lease: Lease = lease, n: int = n, together: threading.Barrier = together
            ) -> bool:
                together.wait()
                try:
                    writer.append(lease, [paused(n)], NOW, LEASE_S)
                except Fenced:
                    return False
                return True

            def follow(follower: SqlJournal = other, together: threading.Barrier = together) -> Lease:
                together.wait()
                return follower.take("x1", "me", NOW, LEASE_S)

            writing, following = pool.submit(write), pool.submit(follow)
            first += writing.result()
            taken = following.result()
            try:
                journal.append(lease, [paused(-1)], NOW, LEASE_S)
            except Fenced:
                refused += 1
            lease = taken
            journal, other = other, journal
    records = journal.read("x1")
    terms = [record.term for record in records]
    assert terms == sorted(terms), "a term wrote after a later one"
    whys = [record.event.why for record in records if isinstance(record.event, ev.Paused)]
    assert len(whys) == first
    assert "reason -1" not in whys
    return first, refused
