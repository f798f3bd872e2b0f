"""When nobody had the execution for long, the workbook says whether the next process goes on or asks."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scenes import Scene, gate_with
from voicedr.program.execution import events as ev
from voicedr.program.scope.moving import OnInterrupt
from voicedr.program.vocabulary import IE1, US1, Mode
from voicedr.testing.fake_account import Write
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual
from voicedr.usecases.recorder import LEASE_S

# A process that dies tidies nothing up, and the interpreter remarks on it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::RuntimeWarning")


@pytest.fixture(autouse=True)
def bury() -> Iterator[None]:
    """Let the tasks of the dead be collected here, where what the loop says of them is captured."""
    yield
    gc.collect()


class Killed(SystemExit):
    """The process ends here, with nothing tidied up."""


def killed(tmp_path: Path, policy: OnInterrupt | None, *, gating: bool = False, back: bool = False) -> Scene:
    """An execution whose process died in the middle of the canary: while writing, waiting for proof, or moving back."""
    gate = gate_with(on_no_go="roll-back") if back else None
    scene = Scene(tmp_path, {"canary": 3, "rest": 3}, gate=gate, mode=Mode.GRACEFUL, propagation_s=0.0)
    scene.flow = msgspec.structs.replace(scene.flow, on_interrupt=policy)
    if back:
        scene.account.outcome = lambda call: "failed" if call.region == IE1 else "completed"
    scene.open()

    def die(write: Write) -> None:
        wanted = "place_call" if gating else "set_route"
        home = back and scene.account.changes and scene.account.changes[-1].region == US1
        if write.method == wanted and (home or not back) and (gating or back or write.n == 2):
            raise Killed

    scene.account.after_write = die

    async def run(clock: VirtualClock) -> Any:
        return await scene.run(clock, scene.providers(clock, IE1, US1))

    with pytest.raises(Killed):
        run_virtual(run)
    scene.account.after_write = None
    return scene


def taken_over(scene: Scene, after: timedelta, *, stay: bool = False) -> Any:
    """Another process, so long after the start."""

    async def run(clock: VirtualClock) -> Any:
        return await scene.run(clock, scene.providers(clock, IE1, US1), holder="another", stay=stay)

    return run_virtual(run, start=START + after)


@pytest.mark.parametrize(
    ("policy", "gating", "pauses"),
    [
        (None, False, False),
        (OnInterrupt(), False, False),
        (OnInterrupt(moving="pause"), False, True),
        (OnInterrupt(moving="pause"), True, False),
        (OnInterrupt(gating="pause"), True, True),
        (OnInterrupt(gating="pause"), False, False),
        (OnInterrupt(moving="pause", older_than_s=7200.0), False, False),
    ],
)
def test_the_policy_of_the_phase_decides(
    tmp_path: Path, policy: OnInterrupt | None, gating: bool, pauses: bool
) -> None:
    """After an hour: it asks before anything is sent, or it goes on to the end."""
    scene = killed(tmp_path, policy, gating=gating)
    written = len(scene.account.writes)
    state = taken_over(scene, timedelta(hours=1))
    if not pauses:
        assert state.finished is not None
        return
    assert len(scene.account.writes) == written
    assert state.paused is not None
    assert "on_interrupt" in state.paused.why
    scene.journal.command(scene.execution, "resume", "ana", "", START + timedelta(hours=1, minutes=5))
    done = taken_over(scene, timedelta(hours=2))
    assert done.finished is not None
    assert done.finished.outcome == "done"
    assert set(scene.changes_per_number().values()) == {1}


def test_the_gap_is_recorded(tmp_path: Path) -> None:
    """From the last sign of life of the process that died; none where it was given back."""
    scene = killed(tmp_path, None)
    taken_over(scene, timedelta(hours=1))
    first, second = scene.said(ev.RunnerStarted)
    assert first.gap_s == 0.0
    assert 3600.0 - 2 * LEASE_S <= second.gap_s <= 3600.0


def test_a_rollback_always_goes_on(tmp_path: Path) -> None:
    """Half of one helps nobody: the next process finishes it, whatever the workbook says of the rest."""
    scene = killed(tmp_path, OnInterrupt(moving="pause", gating="pause"), back=True)
    assert scene.said(ev.RollbackOrdered)
    state = taken_over(scene, timedelta(hours=1))
    assert state.finished is not None
    assert state.finished.outcome == "rolled-back"
    assert set(scene.routed().values()) == {US1}


def test_a_process_that_dies_before_it_could_pause_leaves_the_question_to_the_next(tmp_path: Path) -> None:
    """Its own gap is short; the long one before it still wants people asked."""
    scene = killed(tmp_path, OnInterrupt(moving="pause"))
    later = START + timedelta(hours=1)
    lease = scene.journal.take(scene.execution, "short-lived", later, LEASE_S)
    scene.journal.append(
        lease, [ev.RunnerStarted(at=later, holder="short-lived", term=lease.term, gap_s=3600.0)], later, LEASE_S
    )
    state = taken_over(scene, timedelta(hours=1, seconds=20))
    assert state.paused is not None
    assert "3600 s" in state.paused.why
