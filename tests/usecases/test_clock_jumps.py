"""A machine's clock that is set by an hour in the middle changes nothing: no route is written twice, nobody waits."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scenes import Scene
from voicedr.ports.journal import Fenced
from voicedr.program.execution import events as ev
from voicedr.program.vocabulary import IE1, US1, Mode
from voicedr.testing.fake_provider import FakeProvider
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual
from voicedr.usecases.cut_over import cut_over

HOUR_S = 3600.0

PHASES: dict[str, type[ev.Event]] = {
    "asserting": ev.RunnerStarted,
    "moving": ev.Intended,
    "proving": ev.Answered,
    "gating": ev.Proved,
    "between cohorts": ev.GateSpoke,
}
"""The clock is set right after the third of these, or the first where there are fewer."""


class SetClock:
    """The machine's clock: its time of day can be set; its seconds only rise."""

    def __init__(self, clock: VirtualClock) -> None:
        self._clock = clock
        self.set_by_s = 0.0
        self.monotonic_s = clock.monotonic_s
        self.sleep = clock.sleep

    def now(self) -> datetime:
        """The time of day, as somebody set it."""
        return self._clock.now() + timedelta(seconds=self.set_by_s)


def run_set(scene: Scene, phase: type[ev.Event], by_s: float, *, back: bool = False) -> tuple[Any, float]:
    """A cutover during which the clock is set; the provider's clock is not."""
    seen: list[ev.Event] = []

    async def run(clock: VirtualClock) -> tuple[Any, float]:
        machine = SetClock(clock)

        def listen(event: ev.Event, _state: object) -> None:
            scene.events.append(event)
            if isinstance(event, phase):
                seen.append(event)
                if not machine.set_by_s and (len(seen) == 3 or phase in (ev.RunnerStarted, ev.GateSpoke)):
                    machine.set_by_s = by_s

        regions = (IE1, US1) if back else (IE1,)
        providers = {region: FakeProvider(scene.account, region, clock, latency_s=0.05) for region in regions}
        state = await cut_over(
            scene.execution, scene.journal, providers, None, machine, holder="me", listener=listen,
            stay_when_paused=False,
        )  # fmt: skip
        assert machine.set_by_s == by_s, "the clock was not set, so nothing was tested"
        return state, clock.monotonic_s()

    return run_virtual(run)


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S], ids=["forward", "back"])
@pytest.mark.parametrize("phase", PHASES)
def test_set_in_any_phase_it_ends_as_soon_and_moves_once(tmp_path: Path, phase: str, by_s: float) -> None:
    """As long as without it, to the second or two; one write per number; times in the journal never go back."""
    (tmp_path / "plain").mkdir()
    plain = Scene(tmp_path / "plain")
    plain.open()
    _, plain_s = run_set(plain, ev.RunnerStarted, 0.0)
    scene = Scene(tmp_path)
    scene.open()
    state, took_s = run_set(scene, PHASES[phase], by_s)
    assert state.finished is not None, state.paused
    assert state.finished.outcome == "done"
    assert set(scene.changes_per_number().values()) == {1}
    assert took_s == pytest.approx(plain_s, abs=2.0)
    times = [record.event.at for record in scene.journal.read(scene.execution)][3:]
    assert times == sorted(times)


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S], ids=["forward", "back"])
def test_set_while_it_rolls_back_it_ends_at_the_snapshot(tmp_path: Path, by_s: float) -> None:
    """The inverses are written once each, and compared."""
    scene = Scene(tmp_path, {"canary": 2, "rest": 6}, mode=Mode.GRACEFUL)
    scene.open()
    done: list[int] = []

    async def run(clock: VirtualClock) -> Any:
        machine = SetClock(clock)

        def listen(event: ev.Event, state: Any) -> None:
            if isinstance(event, ev.CohortStarted) and not done:
                scene.journal.command(scene.execution, "roll-back", "ana", "", clock.now())
            if isinstance(event, ev.RollbackOrdered):
                done.append(1)
                machine.set_by_s = by_s

        providers = {one: FakeProvider(scene.account, one, clock, latency_s=0.05) for one in (IE1, US1)}
        return await cut_over(
            scene.execution, scene.journal, providers, None, machine, holder="me", listener=listen,
            stay_when_paused=False,
        )  # fmt: skip

    state = run_virtual(run)
    assert done
    assert state.finished is not None, state.paused
    assert state.finished.outcome == "rolled-back"
    assert set(scene.routed().values()) == {US1}
    assert max(scene.changes_per_number().values()) <= 2


class Died(SystemExit):
    """The process ends here."""


@pytest.mark.parametrize(
    ("by_s", "after"),
    [
        *((HOUR_S, kind) for kind in (ev.Intended, ev.Answered, ev.TestCallPlaced, ev.Proved)),
        # By a clock that is an hour ahead of the provider's, no call in its log is young enough to prove anything.
        *((-HOUR_S, kind) for kind in (ev.Intended, ev.Answered, ev.TestCallPlaced)),
    ],
)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::RuntimeWarning")
def test_the_next_process_finds_another_time_of_day(tmp_path: Path, by_s: float, after: type[ev.Event]) -> None:
    """Killed, and the clock was set before somebody took over: it goes on at once, and by its own clock."""
    scene = Scene(tmp_path, propagation_s=0.0)
    scene.open()

    async def dies(clock: VirtualClock) -> Any:
        def listen(event: ev.Event, _state: object) -> None:
            if isinstance(event, after):
                raise Died

        providers = {IE1: FakeProvider(scene.account, IE1, clock, latency_s=0.05)}
        # Its clock is ahead by as much as it will have been set back, so that the provider's is the later one.
        machine = SetClock(clock)
        machine.set_by_s = -by_s
        return await cut_over(
            scene.execution, scene.journal, providers, None, machine, holder="first", listener=listen
        )  # fmt: skip

    with pytest.raises(Died):
        run_virtual(dies, start=START)

    async def goes_on(clock: VirtualClock) -> tuple[Any, float]:
        providers = {IE1: FakeProvider(scene.account, IE1, clock, latency_s=0.05)}
        state = await cut_over(
            scene.execution, scene.journal, providers, None, clock, holder="first", stay_when_paused=False
        )
        return state, clock.monotonic_s()

    state, took_s = run_virtual(goes_on, start=START + timedelta(seconds=20))
    assert state.finished is not None, state.paused
    assert set(scene.changes_per_number().values()) == {1}
    assert took_s < 60


@pytest.mark.parametrize("by_s", [HOUR_S, -HOUR_S], ids=["forward", "back"])
def test_a_lease_fences_whatever_the_clock_says(tmp_path: Path, by_s: float) -> None:
    """Once somebody has taken over, the one before cannot write, however its clock was set."""
    scene = Scene(tmp_path)
    scene.open()
    first = scene.journal.take(scene.execution, "first", START, 15.0)
    later = max(START, START + timedelta(seconds=by_s)) + timedelta(seconds=16)
    second = scene.journal.take(scene.execution, "second", later, 15.0)
    with pytest.raises(Fenced):
        scene.journal.append(first, [], START + timedelta(seconds=by_s), 15.0)
    scene.journal.append(second, [], later + timedelta(seconds=by_s), 15.0)
