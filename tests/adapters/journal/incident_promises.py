"""What every store of incidents promises, whatever its journal is kept in."""

from __future__ import annotations

import multiprocessing
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from adapters.journal.journal_promises import Store
from scenes import NOW
from voicedr.adapters.journal.incidents import JournalIncidents
from voicedr.adapters.journal.opened import open_journal
from voicedr.ports.incidents import IncidentOpen, IncidentsBroken
from voicedr.ports.journal import JournalBroken
from voicedr.program.governance.incident import Assessed, Closed, Declared, fold_incident

THREADS = 50
ROUNDS = 25


def declared(name: str, flow: str = "support-line") -> Declared:
    """Somebody declares."""
    return Declared(at=NOW, by="A. Ruiz", person_id="ruiz", incident=name, flow=flow, why="silence")


def assessed(n: int) -> Assessed:
    """Somebody assesses."""
    at = NOW + timedelta(seconds=n)
    return Assessed(at=at, by="B. Chen", person_id="chen", part="technical", judgement="go", why=f"look {n}")


def declare_many(address: str, who: str, rounds: int, meet: Callable[[], object]) -> Sequence[str]:
    """In another process: declare again and again at the same instant as others; the names that were opened."""
    journal = open_journal(address)
    incidents = JournalIncidents(journal)
    opened = []
    for n in range(rounds):
        meet()
        try:
            incidents.open(declared(f"{who}-{n}", f"flow-{n}"))
            opened.append(f"{who}-{n}")
        except IncidentOpen:
            pass
    journal.close()
    return opened


def _in_process(address: str, who: str, barrier: object, found: object) -> None:
    found.put(declare_many(address, who, ROUNDS, barrier.wait))  # type: ignore[attr-defined]


class IncidentPromises:
    """Subclass it and give the fixture ``store``; ``address`` names it for another process."""

    def address(self, store: Store) -> str:
        """As the journal's option takes it."""
        raise NotImplementedError  # Each store says its own.

    def test_of_fifty_people_who_declare_at_once_one_does(self, store: Store) -> None:
        """The others are told of the incident that there is."""
        journal = store.open()
        incidents = JournalIncidents(journal)
        at_once = threading.Barrier(THREADS)

        def declare(n: int) -> str:
            at_once.wait()
            try:
                incidents.open(declared(f"i{n}"))
            except IncidentOpen as exc:
                return str(exc)
            return ""

        with ThreadPoolExecutor(THREADS) as people:
            told = list(people.map(declare, range(THREADS)))
        (there,) = incidents.incidents()
        assert told.count("") == 1
        assert told.index("") == int(there.incident.removeprefix("i"))
        assert all(f"not closed: {there.incident}." in words for words in told if words)
        journal.close()

    def test_of_two_processes_that_declare_at_once_one_does(self, store: Store) -> None:
        """Again and again: one of the two, and never both."""
        store.open().close()
        spawn = multiprocessing.get_context("spawn")
        barrier, found = spawn.Barrier(2), spawn.Queue()
        address = self.address(store)
        processes = [spawn.Process(target=_in_process, args=(address, who, barrier, found)) for who in ("a", "b")]
        for process in processes:
            process.start()
        opened = [name for _ in processes for name in found.get(timeout=60)]
        for process in processes:
            process.join(timeout=20)
        assert sorted(int(name[2:]) for name in opened) == list(range(ROUNDS))
        journal = store.open()
        assert sorted(one.incident for one in JournalIncidents(journal).incidents()) == sorted(opened)
        journal.close()

    def test_people_who_assess_at_once_are_all_in_one_chain(self, store: Store) -> None:
        """None is lost, and the chain holds."""
        journal = store.open()
        incidents = JournalIncidents(journal)
        incidents.open(declared("i1"))
        with ThreadPoolExecutor(8) as people:
            list(people.map(lambda n: incidents.append("i1", assessed(n)), range(24)))
        records = incidents.read("i1")
        assert [one.seq for one in records] == list(range(1, 26))
        assert {one.event.at for one in records[1:]} == {assessed(n).at for n in range(24)}
        journal.close()

    def test_the_same_said_twice_is_once(self, store: Store) -> None:
        """So an answer that was lost may be asked for again; another of the same name is refused."""
        journal = store.open()
        incidents = JournalIncidents(journal)
        for _ in range(2):
            incidents.open(declared("i1"))
        with pytest.raises(IncidentOpen):
            incidents.open(declared("i2"))
        for _ in range(2):
            incidents.append("i1", assessed(1))
        assert len(incidents.read("i1")) == 2
        for _ in range(2):
            incidents.append("i1", Closed(at=NOW, by="A. Ruiz", person_id="ruiz", why="over"))
        incidents.open(declared("i2"))
        assert [(one.incident, one.closed) for one in incidents.incidents()] == [("i2", False), ("i1", True)]
        assert fold_incident(one.event for one in incidents.read("i1")).closed is not None
        journal.close()

    def test_the_table_itself_takes_no_second_open_incident(self, store: Store) -> None:
        """Whoever writes it by hand is refused by the database."""
        journal = store.open()
        JournalIncidents(journal).open(declared("i1"))
        row = "INSERT INTO incidents (incident, flow, closed, size, head) VALUES ('i9', 'support-line', {}, 0, '')"
        with pytest.raises(Exception, match=r"(?i)unique"):
            store.sql(row.format(0))
        store.sql(row.format(1))
        journal.close()

    @pytest.mark.parametrize(
        ("change", "words"),
        [
            ("UPDATE incident_records SET previous = 'x' WHERE seq = 2", "record 2 of i1 was edited"),
            ("DELETE FROM incident_records WHERE seq = 3", "record 3 of i1 is missing"),
            ("UPDATE incidents SET head = 'x'", "record 4 of i1 is missing"),
        ],
    )
    def test_a_record_that_was_touched_is_not_read(self, store: Store, change: str, words: str) -> None:
        """It says which."""
        journal = store.open()
        incidents = JournalIncidents(journal)
        incidents.open(declared("i1"))
        for n in (1, 2):
            incidents.append("i1", assessed(n))
        store.sql(change)
        with pytest.raises(IncidentsBroken, match=words):
            incidents.read("i1")
        store.sql("DROP TABLE incident_records")
        with pytest.raises(JournalBroken):
            incidents.read("i1")
        journal.close()
