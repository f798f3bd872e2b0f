"""In flight, the Region that is left can be shut out by anybody, and let in again only by an approver if it lives."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scenes import Scene
from usecases.test_cut_over import together
from voicedr.program.execution import events as ev
from voicedr.program.execution.commands import LEFT_IS_BACK, Name, mode_note
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import IE1, US1, Mode
from voicedr.testing.fake_provider import FakeProvider, Fault
from voicedr.testing.virtual_time import VirtualClock, run_virtual

SIZES = {"canary": 2, "rest": 8}


def played(
    scene: Scene, *said: tuple[float, Name, str], us1: Callable[[FakeProvider], None] = lambda _us1: None
) -> Any:
    """Run with both Regions at hand while these commands are said, each so many seconds after the one before."""

    async def run(clock: VirtualClock) -> Any:
        providers = scene.providers(clock, IE1, US1)
        us1(providers[US1])

        async def person() -> None:
            for after_s, name, note in said:
                await clock.sleep(after_s)
                scene.journal.command(scene.execution, name.value, "ana", note, clock.now())

        return await together(scene.run(clock, providers, stay=True), person())

    return run_virtual(run, limit_s=7200)


def asked_us1(scene: Scene) -> int:
    """Requests to the Region that is left."""
    return sum(times for (region, _), times in scene.account.asked.items() if region == US1)


UNGRACEFUL = (2.0, Name.SWITCH_MODE, mode_note(Mode.UNGRACEFUL, "us1 stopped answering"))
ABORT = (30.0, Name.ABORT, "")


def test_from_now_on_the_region_that_is_left_is_not_asked(tmp_path: Path) -> None:
    """A rollback needs it and is refused by construction; the event says who, why, and what cannot be done any more."""
    scene = Scene(tmp_path, SIZES, mode=Mode.GRACEFUL, propagation_s=20.0)
    scene.open()
    state = played(scene, UNGRACEFUL, (2.0, Name.ROLL_BACK, "the menu is wrong"), ABORT)
    assert state.mode is Mode.UNGRACEFUL
    assert asked_us1(scene) == 0
    assert state.rollback is None
    assert state.rollback_refused is not None
    assert "counts as dead" in state.rollback_refused.why
    (switched,) = scene.said(ev.ModeSwitched)
    assert (switched.by, switched.why) == ("ana", "us1 stopped answering")
    assert "a rollback" in switched.refuses[0]
    assert state.finished.requests_to_left_region == 0


def test_the_report_says_so(tmp_path: Path) -> None:
    """The story has the mode as it was in the end, and the sentence of the change."""
    scene = Scene(tmp_path, SIZES, mode=Mode.GRACEFUL)
    scene.open()
    state = played(scene, UNGRACEFUL)
    assert state.finished.outcome == "done"
    story = tell([record.event for record in scene.journal.read(scene.execution)])
    assert story.mode == Mode.UNGRACEFUL
    assert any("ungraceful from now on, by ana: us1 stopped answering" in sentence for sentence in story.summary)
    assert any(line.event == "MODE_SWITCHED" and line.notable for line in story.timeline)


def test_the_other_process_keeps_it_out_too(tmp_path: Path) -> None:
    """A process that takes over later knows the mode from the journal, not from the plan."""
    scene = Scene(tmp_path, SIZES, mode=Mode.GRACEFUL)
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        for name, note in (("pause", ""), UNGRACEFUL[1:]):
            scene.journal.command(scene.execution, str(name), "ana", note, clock.now())
        await scene.run(clock, scene.providers(clock, IE1, US1))
        scene.journal.command(scene.execution, "roll-back", "ben", "", clock.now())
        return await scene.run(clock, scene.providers(clock, IE1, US1), holder="another")

    state = run_virtual(run)
    assert state.rollback_refused is not None
    assert asked_us1(scene) == 0


@pytest.mark.parametrize(
    ("note", "dead", "words"),
    [
        (mode_note(Mode.GRACEFUL, "it is back"), False, "approving role"),
        (mode_note(Mode.GRACEFUL, "it is back", "caretaker"), False, "approving role"),
        (mode_note(Mode.GRACEFUL, "it is back", "lead"), True, "was not seen alive"),
    ],
    ids=["nobody", "caretaker", "dead"],
)
def test_it_is_let_in_only_by_an_approver_and_if_it_answers(tmp_path: Path, note: str, dead: bool, words: str) -> None:
    """The refusal is recorded with its reason, and the Region is still not asked afterwards."""
    scene = Scene(tmp_path, SIZES, propagation_s=20.0)
    scene.open()

    def break_it(us1: FakeProvider) -> None:
        if dead:
            us1.fail("*", Fault.UNREACHABLE)

    back = (2.0, Name.ROLL_BACK, "home")
    state = played(scene, (2.0, Name.SWITCH_MODE, note), back, ABORT, us1=break_it)
    assert state.mode is Mode.UNGRACEFUL
    (refused, *_) = scene.said(ev.CommandRefused)
    assert words in refused.why
    assert state.rollback_refused is not None
    assert asked_us1(scene) == (1 if dead else 0)
    assert state.finished.requests_to_left_region == 0


def test_once_it_was_seen_alive_everything_can_go_back(tmp_path: Path) -> None:
    """An approver lets it in, its key is answered, and the rollback is done and proved."""
    scene = Scene(tmp_path, SIZES, propagation_s=20.0)
    scene.open()
    let_in = (3.0, Name.SWITCH_MODE, mode_note(Mode.GRACEFUL, "its status page is green", "lead"))
    state = played(scene, let_in, (2.0, Name.ROLL_BACK, "home"))
    (switched,) = scene.said(ev.ModeSwitched)
    assert switched.role == "lead"
    assert "us1 answered to its key" in switched.seen
    assert state.finished.outcome == "rolled-back"
    assert set(scene.routed().values()) == {US1}


def test_a_person_can_still_say_that_it_is_back_for_one_rollback(tmp_path: Path) -> None:
    """As in a plan that was ungraceful from the beginning."""
    scene = Scene(tmp_path, SIZES, mode=Mode.GRACEFUL, propagation_s=20.0)
    scene.open()
    state = played(scene, UNGRACEFUL, (2.0, Name.ROLL_BACK, f"home ({LEFT_IS_BACK})"))
    assert state.finished.outcome == "rolled-back"
    assert set(scene.routed().values()) == {US1}
