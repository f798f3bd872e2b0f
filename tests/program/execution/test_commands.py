"""Each command has one meaning for each way an execution can stand, and the table is what obeys."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scenes import NOW, account_values, fake_account, flow_of, gate_with, number, snapshot_of
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import action_id
from voicedr.program.execution.commands import (
    TABLE,
    Name,
    Obeyed,
    Refused,
    Said,
    Standing,
    meaning,
    mode_note,
    standing,
)
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.execution.plan import plan_hash
from voicedr.program.execution.state import Execution, fold
from voicedr.program.vocabulary import IE1, Kind, Mode, Purpose

FLOW = flow_of({"canary": 1, "rest": 2}, gate=gate_with(on_go="ask"))
PLAN = make_plan(
    FLOW, account_values(), snapshot_of(fake_account(FLOW), FLOW), purpose=Purpose.FAILOVER, mode=Mode.GRACEFUL
)
FIRST = action_id(PLAN.actions[0])
OPENED = ev.Opened(at=NOW, execution="x1", plan=PLAN, plan_hash=plan_hash(PLAN), kind=Kind.REAL, by="ana")
RUNS: list[ev.Event] = [ev.RunnerStarted(at=NOW, holder="me", term=1), ev.CohortStarted(at=NOW, cohort="canary")]
MOVED: list[ev.Event] = [
    *RUNS,
    ev.Intended(at=NOW, action=FIRST, attempt=1),
    ev.Answered(at=NOW, action=FIRST, region=IE1, source="test"),
]
ASKED = [*MOVED, ev.DecisionAsked(at=NOW, cohort="canary", question="good?", roles=("lead",))]
PAUSED = ev.Paused(at=NOW, by="voicedr", why="look")
BACK = ev.RollbackAsked(at=NOW, by="ana", why="bad")
ORDERED = ev.RollbackOrdered(at=NOW, by="ana", why="bad", actions=())

HISTORIES: dict[Standing, list[ev.Event]] = {
    Standing.MOVING: RUNS,
    Standing.ASKING: ASKED,
    Standing.ROLLING_BACK: [*MOVED, BACK, ORDERED],
    Standing.PAUSED: [*MOVED, PAUSED],
    Standing.ROLLBACK_REFUSED: [*MOVED, BACK, ev.RollbackRefused(at=NOW, by="ana", why="cold", instead=())],
    Standing.ROLLBACK_PAUSED: [*MOVED, BACK, ORDERED, PAUSED],
    Standing.ROLLBACK_ASKED: [*MOVED, BACK],
    Standing.STOPPED: [*MOVED, ev.Stopped(at=NOW, by="ana", why="smoke")],
    Standing.ABORTED: [*MOVED, ev.Aborted(at=NOW, by="ana", why="enough")],
    Standing.DRIFTED: [RUNS[0], ev.DriftFound(at=NOW, differences=("moved",))],
    Standing.FINISHED: [*MOVED, ev.Finished(at=NOW, outcome="done")],
}
NOTES = {Name.SWITCH_MODE: mode_note(Mode.UNGRACEFUL, "us1 is dead")}


def stands(how: Standing) -> Execution:
    """An execution that stands so."""
    return fold([OPENED, *HISTORIES[how]])


def said(name: str, note: str | None = None, by: str = "ana") -> Said:
    """A command, a second later."""
    note = NOTES.get(name, "because") if note is None else note  # type: ignore[call-overload]
    return Said(name, by, note, 7, NOW + timedelta(seconds=1))


@pytest.mark.parametrize("how", Standing)
def test_an_execution_stands_as_its_history_says(how: Standing) -> None:
    """Each way to stand can be reached, and is told from the others."""
    assert standing(stands(how)) is how


@pytest.mark.parametrize("how", Standing)
@pytest.mark.parametrize("name", Name)
def test_each_cell_makes_events_that_can_follow_or_refuses_in_words(name: Name, how: Standing) -> None:
    """What is obeyed is applied without a broken history and carries its number; a refusal has a next step."""
    cell = TABLE[name][how]
    execution = stands(how)
    found = meaning(said(name), execution)
    if cell.does is None:
        assert isinstance(found, Refused)
        assert cell.words in found.why
        assert cell.instead, f"{name} while {how} says no next step"
        assert "{" not in found.why
        return
    if isinstance(found, Refused):
        assert name in (Name.SKIP, Name.GO, Name.NO_GO), found.why
        assert "voicedr status x1" in found.why
        return
    assert found.events
    for event in found.events:
        assert event.command == 7
        execution.apply(event)
    assert execution.obeyed == 7


def test_the_table_is_whole() -> None:
    """Every command, however the execution stands."""
    assert set(TABLE) == set(Name)
    assert all(set(row) == set(Standing) for row in TABLE.values())


@pytest.mark.parametrize(
    ("name", "how", "event"),
    [
        (Name.PAUSE, Standing.MOVING, ev.Paused),
        (Name.PAUSE, Standing.ROLLING_BACK, ev.Paused),
        (Name.PAUSE, Standing.STOPPED, None),
        (Name.RESUME, Standing.MOVING, None),
        (Name.RESUME, Standing.ASKING, None),
        (Name.RESUME, Standing.ROLLBACK_REFUSED, ev.Resumed),
        (Name.RESUME, Standing.STOPPED, ev.Resumed),
        (Name.ABORT, Standing.ROLLING_BACK, ev.Aborted),
        (Name.ABORT, Standing.ABORTED, None),
        (Name.STOP, Standing.ROLLING_BACK, ev.Stopped),
        (Name.STOP, Standing.STOPPED, None),
        (Name.GO, Standing.ASKING, ev.DecisionTaken),
        (Name.GO, Standing.MOVING, None),
        (Name.ROLL_BACK, Standing.STOPPED, ev.RollbackAsked),
        (Name.ROLL_BACK, Standing.ABORTED, None),
        (Name.ROLL_BACK, Standing.ROLLING_BACK, None),
        (Name.SWITCH_MODE, Standing.MOVING, ev.ModeSwitched),
        (Name.SWITCH_MODE, Standing.ROLLING_BACK, None),
    ],
)
def test_what_a_person_would_expect(name: Name, how: Standing, event: type[ev.Event] | None) -> None:
    """The cells that matter most, said again by hand."""
    found = meaning(said(name), stands(how))
    if event is None:
        assert isinstance(found, Refused)
    else:
        assert isinstance(found, Obeyed)
        assert isinstance(found.events[0], event)


def test_after_an_emergency_stop_going_on_needs_a_reason() -> None:
    """A resume without one is refused and says how; a rollback that was asked for meanwhile comes first afterwards."""
    execution = stands(Standing.STOPPED)
    no = meaning(said(Name.RESUME, " "), execution)
    assert isinstance(no, Refused)
    assert "--why REASON" in no.why
    for name in (Name.ROLL_BACK, Name.RESUME):
        found = meaning(said(name), execution)
        assert isinstance(found, Obeyed)
        for event in found.events:
            execution.apply(event)
    assert standing(execution) is Standing.ROLLBACK_ASKED


def test_skip_leaves_what_is_not_fit_and_takes_a_doubt_on() -> None:
    """An entry point without a handler stays where it is; the person who says so is recorded with what was doubted."""
    doubt = ev.Asserted(
        at=NOW, cohort="rest", when="before", checked=2, failed=(ev.Unfit(f"number {number(2)}", "has no handler"),)
    )
    execution = fold([OPENED, *MOVED, doubt, PAUSED])
    found = meaning(said(Name.SKIP, ""), execution)
    assert isinstance(found, Obeyed)
    skipped, waived = found.events
    assert isinstance(skipped, ev.Skipped)
    assert number(2) in skipped.action
    assert isinstance(waived, ev.Asserted)
    assert waived.waived_by == "ana"
    assert waived.failed == doubt.failed
    for event in found.events:
        execution.apply(event)
    assert execution.cohorts["rest"].doubted is None


@pytest.mark.parametrize(
    ("note", "words"),
    [
        ("sideways: x", "say the mode and why"),
        ("ungraceful:", "say the mode and why"),
        ("graceful as lead: x", "graceful already"),
    ],
)
def test_a_mode_is_said_whole_and_is_another_one(note: str, words: str) -> None:
    """A mode that is none, no reason, or the mode that it is in."""
    found = meaning(said(Name.SWITCH_MODE, note), stands(Standing.MOVING))
    assert isinstance(found, Refused)
    assert words in found.why


def test_back_to_graceful_needs_an_approving_role_and_a_look() -> None:
    """Anybody may shut the door; to open it takes somebody who may approve, and the Region's answer."""
    execution = stands(Standing.MOVING)
    execution.apply(ev.ModeSwitched(at=NOW, mode=Mode.UNGRACEFUL, by="ana", why="dead"))
    for role in ("", "caretaker"):
        assert isinstance(meaning(said(Name.SWITCH_MODE, mode_note(Mode.GRACEFUL, "back", role)), execution), Refused)
    found = meaning(said(Name.SWITCH_MODE, mode_note(Mode.GRACEFUL, "back", "lead")), execution)
    assert isinstance(found, Obeyed)
    assert found.look_first


def test_what_is_no_command_is_refused_with_those_there_are() -> None:
    """A typing error, or a command of another release."""
    found = meaning(said("explode"), stands(Standing.MOVING))
    assert isinstance(found, Refused)
    assert "switch-mode" in found.why
