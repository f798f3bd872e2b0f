"""An approved plan is carried out to its end, or to a clear halt, whatever breaks on the way."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scenes import NOW, Scene, account_values, gate_with, number, snapshot_of
from voicedr.ports.context import ActiveRegion
from voicedr.ports.journal import Fenced, Held
from voicedr.program.execution import events as ev
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.execution.plan import plan_hash
from voicedr.program.readiness.resources import Alert
from voicedr.program.scope.workbook import ApplicationContext
from voicedr.program.vocabulary import IE1, US1, Kind, Mode, Purpose, Region, Verdict
from voicedr.testing.fake_provider import Fault
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.usecases.cut_over import NotApproved, cut_over, open_execution


def test_all_cohorts_move_in_order_each_after_the_gate_of_the_one_before(tmp_path: Path) -> None:
    """Every number ends in the standby, moved once, and no cohort starts before the gate before it said go."""
    scene = Scene(tmp_path, {"canary": 2, "low": 5, "rest": 13})
    scene.open()
    state = run_virtual(scene.run)
    assert state.finished is not None
    assert state.finished.outcome == "done"
    assert set(scene.routed().values()) == {IE1}
    assert set(scene.changes_per_number().values()) == {1}
    order = [event for event in scene.events if isinstance(event, ev.CohortStarted | ev.GateSpoke)]
    for before, after in pairwise(order):
        if isinstance(after, ev.CohortStarted):
            assert isinstance(before, ev.GateSpoke)
            assert before.verdict is Verdict.GO
    assert {event.number for event in scene.said(ev.Proved)} == set(scene.flow.numbers)


def test_in_ungraceful_mode_the_failed_region_is_asked_nothing(tmp_path: Path) -> None:
    """Not one request goes to us1: there is no provider for it to ask."""
    scene = Scene(tmp_path)
    scene.open()
    run_virtual(scene.run)
    assert not [key for key in scene.account.asked if key[0] == US1]


def test_an_unapproved_plan_is_refused(tmp_path: Path) -> None:
    """One person twice is not two people, and an approval of another plan is none."""
    scene = Scene(tmp_path)
    plan = scene.plan()
    for _ in range(2):
        scene.journal.approve(ev.Approved(at=NOW, person="ana", role="lead", plan_hash=plan_hash(plan)))
    scene.journal.approve(ev.Approved(at=NOW, person="ben", role="director", plan_hash="0" * 64))
    scene.journal.approve(ev.Approved(at=NOW, person="eve", role="caretaker", plan_hash=plan_hash(plan)))
    with pytest.raises(NotApproved, match="1 more of 2 people"):
        open_execution(scene.journal, plan, execution="x1", kind=Kind.REAL, by="ana", now=NOW)
    assert not scene.journal.executions()


def test_a_second_execution_of_the_same_flow_is_refused(tmp_path: Path) -> None:
    """One run per flow: the message names the one that is open."""
    scene = Scene(tmp_path)
    plan = scene.open()
    with pytest.raises(Held, match="x1"):
        open_execution(scene.journal, plan, execution="x2", kind=Kind.REAL, by="ana", now=NOW)


@pytest.mark.parametrize("fault", [Fault.ANSWER_LOST_BEFORE, Fault.ANSWER_LOST_AFTER])
def test_a_lost_answer_is_settled_by_looking(tmp_path: Path, fault: Fault) -> None:
    """The route is read before anything is said again; a write that took effect is not repeated."""
    scene = Scene(tmp_path)
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        providers = scene.providers(clock)
        providers[IE1].fail("set_route", fault, on={1, 3, 4})
        return await scene.run(clock, providers)

    state = run_virtual(run)
    assert state.finished is not None
    assert len(scene.said(ev.AnswerLost)) == 3
    assert len(scene.said(ev.Looked)) == 3
    assert set(scene.changes_per_number().values()) == {1}
    assert set(scene.routed().values()) == {IE1}


def test_a_refusal_pauses_and_resume_tries_again(tmp_path: Path) -> None:
    """What the provider refuses needs a person: nothing goes on until somebody resumes."""
    scene = Scene(tmp_path)
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        providers = scene.providers(clock)
        providers[IE1].fail("set_route", Fault.REFUSED, about=number(1))
        paused = await scene.run(clock, providers)
        assert paused.paused is not None
        assert number(1) in paused.paused.why
        assert paused.cohorts["rest"].started_at is None
        providers[IE1].heal()
        scene.journal.command(scene.execution, "resume", "ana", "", clock.now())
        return await scene.run(clock, providers)

    state = run_virtual(run)
    assert state.finished is not None
    assert state.finished.outcome == "done"


def test_a_standby_that_answers_errors_is_stopped_at_the_canary(tmp_path: Path) -> None:
    """Calls that complete but log errors are bad; the gate says no-go after a few, and the rest never moves."""
    scene = Scene(tmp_path)
    scene.open()
    bad_standby(scene)
    state = run_virtual(scene.run)
    assert state.paused is not None
    assert "no-go" in state.paused.why
    assert state.cohorts["rest"].started_at is None
    assert len(state.cohorts["canary"].judged) <= 4
    assert scene.routed() == {number(n): (IE1 if n < 2 else US1) for n in range(8)}


def test_a_graceful_no_go_rolls_back_to_the_snapshot_and_proves_it(tmp_path: Path) -> None:
    """The canary goes back where it was, every subject is read again, and nothing differs."""
    scene = Scene(tmp_path, mode=Mode.GRACEFUL, gate=gate_with(on_no_go="roll-back"))
    scene.open()
    bad_standby(scene)

    async def run(clock: VirtualClock) -> Any:
        return await scene.run(clock, scene.providers(clock, IE1, US1))

    state = run_virtual(run)
    assert state.finished is not None
    assert state.finished.outcome == "rolled-back"
    assert state.compared is not None
    assert state.compared.subjects == 8
    assert not state.compared.differences
    assert set(scene.routed().values()) == {US1}


@pytest.mark.parametrize("how", ["ungraceful", "dead", "cold"])
def test_nothing_is_moved_back_into_a_dead_or_cold_region(tmp_path: Path, how: str) -> None:
    """The refusal says why and what else can be done, and nothing was changed."""
    mode = Mode.UNGRACEFUL if how == "ungraceful" else Mode.GRACEFUL
    scene = Scene(tmp_path, mode=mode, gate=gate_with(on_no_go="roll-back"))
    scene.open()
    bad_standby(scene)

    async def run(clock: VirtualClock) -> Any:
        providers = scene.providers(clock, IE1, US1)
        if how == "dead":
            providers[US1].fail("*", Fault.UNREACHABLE)
        if how == "cold":
            scene.account.configure(US1, number(0))
        return await scene.run(clock, providers)

    state = run_virtual(run)
    assert state.rollback_refused is not None
    assert len(state.rollback_refused.instead) == 3
    assert state.rollback is None
    assert state.paused is not None
    assert scene.routed()[number(0)] == IE1


def test_a_number_whose_route_is_stuck_pauses_with_its_name(tmp_path: Path) -> None:
    """No call proves it within propagation and a minute: unknown never passes, and the others wait."""
    scene = Scene(tmp_path, propagation_s=1e6)
    scene.open()
    state = run_virtual(scene.run)
    assert state.paused is not None
    assert "2 of 2 numbers of canary are not proved" in state.paused.why
    assert number(0) in state.paused.why


def test_a_gate_that_cannot_see_holds(tmp_path: Path) -> None:
    """Not being able to read the call log is neither good nor bad; nothing is proved and nothing goes on."""
    scene = Scene(tmp_path)
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        providers = scene.providers(clock)
        providers[IE1].fail("alerts", Fault.UNREACHABLE)
        return await scene.run(clock, providers)

    state = run_virtual(run)
    assert state.paused is not None
    assert not state.cohorts["canary"].judged
    assert scene.said(ev.GateBlind)
    assert state.cohorts["rest"].started_at is None


def test_people_are_asked_and_silence_means_hold(tmp_path: Path) -> None:
    """With on_go: ask the next cohort starts when somebody says go, and not before."""
    scene = Scene(tmp_path, gate=gate_with(on_go="ask"))
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        async def people() -> None:
            await clock.sleep(600)
            assert set(scene.routed().values()) == {US1, IE1}
            scene.journal.command(scene.execution, "go", "ana", "heard the menu myself", clock.now())
            await clock.sleep(600)
            scene.journal.command(scene.execution, "go", "ana", "", clock.now())

        return await together(scene.run(clock, stay=True), people())

    state = run_virtual(run)
    assert state.finished is not None
    decisions = scene.said(ev.DecisionTaken)
    assert [decision.by for decision in decisions] == ["ana", "ana"]


def test_a_question_gives_control_back_where_nobody_stays(tmp_path: Path) -> None:
    """A script is not held for ever by a question: it stops, and goes on when the answer is there."""
    scene = Scene(tmp_path, gate=gate_with(on_go="ask"))
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        waiting = await scene.run(clock)
        assert waiting.finished is None
        assert waiting.asks_people
        for _ in range(2):
            scene.journal.command(scene.execution, "go", "ana", "", clock.now())
            state = await scene.run(clock)
        return state

    assert run_virtual(run).finished is not None


class DeadInstance:
    """A context whose document can be switched, and one of whose instances died with its Region."""

    def __init__(self) -> None:
        self.now = ActiveRegion(US1, 1)

    async def active(self) -> ActiveRegion:
        """What the document says."""
        return self.now

    async def switch(self, to: Region) -> ActiveRegion:
        """Write it."""
        self.now = ActiveRegion(to, self.now.epoch + 1)
        return self.now

    async def unconfirmed(self, region: Region) -> list[str]:
        """It will never say so."""
        return ["http://127.0.0.1:9001/health: connect-refused"]


def test_an_instance_that_died_with_its_region_pauses_with_its_name_and_can_be_left(tmp_path: Path) -> None:
    """It is not waited for without end: the pause names it, a script gets control back, and skip goes on."""
    scene = Scene(tmp_path)
    cohorts = (scene.flow.cohorts[0], msgspec.structs.replace(scene.flow.cohorts[1], switch_context=True))
    scene.flow = msgspec.structs.replace(scene.flow, cohorts=cohorts, application=ApplicationContext("app", "file:/x"))
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        context = DeadInstance()

        async def once() -> Any:
            providers = scene.providers(clock)
            return await cut_over(
                scene.execution, scene.journal, providers, context, clock, holder="me", stay_when_paused=False
            )

        paused = await once()
        assert paused.paused is not None
        assert "127.0.0.1:9001" in paused.paused.why
        assert clock.monotonic_s() < 600
        scene.journal.command(scene.execution, "skip", "ana", "", clock.now())
        scene.journal.command(scene.execution, "resume", "ana", "", clock.now())
        return await once()

    state = run_virtual(run, limit_s=7200)
    assert state.finished is not None, state.paused
    assert state.finished.outcome == "done"
    assert len(scene.said(ev.Skipped)) == 1


def test_pause_resume_and_abort_are_obeyed_from_elsewhere(tmp_path: Path) -> None:
    """Commands go through the journal; abort leaves what is moved where it is, and ends."""
    scene = Scene(tmp_path, {"canary": 2, "rest": 400})
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        async def person() -> None:
            while sum(region == IE1 for region in scene.routed().values()) < 60:
                await clock.sleep(0.02)
            scene.journal.command(scene.execution, "pause", "ana", "look first", clock.now())
            await clock.sleep(8)
            moved = sum(region == IE1 for region in scene.routed().values())
            await clock.sleep(60)
            assert sum(region == IE1 for region in scene.routed().values()) == moved < 402
            scene.journal.command(scene.execution, "resume", "ana", "", clock.now())
            await clock.sleep(0.5)
            scene.journal.command(scene.execution, "abort", "ana", "enough", clock.now())

        providers = scene.providers(clock)
        providers[IE1].latency_s = 1.0
        return await together(scene.run(clock, providers, stay=True), person())

    state = run_virtual(run, limit_s=3600)
    assert state.finished is not None
    assert state.finished.outcome == "aborted"
    assert {"pause", "resume"} <= {"pause" if scene.said(ev.Paused) else "", "resume" if scene.said(ev.Resumed) else ""}


def test_a_writer_whose_term_is_over_stops_at_its_next_write(tmp_path: Path) -> None:
    """A process that was taken over from sends nothing after it found out, and says who took over."""
    scene = Scene(tmp_path, {"canary": 2, "rest": 50})
    scene.open()

    async def run(clock: VirtualClock) -> None:
        async def usurper() -> None:
            await clock.sleep(1.0)
            scene.journal.take(scene.execution, "me", clock.now(), 15.0)

        with pytest.raises(Fenced, match="took over"):
            await together(scene.run(clock), usurper())

    run_virtual(run)


def test_a_plan_whose_facts_drifted_changes_nothing(tmp_path: Path) -> None:
    """Somebody moved a number since the plan was made: the execution ends and says what differs."""
    scene = Scene(tmp_path)
    plan = scene.open()
    scene.account.seed_route(plan.actions[0].subject, IE1)

    async def run(clock: VirtualClock) -> Any:
        return await cut_over(
            scene.execution,
            scene.journal,
            scene.providers(clock),
            None,
            clock,
            holder="me",
            plan_made_at=clock.now() - timedelta(hours=1),
        )

    state = run_virtual(run)
    assert state.finished is not None
    assert state.finished.outcome == "drifted"
    assert state.drift is not None
    assert number(0) in state.drift.differences[0]
    assert not scene.account.changes


def test_failback_is_the_same_road_the_other_way(tmp_path: Path) -> None:
    """A failback is a plan of its own, gated and proved in the primary."""
    scene = Scene(tmp_path)
    scene.open()
    run_virtual(scene.run)
    back = make_plan(
        scene.flow,
        account_values(),
        snapshot_of(scene.account, scene.flow),
        purpose=Purpose.FAILBACK,
        mode=Mode.GRACEFUL,
    )
    scene.execution = "x2"
    scene.open(back)

    async def run(clock: VirtualClock) -> Any:
        return await scene.run(clock, scene.providers(clock, US1, IE1))

    state = run_virtual(run)
    assert state.finished is not None
    assert state.finished.outcome == "done"
    assert set(scene.routed().values()) == {US1}
    assert all(event.region == US1 for event in scene.said(ev.Proved))


async def together(main: Coroutine[Any, Any, Any], beside: Coroutine[Any, Any, None]) -> Any:
    """Run both; give what the first gives, and fail at once if the second fails."""
    tasks = [asyncio.ensure_future(main), asyncio.ensure_future(beside)]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
        if tasks[1].done():
            tasks[1].result()
        return await tasks[0]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def bad_standby(scene: Scene) -> None:
    """Every call into ie1 completes, and logs an error: the webhook answered 500 and so did the fallback."""
    account = scene.account

    def outcome(call: Any) -> str:
        if call.region == IE1:
            sid = f"CA{account._sids['CA'] + 1:032x}"
            account.add_alert(
                IE1, Alert(account.new_sid("NO"), 11200, "error", sid, "https://app.example/voice", None, call.at)
            )
        return "completed"

    account.outcome = outcome
