"""How an execution stands follows from its journal, and nothing that cannot follow is accepted."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scenes import NOW, account_values, fake_account, flow_of, number, snapshot_of
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import SetRoute, SwitchContext, action_id, inverse
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.execution.plan import plan_hash
from voicedr.program.execution.stages import ROWS
from voicedr.program.execution.state import BrokenHistory, Execution, Stage, fold
from voicedr.program.readiness.resources import Routable
from voicedr.program.vocabulary import AU1, E164, IE1, US1, Kind, Mode, Purpose, Region

FLOW = flow_of({"canary": 1, "rest": 2})
PLAN = make_plan(
    FLOW, account_values(), snapshot_of(fake_account(FLOW), FLOW), purpose=Purpose.FAILOVER, mode=Mode.GRACEFUL
)
A = action_id(PLAN.actions[0])
OPENED = ev.Opened(at=NOW, execution="x", plan=PLAN, plan_hash=plan_hash(PLAN), kind=Kind.REAL, by="ana")


def intended() -> ev.Intended:
    return ev.Intended(at=NOW, action=A, attempt=1)


def answered(region: Region = IE1) -> ev.Answered:
    return ev.Answered(at=NOW, action=A, region=region, source="test")


def lost() -> ev.AnswerLost:
    return ev.AnswerLost(at=NOW, action=A, why="no answer")


def looked(region: Region | None) -> ev.Looked:
    return ev.Looked(at=NOW, action=A, region=region, source="test")


def not_done(*, final: bool) -> ev.NotDone:
    return ev.NotDone(at=NOW, action=A, why="refused", final=final)


def resumed() -> ev.Resumed:
    return ev.Resumed(at=NOW, by="ana")


def skipped() -> ev.Skipped:
    return ev.Skipped(at=NOW, action=A, by="ana", why="")


def runner() -> ev.RunnerStarted:
    return ev.RunnerStarted(at=NOW, holder="me", term=2)


@pytest.mark.parametrize(
    ("events", "stage"),
    [
        ([], Stage.PENDING),
        ([intended()], Stage.IN_FLIGHT),
        ([intended(), answered()], Stage.DONE),
        ([intended(), answered(AU1)], Stage.UNSETTLED),
        ([intended(), lost()], Stage.UNSETTLED),
        ([intended(), runner()], Stage.UNSETTLED),
        ([intended(), lost(), looked(IE1)], Stage.DONE),
        ([intended(), lost(), looked(US1)], Stage.PENDING),
        ([intended(), lost(), looked(None)], Stage.PENDING),
        ([intended(), not_done(final=False)], Stage.PENDING),
        ([intended(), not_done(final=True)], Stage.REFUSED),
        ([intended(), not_done(final=True), resumed()], Stage.PENDING),
        ([intended(), not_done(final=True), skipped()], Stage.SKIPPED),
        ([skipped()], Stage.SKIPPED),
        ([intended(), lost(), skipped()], Stage.SKIPPED),
        ([intended(), answered(), runner()], Stage.DONE),
    ],
)
def test_an_action_stands_as_the_table_says(events: list[ev.Event], stage: Stage) -> None:
    """Each row of the table in the module's head."""
    assert fold([OPENED, *events]).actions[A].stage is stage


def test_every_row_of_the_table_is_walked() -> None:
    """Each row can be reached from PENDING by others, and gives what it says; the first row that fits decides."""
    ways: dict[Stage, list[ev.Event]] = {Stage.PENDING: []}
    samples: dict[tuple[type[ev.Event], str], ev.Event] = {
        (ev.Intended, ""): intended(),
        (ev.Answered, "as wanted"): answered(),
        (ev.Answered, "otherwise"): answered(AU1),
        (ev.AnswerLost, ""): lost(),
        (ev.NotDone, "final"): not_done(final=True),
        (ev.NotDone, "otherwise"): not_done(final=False),
        (ev.RunnerStarted, ""): runner(),
        (ev.Looked, "as wanted"): looked(IE1),
        (ev.Looked, "otherwise"): looked(US1),
        (ev.Resumed, ""): resumed(),
        (ev.Skipped, ""): skipped(),
    }
    for row in (*ROWS, *ROWS):
        if row.stage in ways:
            ways.setdefault(row.becomes, [*ways[row.stage], samples[row.event, row.when]])
    assert set(ways) == set(Stage)
    for row in ROWS:
        events = [*ways[row.stage], samples[row.event, row.when]]
        assert fold([OPENED, *events]).actions[A].stage is row.becomes, row


@pytest.mark.parametrize(
    "events",
    [
        [answered()],
        [lost()],
        [looked(IE1)],
        [intended(), intended()],
        [intended(), looked(IE1)],
        [intended(), answered(), answered()],
        [intended(), answered(), skipped()],
        [intended(), lost(), intended()],
        [intended(), not_done(final=True), intended()],
        [ev.Intended(at=NOW, action="route number +19999999999 -> ie1", attempt=1)],
        [OPENED],
    ],
)
def test_what_cannot_follow_is_refused(events: list[ev.Event]) -> None:
    """An unsettled action is not sent again, a done one not done again, and no action comes from nowhere."""
    with pytest.raises(BrokenHistory):
        fold([OPENED, *events])


def test_a_journal_begins_with_opened() -> None:
    """Anything else is no journal of ours."""
    with pytest.raises(BrokenHistory, match="OPENED"):
        fold([runner()])
    with pytest.raises(BrokenHistory):
        fold([])


def test_a_rollback_undoes_what_took_effect_or_may_have_and_nothing_else() -> None:
    """Done and unsettled actions are undone, last first; those never sent are left alone."""
    second = action_id(PLAN.actions[1])
    state = fold([OPENED, intended(), answered(), ev.Intended(at=NOW, action=second, attempt=1)])
    assert [action_id(action) for action in state.done_actions()] == [A, second]


def test_what_was_skipped_while_nobody_knew_is_undone_too() -> None:
    """It may have taken effect; what was never sent has not."""
    assert [action_id(action) for action in fold([OPENED, intended(), lost(), skipped()]).done_actions()] == [A]
    assert fold([OPENED, skipped()]).done_actions() == []


def test_resuming_judges_afresh_what_had_not_passed() -> None:
    """The calls that led to the pause do not count again; a cohort that had passed keeps its go."""
    events: list[ev.Event] = [
        ev.CohortStarted(at=NOW, cohort="canary"),
        ev.CallJudged(
            at=NOW, cohort="canary", call_sid="CA1", number=E164(number(0)), good=False, synthetic=True, why="busy"
        ),
        ev.Paused(at=NOW, by="voicedr", why="no-go"),
        ev.Resumed(at=NOW + timedelta(seconds=9), by="ana"),
    ]
    cohort = fold([OPENED, *events]).cohorts["canary"]
    assert not cohort.judged
    assert cohort.gate_since == NOW + timedelta(seconds=9)


def test_the_inverse_of_the_inverse_is_the_action() -> None:
    """Undoing an undo is doing; a route that was never set comes back as an explicit us1, which means the same."""
    subject = Routable("number", "+14155550100")
    for action in (SetRoute(subject, US1, IE1), SwitchContext("app", US1, IE1)):
        assert inverse(inverse(action)) == action
    assert inverse(SetRoute(subject, US1, IE1, was_explicit=False)) == SetRoute(subject, IE1, US1)


def test_the_same_events_give_the_same_state() -> None:
    """Folding is a function: equal journals stand equally."""
    events = [OPENED, runner(), ev.CohortStarted(at=NOW, cohort="canary"), intended(), answered()]
    assert summary(fold(events)) == summary(fold(list(events)))


def summary(state: Execution) -> dict[str, str]:
    """How every action stands."""
    return {name: action.stage.value for name, action in state.actions.items()}
