"""One pace for several processes: never more than the rate all together, and slower for all when one is told so."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path
from random import Random

import pytest
from bench.pacing import most_in_a_second, turns_of

from postgres_server import Server
from voicedr.adapters.clock import WallClock
from voicedr.adapters.journal.buckets import LEAD_S_MAX, PUSH_S, Bucket, Taken
from voicedr.adapters.journal.opened import open_journal
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.adapters.shared_pace import ALONE_SHARE, LATE_S, SharedPace
from voicedr.ports.journal import JournalAway
from voicedr.testing.virtual_time import VirtualClock, run_virtual


@pytest.fixture(params=["sqlite", "postgres"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where a journal is."""
    if request.param == "sqlite":
        return str(tmp_path / "journal.db")
    server: Server = request.getfixturevalue("postgres")
    return server.database()


def test_two_processes_together_keep_to_the_rate(place: str) -> None:
    """Each would send the whole rate alone: together it is the rate in any rolling second, and both get turns."""
    open_journal(place).close()
    each = turns_of(place, processes=2, rate=100, seconds=2.5)
    together = sorted(each[0] + each[1])
    assert most_in_a_second(together) <= 100 * (1 + 2 * LATE_S) + 1
    assert len(together) >= 150
    assert min(map(len, each)) > 20


def test_a_429_of_one_process_slows_all(place: str) -> None:
    """One is told so: both wait, then go on at half the rate together."""
    open_journal(place).close()
    each = turns_of(place, processes=2, rate=100, seconds=2.0, slow_after_s=0.5)
    together = sorted(each[0] + each[1])
    begin_s = together[0]
    for times in each:
        assert max(later - earlier for earlier, later in itertools.pairwise(times)) >= PUSH_S - 0.06
    assert sum(begin_s + 0.95 <= at < begin_s + 1.95 for at in together) <= 60


@pytest.fixture
def journal(place: str) -> SqlJournal:
    """An open journal."""
    return open_journal(place)


def test_turns_are_a_spacing_apart_whoever_takes_them(journal: SqlJournal) -> None:
    """Two who take by turns get times that do not meet; another account's are its own."""
    one, two, other = (Bucket(journal, name) for name in ("a", "a", "b"))
    begun_s = 1000.0
    first = one.take(10, 5, begun_s)
    assert first.first_s == pytest.approx(0.0, abs=0.05)
    assert first.spacing_s == pytest.approx(0.1)
    assert Bucket(journal, "far").take(10, 1, begun_s, lead_s=0.3).first_s == pytest.approx(0.3)
    assert two.take(10, 5, begun_s).first_s == pytest.approx(0.5, abs=0.1)
    assert one.take(10, 1, begun_s).first_s == pytest.approx(1.0, abs=0.1)
    assert other.take(10, 1, begun_s).first_s == pytest.approx(0.0, abs=0.05)
    journal.close()


def test_a_burst_of_429s_counts_once(journal: SqlJournal) -> None:
    """Five refusals together halve the rate once and push everybody back once."""
    bucket = Bucket(journal, "a")
    bucket.take(10, 1, 1000.0)
    for _ in range(5):
        bucket.slow_down(10, 1000.0)
    taken = bucket.take(10, 1, 1000.0)
    assert taken.spacing_s == pytest.approx(0.2, rel=0.1)
    assert 0 < taken.first_s <= 0.1 + PUSH_S + 0.01
    journal.close()


def test_a_clock_that_went_back_keeps_nobody_waiting(tmp_path: Path) -> None:
    """The machine was started anew and counts from zero again: a row from before says nothing."""
    journal = open_journal(tmp_path / "journal.db")
    bucket = Bucket(journal, "a")
    bucket.take(10, 5, LEAD_S_MAX * 3)
    assert bucket.take(10, 1, 5.0).first_s == 0.0
    journal.close()


class CountingBucket:
    """A bucket in this process, which may be away."""

    remote = False

    def __init__(self) -> None:
        self.due_s = 0.0
        self.taken: list[int] = []
        self.told = 0
        self.away = False

    def take(self, rate_per_second: float, turns: int, began_s: float, lead_s: float) -> Taken:
        """Take turns."""
        if self.away:
            raise JournalAway("gone")
        first_s = max(self.due_s, began_s)
        self.due_s = first_s + turns / rate_per_second
        self.taken.append(turns)
        return Taken(first_s - began_s, 1 / rate_per_second, began_s)

    def slow_down(self, rate_per_second: float, began_s: float) -> None:
        """Everybody waits."""
        self.told += 1
        self.due_s = max(self.due_s, began_s) + 1.0


def test_turns_are_fetched_for_those_who_wait_and_no_more() -> None:
    """One who waits alone takes one turn; many take a twentieth of a second's worth at once."""

    async def main(clock: VirtualClock) -> tuple[list[int], list[int]]:
        alone, many = CountingBucket(), CountingBucket()
        pace = SharedPace(alone, 200, clock)
        for _ in range(3):
            await pace.turn()
        pace = SharedPace(many, 200, clock)
        await asyncio.gather(*(pace.turn() for _ in range(40)))
        return alone.taken, many.taken

    alone, many = run_virtual(main)
    assert alone == [1, 1, 1]
    assert sum(many) == 40
    assert max(many) == 10
    assert len(many) <= 7


@pytest.mark.parametrize("seed", range(5))
def test_a_process_that_was_stopped_does_not_catch_up(seed: int) -> None:
    """Timers that are late, some by half a second: two who share a bucket never have more than the rate together."""
    chance = Random(seed)

    async def main(clock: VirtualClock) -> list[float]:
        class Late:
            now = clock.now
            monotonic_s = clock.monotonic_s

            async def sleep(self, seconds: float) -> None:
                await clock.sleep(seconds + (0.5 if chance.random() < 0.02 else chance.random() * 0.004))

        bucket = CountingBucket()
        times: list[float] = []

        async def task(pace: SharedPace) -> None:
            for _ in range(40):
                await pace.turn()
                times.append(clock.monotonic_s())

        paces = [SharedPace(bucket, 100, Late()) for _ in range(2)]
        await asyncio.gather(*(task(pace) for pace in paces for _ in range(8)))
        return times

    times = sorted(run_virtual(main))
    assert len(times) == 640
    assert most_in_a_second(times) <= 101


def test_a_refusal_drops_the_turns_that_were_fetched() -> None:
    """What was fetched before the 429 is not used after it, and the bucket is told once for a burst."""

    async def main(clock: VirtualClock) -> tuple[float, int]:
        bucket = CountingBucket()
        pace = SharedPace(bucket, 100, clock)
        waiting = [asyncio.ensure_future(pace.turn()) for _ in range(10)]
        await clock.sleep(0.005)
        for _ in range(5):
            pace.slow_down()
        begun_s = clock.monotonic_s()
        await asyncio.gather(*waiting)
        return clock.monotonic_s() - begun_s, bucket.told

    waited_s, told = run_virtual(main)
    assert waited_s > 1.0
    assert told == 1


def test_while_the_database_is_away_a_part_of_the_rate_remains() -> None:
    """Reading goes on slowly; when the database answers again, so does the whole rate."""

    async def main(clock: VirtualClock) -> tuple[float, float]:
        bucket = CountingBucket()
        pace = SharedPace(bucket, 100, clock)
        bucket.away = True
        begun_s = clock.monotonic_s()
        for _ in range(50):
            await pace.turn()
        alone_s = clock.monotonic_s() - begun_s
        bucket.away = False
        await clock.sleep(2)
        begun_s = clock.monotonic_s()
        await asyncio.gather(*(pace.turn() for _ in range(100)))
        return alone_s, clock.monotonic_s() - begun_s

    alone_s, together_s = run_virtual(main)
    assert alone_s == pytest.approx(50 / (100 * ALONE_SHARE), rel=0.1)
    assert together_s == pytest.approx(1.0, rel=0.1)


def test_a_pace_of_nothing_is_refused() -> None:
    """A rate of zero would wait for ever."""
    with pytest.raises(ValueError, match="more than zero"):
        SharedPace(CountingBucket(), 0, WallClock())
