"""After an emergency stop nothing is sent, whoever has the execution, until a person goes on with a reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scenes import Scene
from usecases.test_cut_over import together
from voicedr.program.execution import events as ev
from voicedr.program.execution.commands import Name
from voicedr.program.vocabulary import IE1, US1, Region
from voicedr.testing.fake_account import FakeAccount
from voicedr.testing.fake_provider import FakeProvider, Fault
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual
from voicedr.usecases.cut_over import OBEY_S
from voicedr.usecases.guard import STOP_LOOK_S


class Timed(FakeProvider):
    """Remembers when each request that changes something was handed over."""

    def __init__(self, account: FakeAccount, region: Region, clock: VirtualClock, *, latency_s: float = 0.0) -> None:
        super().__init__(account, region, clock, latency_s=latency_s)
        self.sent: list[datetime] = []
        self.clock = clock

    async def set_route(self, subject: Any, region: Region) -> Any:
        """See ``FakeProvider``."""
        self.sent.append(self.clock.now())
        return await super().set_route(subject, region)

    async def place_call(self, *, from_: str, to: str, twiml: str) -> str:
        """See ``FakeProvider``."""
        self.sent.append(self.clock.now())
        return await super().place_call(from_=from_, to=to, twiml=twiml)


def stop_at(scene: Scene, at: datetime) -> None:
    """Say it."""
    scene.journal.command(scene.execution, Name.STOP.value, "ana", "smoke in the room", at)


@pytest.mark.parametrize("after_s", [0.75, 0.9, 1.13, 2.6, 6.0, 9.7])
def test_nothing_is_sent_after_the_stop_is_durable_and_one_look(tmp_path: Path, after_s: float) -> None:
    """While routes are written or test calls placed: the last request leaves within the documented figure."""
    scene = Scene(tmp_path, {"canary": 2, "rest": 700})
    scene.open()

    async def run(clock: VirtualClock) -> tuple[Any, datetime]:
        provider = Timed(scene.account, IE1, clock, latency_s=0.4)
        told_at = START

        async def person() -> None:
            nonlocal told_at
            await clock.sleep(after_s)
            stop_at(scene, clock.now())
            told_at = clock.now()

        state = await together(scene.run(clock, {IE1: provider}), person())
        late = [at for at in provider.sent if at > told_at + timedelta(seconds=STOP_LOOK_S)]
        assert not late, f"{len(late)} requests, the last {(late[-1] - told_at).total_seconds():.3f} s after the stop"
        assert [at for at in provider.sent if at <= told_at], "nothing was under way, so nothing was tested"
        return state, told_at

    state, told_at = run_virtual(run)
    assert state.stopped is not None
    assert state.finished is None
    assert not any(one.stage.value == "in flight" for one in state.actions.values())
    (stopped,) = scene.said(ev.Stopped)
    assert stopped.at <= told_at + timedelta(seconds=2 * OBEY_S)


def test_what_is_in_flight_is_finished_and_settled_by_looking(tmp_path: Path) -> None:
    """An answer that is lost while it is stopped is looked for; nothing else is done."""
    scene = Scene(tmp_path, {"canary": 1, "rest": 30}, propagation_s=0.0)
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        provider = Timed(scene.account, IE1, clock, latency_s=2.0)
        provider.fail("set_route", Fault.ANSWER_LOST_AFTER)

        async def person() -> None:
            while not provider.sent:
                await clock.sleep(0.01)
            stop_at(scene, clock.now())

        return await together(scene.run(clock, {IE1: provider}), person())

    state = run_virtual(run)
    assert state.stopped is not None
    assert scene.said(ev.AnswerLost)
    assert scene.said(ev.Looked)
    assert not state.unsettled()
    assert sum(scene.changes_per_number().values()) == 1


def test_a_stop_is_obeyed_by_the_next_process_before_its_first_act(tmp_path: Path) -> None:
    """Said while nobody runs it: whoever takes it up, however often, sends nothing."""
    scene = Scene(tmp_path)
    scene.open()
    stop_at(scene, START)
    for hour in (0, 1, 2):
        state = run_virtual(scene.run, start=START + timedelta(hours=hour))
        assert state.stopped is not None
    assert not scene.account.writes
    assert not scene.said(ev.Intended)
    assert len(scene.said(ev.Stopped)) == 1


def test_it_goes_on_only_when_a_person_says_why(tmp_path: Path) -> None:
    """A resume without a reason is recorded as refused; with one everything is finished, each number moved once."""
    scene = Scene(tmp_path)
    scene.open()
    stop_at(scene, START)

    async def run(clock: VirtualClock) -> Any:
        for why in ("", "the smoke was the kettle"):
            assert not scene.account.writes
            scene.journal.command(scene.execution, "resume", "ana", why, clock.now())
            state = await scene.run(clock)
        return state

    state = run_virtual(run)
    (refused,) = scene.said(ev.CommandRefused)
    assert refused.name == "resume"
    assert "needs a reason" in refused.why
    (resumed,) = scene.said(ev.Resumed)
    assert resumed.why == "the smoke was the kettle"
    assert state.finished is not None
    assert state.finished.outcome == "done"
    assert set(scene.changes_per_number().values()) == {1}


def test_a_rollback_that_is_asked_for_while_stopped_comes_first(tmp_path: Path) -> None:
    """Nothing is moved out any more: resuming moves back what was moved."""
    scene = Scene(tmp_path, {"canary": 2, "rest": 200})
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        providers = scene.providers(clock, IE1, US1)

        async def person() -> None:
            while sum(scene.changes_per_number().values()) < 40:
                await clock.sleep(0.05)
            stop_at(scene, clock.now())
            await clock.sleep(30)
            moved = sum(scene.changes_per_number().values())
            note = "go home (primary-is-back)"
            scene.journal.command(scene.execution, "roll-back", "ana", note, clock.now())
            await clock.sleep(30)
            assert sum(scene.changes_per_number().values()) == moved
            scene.journal.command(scene.execution, "resume", "ana", "go home", clock.now())

        return await together(scene.run(clock, providers, stay=True), person())

    state = run_virtual(run, limit_s=3600)
    assert state.finished is not None
    assert state.finished.outcome == "rolled-back"
    assert set(scene.routed().values()) == {US1}
    assert state.compared is not None
    assert not state.compared.differences
