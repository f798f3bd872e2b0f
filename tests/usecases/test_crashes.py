"""Killed at any instant, an execution is finished by the next process, and the world changes once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scenes import Scene, gate_with
from voicedr.ports.journal import Lease
from voicedr.program.execution import events as ev
from voicedr.program.execution.state import Execution
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
