"""The recorder waits for a journal that is away, sends nothing new meanwhile, and stops clearly if it stays away."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from scenes import NOW, Scene
from voicedr.ports.journal import Command, Fenced, JournalAway, JournalError, JournalLost, Lease
from voicedr.program.execution import events as ev
from voicedr.program.execution.state import fold
from voicedr.program.vocabulary import IE1
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.usecases.recorder import LEASE_S, REST_S_MAX, Hold, Recorder, what_stopped

FOR_EVER = float("inf")


class AwayJournal:
    """The scene's journal, which does not answer for a while; ``kept``: what was said last is there all the same.

    If it is away for ever, that begins when an intent is durable, at the latest.
    """

    def __init__(self, journal: Any, clock: VirtualClock, from_s: float, for_s: float, kept: bool) -> None:
        self._journal = journal
        self._clock = clock
        self._from_s, self._until_s = from_s, from_s + for_s
        self._kept = kept
        self.refused: list[float] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def append(self, lease: Lease, events: Sequence[ev.Event], now: datetime, lease_s: float) -> None:
        """Append, or not, and do not say which."""
        away = self._from_s <= self._clock.monotonic_s() < self._until_s
        if away:
            self.refused.append(self._clock.monotonic_s())
        if away and not self._kept:
            raise JournalAway("the database is gone")
        self._journal.committed = self._lose if away else lambda _connection: None
        self._journal.append(lease, events, now, lease_s)
        if any(isinstance(one, ev.Intended) for one in events):
            self._from_s = min(self._from_s, self._clock.monotonic_s() if self._until_s == FOR_EVER else FOR_EVER)

    def _lose(self, _connection: object) -> None:
        raise JournalAway("the database is gone, just after it committed")

    def commands(self, execution: str, after_seq: int = 0) -> Sequence[Command]:
        """What was asked, if it answers."""
        if self._from_s <= self._clock.monotonic_s() < self._until_s:
            raise JournalAway("the database is gone")
        asked: Sequence[Command] = self._journal.commands(execution, after_seq)
        return asked


@pytest.mark.parametrize("kept", [False, True], ids=["not kept", "kept"])
@pytest.mark.parametrize("from_s", [0.0, 0.3, 2.0, 9.0])
def test_a_journal_that_comes_back_in_time_costs_nothing_but_time(tmp_path: Path, from_s: float, kept: bool) -> None:
    """Away for 20 s at any moment, its last answer lost or not: every number moves once, each event is there once."""
    scene = Scene(tmp_path, {"canary": 2, "rest": 12})
    scene.open()
    journals: list[AwayJournal] = []
    whole = scene.journal

    async def run(clock: VirtualClock) -> Any:
        journals.append(AwayJournal(whole, clock, from_s, 20.0, kept))
        scene.journal = journals[0]  # type: ignore[assignment]
        return await scene.run(clock)

    state = run_virtual(run)
    scene.journal = whole
    assert journals[0].refused
    assert state.finished is not None
    assert state.finished.outcome == "done"
    assert set(scene.routed().values()) == {IE1}
    assert set(scene.changes_per_number().values()) == {1}
    records = whole.read("x1")
    assert len([one for one in records if isinstance(one.event, ev.Intended)]) == 14
    assert scene.events == [record.event for record in records[-len(scene.events) :]]


def test_a_journal_that_stays_away_stops_the_runner_and_names_what_is_unsettled(tmp_path: Path) -> None:
    """After the time that is allowed it stops; nothing was sent that the journal did not know; resume finishes it."""
    scene = Scene(tmp_path, {"canary": 2, "rest": 12})
    scene.open()
    whole = scene.journal

    async def run(clock: VirtualClock) -> None:
        scene.journal = AwayJournal(whole, clock, 1e9, FOR_EVER, False)  # type: ignore[assignment]
        with pytest.raises(JournalLost, match=r"In flight and UNSETTLED: route number \+1415") as lost:
            await scene.run(clock)
        assert "voicedr resume x1" in str(lost.value)
        assert 30.0 <= clock.monotonic_s() < 35.0

    run_virtual(run)
    scene.journal = whole
    intended = {one.event.action for one in whole.read("x1") if isinstance(one.event, ev.Intended)}
    assert sum(scene.changes_per_number().values()) <= len(intended) == 2

    async def again(clock: VirtualClock) -> Any:
        return await scene.run(clock, holder="me")

    state = run_virtual(again)
    assert state.finished is not None
    assert state.finished.outcome == "done"
    assert set(scene.changes_per_number().values()) == {1}


def test_what_is_recorded_together_shares_a_transaction_and_nothing_is_written_after_a_failure(tmp_path: Path) -> None:
    """Three events, one append. Once an append failed, later events would stand after a gap: they fail the same way."""
    scene = Scene(tmp_path)
    scene.open()
    appended: list[int] = []
    lease = scene.journal.take("x1", "me", NOW, LEASE_S)
    state = fold(record.event for record in scene.journal.read("x1"))

    class Counting:
        remote = False

        def append(self, lease: Lease, events: Sequence[ev.Event], now: datetime, lease_s: float) -> None:
            appended.append(len(events))
            scene.journal.append(lease, events, now, lease_s)

    async def main(clock: VirtualClock) -> None:
        hold = Hold()
        recorder = Recorder(Counting(), lease, clock, state, hold=hold)  # type: ignore[arg-type]
        assert not hold.over(clock.monotonic_s())
        await asyncio.gather(*(recorder.record(paused(n)) for n in range(3)))
        assert appended == [3]
        assert not hold.over(clock.monotonic_s() + LEASE_S - 0.01)
        assert hold.over(clock.monotonic_s() + LEASE_S)
        scene.journal.take("x1", "me", NOW, LEASE_S)
        for n in (3, 4):
            with pytest.raises(Fenced):
                await recorder.record(paused(n))
        assert appended == [3, 1]
        await recorder.finish()

    run_virtual(main)
    assert len(scene.said(ev.Paused)) == 3


def paused(n: int) -> ev.Paused:
    """Some event."""
    return ev.Paused(at=NOW, by="ana", why=str(n))


def test_the_journals_failure_is_found_in_what_many_tasks_raised() -> None:
    """However deep; where there is none, the group is as it was."""
    fenced = Fenced("somebody took over")
    found = what_stopped(ExceptionGroup("", [ValueError(), ExceptionGroup("", [fenced, Fenced("the same")])]))
    assert found is fenced
    assert isinstance(found, JournalError)
    other = ExceptionGroup("", [ValueError()])
    assert what_stopped(other) is other


class SlowDisk:
    """The scene's journal on a disk where each write takes its time, during which nothing else happens."""

    def __init__(self, journal: Any, wall: SlowedClock, write_s: float) -> None:
        self._journal, self._wall, self._write_s = journal, wall, write_s
        self.sizes: list[int] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def append(self, lease: Lease, events: Sequence[ev.Event], now: datetime, lease_s: float) -> None:
        """Append, and hold everybody up."""
        self._journal.append(lease, events, now, lease_s)
        self.sizes.append(len(events))
        self._wall.held_s += self._write_s


class SlowedClock:
    """A virtual clock whose seconds go on while somebody holds everything up."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.held_s = 0.0
        self.rested_s: list[float] = []

    def now(self) -> datetime:
        """The time of day."""
        return self._clock.now()

    def monotonic_s(self) -> float:
        """Seconds that only rise."""
        return self._clock.monotonic_s() + self.held_s

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        self.rested_s.append(seconds)
        await self._clock.sleep(seconds)


@pytest.mark.parametrize(("write_s", "rest_s"), [(0.001, 0.0), (0.02, 0.02), (1.0, REST_S_MAX)])
def test_on_a_slow_disk_events_are_gathered_while_others_have_their_turn(
    tmp_path: Path, write_s: float, rest_s: float
) -> None:
    """A quick disk is written to at once; after a slow write others go on for as long as it took, within bounds."""
    scene = Scene(tmp_path)
    scene.open()

    async def run(clock: VirtualClock) -> list[float]:
        wall = SlowedClock(clock)
        disk = SlowDisk(scene.journal, wall, write_s)
        lease = scene.journal.take(scene.execution, "me", clock.now(), LEASE_S)
        state = fold(record.event for record in scene.journal.read(scene.execution))
        recorder = Recorder(disk, lease, wall, state)
        await recorder.renew()
        wall.rested_s.clear()
        await recorder.renew()
        return wall.rested_s

    assert run_virtual(run) == pytest.approx([rest_s])
