"""Killed at any instant, an execution is finished by the next process, and the world changes once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scenes import Scene, gate_with, number
from voicedr.ports.journal import Lease
from voicedr.program.execution import events as ev
from voicedr.program.execution.state import Execution
from voicedr.program.readiness.resources import VoiceHandler
from voicedr.program.scope.moving import OnInterrupt, Overlap, RollbackPace
from voicedr.program.scope.workbook import Gate, SequentialTest
from voicedr.program.vocabulary import IE1, US1, Mode
from voicedr.testing.fake_account import Write
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual

# A process that dies tidies nothing up, and the interpreter remarks on it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::RuntimeWarning")


class Killed(SystemExit):
    """The process ends here, with nothing tidied up."""


class DyingJournal:
    """The scene's journal, in a process that dies just before or just after its n-th append."""

    def __init__(self, journal: Any, n: int, *, before: bool) -> None:
        self._journal = journal
        self._n = n
        self._before = before
        self.appends = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def append(self, lease: Lease, events: Sequence[ev.Event], now: datetime, lease_s: float) -> None:
        """Append, or die."""
        self.appends += 1
        if self.appends == self._n and self._before:
            raise Killed
        self._journal.append(lease, events, now, lease_s)
        if self.appends == self._n:
            raise Killed


def resume_until_finished(scene: Scene, *regions: Any) -> Execution:
    """Other processes take over until one comes to the end."""

    async def run(clock: VirtualClock) -> Execution:
        return await scene.run(clock, scene.providers(clock, *(regions or (IE1,))), holder="another")

    return run_virtual(run, start=START + timedelta(hours=1))


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_dying_at_every_border_of_the_journal_loses_and_doubles_nothing(tmp_path: Path, before: bool) -> None:
    """The process dies before, or after, each append in turn; the next one finishes with one write per number."""
    n = 0
    while True:
        n += 1
        scene = Scene(tmp_path / str(n), {"canary": 1, "rest": 3}, propagation_s=0.0)
        scene.open()
        whole = scene.journal
        scene.journal = DyingJournal(whole, n, before=before)  # type: ignore[assignment]
        try:
            run_virtual(scene.run)
            died = False
        except Killed:
            died = True
        scene.journal = whole
        state = resume_until_finished(scene)
        assert state.finished is not None, f"stuck after dying at append {n}"
        assert state.finished.outcome == "done"
        assert set(scene.routed().values()) == {IE1}
        assert set(scene.changes_per_number().values()) == {1}, f"doubled after dying at append {n}"
        scene.journal.close()
        if not died:
            break
    assert n > 20


@pytest.mark.parametrize("when", ["before", "after"])
def test_dying_in_the_middle_of_a_request_loses_and_doubles_nothing(tmp_path: Path, when: str) -> None:
    """The process dies as each request takes effect, or just before: intent without an answer, so it is looked for."""
    for n in range(1, 9):
        scene = Scene(tmp_path / str(n), {"canary": 1, "rest": 5}, propagation_s=0.0)
        scene.open()

        def die(write: Write, n: int = n) -> None:
            if write.n == n:
                raise Killed

        setattr(scene.account, f"{when}_write", die)
        with pytest.raises(Killed):
            run_virtual(scene.run)
        setattr(scene.account, f"{when}_write", None)
        state = resume_until_finished(scene)
        assert state.finished is not None
        assert set(scene.routed().values()) == {IE1}
        assert set(scene.changes_per_number().values()) == {1}


def test_dying_at_every_border_of_a_rollback_still_ends_at_the_snapshot(tmp_path: Path) -> None:
    """A rollback that is interrupted anywhere is finished, and proved equal."""
    n = 0
    while True:
        n += 1
        scene = Scene(
            tmp_path / str(n), {"canary": 2, "rest": 2}, mode=Mode.GRACEFUL, gate=gate_with(on_no_go="roll-back")
        )
        scene.account.outcome = lambda call: "failed" if call.region == IE1 else "completed"
        scene.open()
        whole = scene.journal
        scene.journal = DyingJournal(whole, n, before=False)  # type: ignore[assignment]

        async def run(clock: VirtualClock, scene: Scene = scene) -> Execution:
            return await scene.run(clock, scene.providers(clock, IE1, US1))

        try:
            run_virtual(run)
            died = False
        except Killed:
            died = True
        scene.journal = whole
        state = resume_until_finished(scene, IE1, US1)
        assert state.finished is not None, f"stuck after dying at append {n}"
        assert state.finished.outcome == "rolled-back"
        assert state.compared is not None
        assert not state.compared.differences
        assert set(scene.routed().values()) == {US1}
        scene.journal.close()
        if not died:
            break
    assert n > 10


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_dying_at_every_border_of_a_rollback_in_cohorts_keeps_its_order(tmp_path: Path, before: bool) -> None:
    """Wherever it dies while it moves back, the next process ends at the snapshot, in the order that was recorded."""
    n, last = 0, (number(2), number(3))
    while True:
        n += 1
        sizes = {"canary": 1, "low": 1, "rest": 2}
        scene = Scene(
            tmp_path / str(n), sizes, mode=Mode.GRACEFUL, gate=gate_with(on_no_go="roll-back"), propagation_s=0.0
        )
        scene.flow = msgspec.structs.replace(scene.flow, rollback=RollbackPace(None, 2.0))
        scene.account.outcome = lambda call: "failed" if call.region == IE1 and call.to in last else "completed"
        scene.open()
        whole = scene.journal
        scene.journal = dying = RollingBackJournal(whole, n, before=before)  # type: ignore[assignment]

        async def run(clock: VirtualClock, scene: Scene = scene) -> Execution:
            return await scene.run(clock, scene.providers(clock, IE1, US1))

        try:
            run_virtual(run)
            died = False
        except Killed:
            died = True
        scene.journal = whole
        state = resume_until_finished(scene, IE1, US1)
        told = f"after dying {'before' if before else 'after'} append {n} of the rollback"
        assert state.finished is not None, f"stuck {told}: {state.paused}"
        assert state.finished.outcome == "rolled-back", told
        assert state.compared is not None
        assert not state.compared.differences, told
        assert set(scene.routed().values()) == {US1}, told
        back = [change.subject.name for change in scene.account.changes if change.region == US1]
        assert sorted(back[:2]) == [*last], told
        assert back[2:] == [number(1), number(0)], f"out of order or doubled {told}: {back}"
        (order,) = scene.said(ev.RollbackOrdered)
        assert [one.size for one in order.batches] == [2, 1, 1], told  # type: ignore[attr-defined]
        scene.journal.close()
        if not died:
            break
    assert n > 12, dying.appends


class RollingBackJournal(DyingJournal):
    """The same, counting from the append that asks for the rollback."""

    def append(self, lease: Lease, events: Sequence[ev.Event], now: datetime, lease_s: float) -> None:
        """Append, or die."""
        if self.appends or any(isinstance(one, ev.RollbackAsked) for one in events):
            super().append(lease, events, now, lease_s)
        else:
            self._journal.append(lease, events, now, lease_s)


ORDERED = (
    ("go", ""),
    ("switch-mode", "ungraceful: us1 is silent"),
    ("stop", "look first"),
    ("resume", ""),
    ("resume", "it was nothing"),
    ("pause", "and again"),
    ("resume", ""),
)
"""Commands that wait for the process; the first and the fourth mean nothing as things stand then."""


def obeyed_scene(folder: Path) -> Scene:
    """An execution of three cohorts that may overlap and pass after a call, with commands waiting for it."""
    easy = Gate(SequentialTest(bad_share_ok=0.01, bad_share_bad=0.9, missed_bad=0.5, numbers_min=1))
    sizes = {"canary": 1, "low": 1, "rest": 1}
    scene = Scene(folder, sizes, gate=easy, mode=Mode.GRACEFUL, propagation_s=0.0)
    scene.flow = msgspec.structs.replace(
        scene.flow,
        overlap=Overlap(cohorts_max=2, entry_points_max=4),
        on_interrupt=OnInterrupt(moving="go-on", gating="go-on"),
    )
    scene.open()
    for second, (name, note) in enumerate(ORDERED):
        scene.journal.command(scene.execution, name, "ana", note, START - timedelta(seconds=60 - second))
    return scene


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_dying_at_every_border_obeys_each_command_once(tmp_path: Path, before: bool) -> None:
    """Stops, refusals and a changed mode: the same end, wherever the process dies while it obeys or just after."""
    for n in range(1, len(ORDERED) + 4):
        scene = obeyed_scene(tmp_path / str(n))
        whole = scene.journal
        scene.journal = DyingJournal(whole, n, before=before)  # type: ignore[assignment]

        async def run(clock: VirtualClock, scene: Scene = scene) -> Execution:
            return await scene.run(clock, scene.providers(clock, IE1, US1))

        with pytest.raises(Killed):
            run_virtual(run)
        scene.journal = whole
        state = resume_until_finished(scene, IE1, US1)
        told = f"after dying {'before' if before else 'after'} append {n}"
        assert state.finished is not None, f"stuck {told}: {state.paused}"
        assert state.finished.outcome == "done", told
        assert state.mode is Mode.UNGRACEFUL, told
        assert set(scene.changes_per_number().values()) == {1}, f"doubled {told}"
        assert not [key for key in scene.account.asked if key[0] == US1], told
        said = [
            (type(event).__name__, event.command)
            for event in (record.event for record in whole.read(scene.execution))
            if event.command
        ]
        assert said == [
            ("CommandRefused", 1),
            ("ModeSwitched", 2),
            ("Stopped", 3),
            ("CommandRefused", 4),
            ("Resumed", 5),
            ("Paused", 6),
            ("Resumed", 7),
        ], told
        looked = {(one.cohort, one.when) for one in scene.said(ev.Asserted) if one.holds}
        assert looked == {
            (cohort, when) for cohort in [one.name for one in scene.flow.cohorts] for when in ("before", "after")
        }, told
        scene.journal.close()


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_dying_while_a_doubt_is_taken_on_leaves_exactly_what_was_said(tmp_path: Path, before: bool) -> None:
    """What a person skipped is not moved, everything else is, and a half-written skip does not exist."""
    n = 0
    while True:
        n += 1
        scene = Scene(tmp_path / str(n), {"canary": 1, "rest": 3}, propagation_s=0.0)
        scene.open()
        scene.account.configure(IE1, number(2), VoiceHandler())
        paused = run_virtual(scene.run)
        assert paused.paused is not None
        for name in ("skip", "resume"):
            scene.journal.command(scene.execution, name, "ana", "", START)
        whole = scene.journal
        scene.journal = DyingJournal(whole, n, before=before)  # type: ignore[assignment]
        try:
            run_virtual(scene.run, start=START + timedelta(minutes=10))
            died = False
        except Killed:
            died = True
        scene.journal = whole
        state = resume_until_finished(scene)
        assert state.finished is not None, f"stuck after dying at append {n}: {state.paused}"
        assert len(scene.said(ev.Skipped)) == 1
        assert [one for one, times in scene.changes_per_number().items() if not times] == [number(2)]
        assert max(scene.changes_per_number().values()) == 1
        scene.journal.close()
        if not died:
            break
    assert n > 8
