"""A cutover that also steers an SBC: in its order, once, undone exactly, and never on a guess."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scenes import gate_with
from steered_scene import ACTIVE, ASHBURN, AT_HOME, AWAY, DISABLED, DUBLIN, RPC, SteeredScene, standing
from usecases.test_crashes import DyingJournal, Killed
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import SteerDispatcher, action_id
from voicedr.program.execution.plan_dispatchers import dispatcher_drift
from voicedr.program.execution.state import Execution, Stage
from voicedr.program.readiness.facts import Unobserved
from voicedr.program.scope.sbc import TargetState
from voicedr.program.vocabulary import IE1, US1, Mode
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual

# A process that dies tidies nothing up, and the interpreter remarks on it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::RuntimeWarning")

FORWARD = [(DUBLIN, ACTIVE), (ASHBURN, DISABLED)]
BACK = [(ASHBURN, ACTIVE), (DUBLIN, DISABLED)]


def run(scene: SteeredScene, *regions: Any, later_s: float = 0.0) -> Execution:
    """One process works on it until it ends or waits for people."""

    async def work(clock: VirtualClock) -> Execution:
        return await scene.run(clock, scene.providers(clock, *(regions or (IE1,))), holder=f"at {later_s}")  # type: ignore[arg-type]

    return run_virtual(work, start=START + timedelta(seconds=later_s))


def steered(state: Execution) -> list[Stage]:
    """The stages of the actions on the SBC."""
    return [one.stage for one in state.actions.values() if isinstance(one.action, SteerDispatcher)]


def test_one_is_put_into_service_before_the_other_is_taken_out(tmp_path: Path) -> None:
    """In the workbook's order, each read back, and the provider is asked nothing for it."""
    scene = SteeredScene(tmp_path, propagation_s=0.0)
    scene.open()
    state = run(scene)
    assert state.finished is not None
    assert state.finished.outcome == "done"
    assert scene.changed() == FORWARD
    answers = [one for one in scene.said(ev.Answered) if "steer" in one.action]  # type: ignore[attr-defined]
    assert [(one.region, one.state) for one in answers] == [(None, "active"), (None, "disabled")]  # type: ignore[attr-defined]
    assert set(scene.changes_per_number().values()) == {1}


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_dying_at_every_record_changes_the_world_once(tmp_path: Path, before: bool) -> None:
    """Wherever the process dies, the next one ends with every number and every target changed once."""
    n = 0
    while True:
        n += 1
        scene = SteeredScene(tmp_path / str(n), {"canary": 1}, propagation_s=0.0)
        scene.open()
        whole = scene.journal
        scene.journal = DyingJournal(whole, n, before=before)  # type: ignore[assignment]
        try:
            run(scene)
            died = False
        except Killed:
            died = True
        scene.journal = whole
        state = run(scene, later_s=3600)
        told = f"after dying {'before' if before else 'after'} append {n}"
        assert state.finished is not None, f"stuck {told}: {state.paused}"
        assert state.finished.outcome == "done", told
        assert scene.changed() == FORWARD, told
        assert scene.stands() == AWAY, told
        assert set(scene.changes_per_number().values()) == {1}, told
        scene.journal.close()
        if not died:
            break
    assert n > 12


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("n", [1, 2])
def test_dying_in_the_middle_of_a_change_is_looked_at_and_not_repeated(tmp_path: Path, when: str, n: int) -> None:
    """An intent without an answer is UNSETTLED: the list says whether it took effect."""
    scene = SteeredScene(tmp_path, {"canary": 1, "rest": 2}, propagation_s=0.0)
    scene.open()
    calls = 0

    def die() -> None:
        nonlocal calls
        calls += 1
        if calls == n:
            raise Killed

    setattr(scene.sbcs, f"{when}_change", die)
    with pytest.raises(Killed):
        run(scene)
    state = run(scene, later_s=3600)
    assert state.finished is not None
    assert state.finished.outcome == "done"
    assert scene.changed() == FORWARD
    looked = [one for one in scene.said(ev.Looked) if "steer" in one.action]  # type: ignore[attr-defined]
    assert [one.state for one in looked] == [  # type: ignore[attr-defined]
        FORWARD[n - 1][1].value if when == "after" else AT_HOME[FORWARD[n - 1][0]].value
    ]


@pytest.mark.parametrize("effect", [True, False], ids=["took effect", "did not"])
def test_a_lost_answer_is_settled_by_the_list(tmp_path: Path, effect: bool) -> None:
    """What took effect is not said again; what did not is."""
    scene = SteeredScene(tmp_path, {"canary": 1}, propagation_s=0.0)
    scene.open()
    if effect:
        scene.sbcs.lose_answer_after = 1
    else:
        scene.sbcs.lose_before = 1
    state = run(scene)
    assert state.finished is not None
    assert len(scene.said(ev.AnswerLost)) == 1
    assert scene.changed() == FORWARD


def bad_standby(folder: Path) -> SteeredScene:
    """A scene whose gate rolls back."""
    scene = SteeredScene(
        folder, {"canary": 1}, mode=Mode.GRACEFUL, gate=gate_with(on_no_go="roll-back"), propagation_s=0.0
    )
    scene.account.outcome = lambda call: "failed" if call.region == IE1 else "completed"
    scene.open()
    return scene


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
def test_a_rollback_puts_the_targets_back_wherever_it_dies(tmp_path: Path, before: bool) -> None:
    """The exact inverse, in the opposite order, each once, and proved by reading."""
    n = 0
    while True:
        n += 1
        scene = bad_standby(tmp_path / str(n))
        whole = scene.journal
        scene.journal = DyingJournal(whole, n, before=before)  # type: ignore[assignment]
        try:
            run(scene, IE1, US1)
            died = False
        except Killed:
            died = True
        scene.journal = whole
        state = run(scene, IE1, US1, later_s=3600)
        told = f"after dying {'before' if before else 'after'} append {n}"
        assert state.finished is not None, f"stuck {told}: {state.paused}"
        assert state.finished.outcome == "rolled-back", told
        assert scene.changed() == [*FORWARD, *BACK], told
        assert scene.stands() == AT_HOME, told
        assert state.compared is not None
        assert state.compared.differences == (), told
        assert state.compared.subjects == 3, told
        scene.journal.close()
        if not died:
            break
    assert n > 10


def test_a_dead_sbc_stops_only_its_own_actions_until_a_person_skips_them(tmp_path: Path) -> None:
    """The numbers move; the pause says what, where and the way on; skip with a reason leaves it."""
    scene = SteeredScene(tmp_path, {"canary": 2, "rest": 2}, propagation_s=0.0)
    scene.open()
    scene.sbcs.dead.add(RPC)
    state = run(scene)
    assert state.paused is not None
    assert "cannot be asked" in state.paused.why
    assert "Resume tries them again; skip leaves them" in state.paused.why
    assert set(scene.routed().values()) >= {IE1}
    for at_s, name in ((1, "skip"), (2, "resume")):
        scene.journal.command(scene.execution, name, "ana", "", START + timedelta(seconds=at_s))
    state = run(scene, later_s=600)
    # The second target relies on the first one, and is left with it.
    assert state.finished is not None
    assert state.finished.outcome == "done"
    assert steered(state) == [Stage.SKIPPED, Stage.SKIPPED]
    assert scene.changed() == []
    assert set(scene.routed().values()) == {IE1}


def test_what_somebody_else_steered_is_refused_and_not_undone(tmp_path: Path) -> None:
    """They wanted it so: the cutover does nothing to it, and its rollback leaves it to them."""
    scene = bad_standby(tmp_path)
    scene.stands()[ASHBURN] = DISABLED
    scene.stands()[DUBLIN] = ACTIVE
    state = run(scene, IE1, US1)
    assert state.paused is not None
    assert "is active, and was disabled when this was planned" in state.paused.why
    scene.journal.command(scene.execution, "roll-back", "ana", "look", START + timedelta(seconds=1))
    state = run(scene, IE1, US1, later_s=600)
    assert state.finished is not None, state.paused
    assert state.finished.outcome == "rolled-back"
    assert scene.changed() == []
    assert scene.stands() == AWAY


def test_what_a_ping_did_is_not_somebody_elses_steering(tmp_path: Path) -> None:
    """In the outage the primary's target fails its pings by itself; it is still taken out."""
    scene = SteeredScene(tmp_path, {"canary": 1}, propagation_s=0.0)
    scene.open()
    scene.stands()[ASHBURN] = TargetState.PROBING
    state = run(scene)
    assert state.finished is not None
    assert scene.changed() == FORWARD


def test_a_state_that_nobody_can_read_is_never_taken_for_done(tmp_path: Path) -> None:
    """An SBC that dies with an answer under way is asked again and again, then a person is; nothing is repeated."""
    scene = SteeredScene(tmp_path, {"canary": 1}, propagation_s=0.0)
    plan = scene.open()
    scene.sbcs.lose_answer_after = 1
    scene.sbcs.after_change = lambda: scene.sbcs.dead.add(RPC)
    state = run(scene)
    assert state.paused is not None
    assert "could not be settled by looking" in state.paused.why
    first = next(action_id(one) for one in plan.actions if isinstance(one, SteerDispatcher))
    assert state.actions[first].stage is Stage.UNSETTLED
    assert scene.changed() == FORWARD[:1]


def test_a_target_that_moved_before_the_first_act_is_drift(tmp_path: Path) -> None:
    """With old facts the world is looked at first, and nothing is changed; a dead SBC is left to its own action."""
    plan = SteeredScene(tmp_path).plan()
    assert dispatcher_drift(plan, {RPC: standing()}) == ()
    assert dispatcher_drift(plan, {RPC: Unobserved("nobody answers")}) == ()
    assert dispatcher_drift(plan, {RPC: standing(ashburn=TargetState.PROBING)}) == ()
    (told,) = dispatcher_drift(plan, {RPC: standing(ashburn=DISABLED)})
    assert told == f"{ASHBURN} on sbc-1 is disabled; the plan was made for active"
