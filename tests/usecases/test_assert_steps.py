"""Before and after a cohort moves, what must hold is looked at; what does not, or was not seen, stops the rest."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from scenes import HANDLER, QUICK, Scene, gate_with, number
from voicedr.program.execution import events as ev
from voicedr.program.execution.assertions import SAMPLE_MAX
from voicedr.program.readiness.resources import Routable, SipDomain, Trunk, VoiceHandler
from voicedr.program.scope.moving import Overlap
from voicedr.program.scope.workbook import Cohort
from voicedr.program.vocabulary import AU1, IE1, US1, Region, Verdict
from voicedr.testing.fake_provider import FakeProvider, Fault
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.usecases.assert_steps import LOOKS_MAX
from voicedr.usecases.cut_over import cut_over

TRUNK = Routable("trunk", "acme.pstn.twilio.com")
DOMAIN = Routable("sip-domain", "acme.sip.twilio.com")


def ie1_of(scene: Scene, clock: VirtualClock) -> dict[Region, FakeProvider]:
    """The standby's provider."""
    return scene.providers(clock, IE1)


def test_each_cohort_is_looked_at_before_and_after_by_pages(tmp_path: Path) -> None:
    """One reading of the numbers each time, however many there are; of the routes a sample, which is said."""
    scene = Scene(tmp_path, {"canary": 2, "rest": SAMPLE_MAX + 25}, propagation_s=0.0)
    scene.open()
    state = run_virtual(scene.run)
    assert state.finished is not None
    said = scene.said(ev.Asserted)
    assert [(one.cohort, one.when, one.checked) for one in said] == [
        ("canary", "before", 2),
        ("canary", "after", 2),
        ("rest", "before", SAMPLE_MAX + 25),
        ("rest", "after", SAMPLE_MAX + 25),
    ]
    assert all(one.holds for one in said)
    assert said[1].not_looked == ()
    assert said[3].not_looked == (
        f"the routes of 25 were answered as wanted and not read again: a sample of {SAMPLE_MAX} was",
    )
    assert scene.account.asked[IE1, "numbers"] == 4
    assert scene.account.asked[IE1, "route"] == 2 + SAMPLE_MAX
    assert scene.account.asked[IE1, "trunks"] == 0
    order = [type(event).__name__ for event in scene.events if isinstance(event, ev.Asserted | ev.CohortStarted)]
    assert order[:2] == ["Asserted", "CohortStarted"]


def test_a_number_that_lost_its_handler_since_the_plan_stops_its_cohort(tmp_path: Path) -> None:
    """The pause names it and what to do; once it is configured, resume looks again and goes on."""
    scene = Scene(tmp_path)
    scene.open()
    scene.account.configure(IE1, number(5), VoiceHandler())

    async def run(clock: VirtualClock) -> Any:
        paused = await scene.run(clock)
        assert paused.paused is not None
        assert f"number {number(5)}: has no handler in ie1" in paused.paused.why
        assert "before rest moves" in paused.paused.why
        assert {one for one, region in scene.routed().items() if region == IE1} == {number(0), number(1)}
        scene.account.configure(IE1, number(5), HANDLER)
        scene.journal.command(scene.execution, "resume", "ana", "", clock.now())
        return await scene.run(clock)

    state = run_virtual(run)
    assert state.finished is not None
    assert set(scene.routed().values()) == {IE1}


def test_skip_leaves_it_where_it_is_and_moves_the_others(tmp_path: Path) -> None:
    """One number that nobody answers must not hold five hundred that somebody does."""
    scene = Scene(tmp_path)
    scene.open()
    scene.account.configure(IE1, number(5), VoiceHandler())

    async def run(clock: VirtualClock) -> Any:
        await scene.run(clock)
        for name in ("skip", "resume"):
            scene.journal.command(scene.execution, name, "ana", "", clock.now())
        return await scene.run(clock)

    state = run_virtual(run)
    assert state.finished is not None
    assert [one for one, region in scene.routed().items() if region == US1] == [number(5)]
    after = [one for one in scene.said(ev.Asserted) if one.cohort == "rest" and one.when == "after"]
    assert after[-1].not_looked == ("1 of 6 were left where they are by a person",)


def test_a_cohort_that_was_left_as_a_whole_holds_up_nobody(tmp_path: Path) -> None:
    """No call can come to what was never moved, so no gate waits for one; the next cohort does not take it as proof."""
    scene = Scene(tmp_path, {"canary": 1, "rest": 2, "last": 1}, gate=gate_with())
    scene.flow = msgspec.structs.replace(scene.flow, overlap=Overlap(cohorts_max=3, entry_points_max=9))
    scene.open()
    scene.account.configure(IE1, number(0), VoiceHandler())

    async def run(clock: VirtualClock) -> Any:
        await scene.run(clock)
        for name in ("skip", "resume"):
            scene.journal.command(scene.execution, name, "ana", "", clock.now())
        return await scene.run(clock)

    state = run_virtual(run)
    assert state.finished is not None, state.paused
    assert state.finished.outcome == "done"
    assert scene.routed() == {number(0): US1, number(1): IE1, number(2): IE1, number(3): IE1}
    assert not [one for one in scene.said(ev.GateSpoke) if one.cohort == "canary"]
    order = [event for event in scene.events if isinstance(event, ev.CohortStarted | ev.GateSpoke)]
    last = next(n for n, one in enumerate(order) if isinstance(one, ev.CohortStarted) and one.cohort == "last")
    assert any(isinstance(one, ev.GateSpoke) and one.verdict is Verdict.GO for one in order[:last])


def test_a_gate_wants_calls_to_no_more_numbers_than_were_moved(tmp_path: Path) -> None:
    """Two numbers must be called, one of the two was left: the other is enough."""
    scene = Scene(tmp_path, {"pair": 2}, gate=gate_with(test=msgspec.structs.replace(QUICK, numbers_min=2)))
    scene.open()
    scene.account.configure(IE1, number(1), VoiceHandler())

    async def run(clock: VirtualClock) -> Any:
        await scene.run(clock)
        for name in ("skip", "resume"):
            scene.journal.command(scene.execution, name, "ana", "", clock.now())
        return await scene.run(clock)

    state = run_virtual(run)
    assert state.finished is not None, state.paused
    assert scene.routed() == {number(0): IE1, number(1): US1}


def test_what_was_tried_and_left_is_a_question_to_people(tmp_path: Path) -> None:
    """A cohort of which nothing is known to be moved is passed by nobody but a person."""
    scene = Scene(tmp_path, {"canary": 1, "rest": 2})
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        providers = ie1_of(scene, clock)
        providers[IE1].fail("set_route", Fault.REFUSED, about=number(0))
        await scene.run(clock, providers)
        for name in ("skip", "resume"):
            scene.journal.command(scene.execution, name, "ana", "", clock.now())
        asking = await scene.run(clock, providers)
        assert asking.asks_people
        assert set(scene.routed().values()) == {US1}
        scene.journal.command(scene.execution, "go", "ana", "", clock.now())
        return await scene.run(clock, providers)

    state = run_virtual(run)
    assert state.finished is not None, state.paused
    (asked,) = scene.said(ev.DecisionAsked)
    assert "No call can prove canary" in asked.question
    assert "none of its telephone numbers is known to be moved" in asked.question
    assert scene.routed() == {number(0): US1, number(1): IE1, number(2): IE1}


@pytest.mark.parametrize("lost", [LOOKS_MAX - 1, LOOKS_MAX])
def test_not_being_able_to_look_is_not_passing(tmp_path: Path, lost: int) -> None:
    """A read that is lost is repeated; if nobody can look at all, it pauses and says why."""
    scene = Scene(tmp_path)
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        providers = ie1_of(scene, clock)
        providers[IE1].fail("numbers", Fault.UNREACHABLE, on=set(range(1, lost + 1)))
        return await scene.run(clock, providers)

    state = run_virtual(run)
    if lost < LOOKS_MAX:
        assert state.finished is not None
        return
    assert state.paused is not None
    assert "nobody could look" in state.paused.why
    assert not scene.account.writes
    (said,) = scene.said(ev.Asserted)
    assert said.unseen
    assert not said.holds


def test_a_person_may_take_on_what_nobody_could_see(tmp_path: Path) -> None:
    """Skip goes on in spite of it, with their name on the record; it never counts as passed by itself."""
    scene = Scene(tmp_path)
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        providers = ie1_of(scene, clock)
        providers[IE1].fail("numbers", Fault.REFUSED)
        await scene.run(clock, providers)
        for _ in range(4):
            for name in ("skip", "resume"):
                scene.journal.command(scene.execution, name, "ana", "", clock.now())
            state = await scene.run(clock, providers)
        return state

    state = run_virtual(run)
    assert state.finished is not None
    waived = [(one.cohort, one.when) for one in scene.said(ev.Asserted) if one.waived_by == "ana"]
    assert waived == [("canary", "before"), ("canary", "after"), ("rest", "before"), ("rest", "after")]


def test_a_provider_that_answers_one_thing_and_keeps_another_is_found(tmp_path: Path) -> None:
    """The route reads back elsewhere after the cohort has moved: it pauses with the number, and the rest stays."""
    scene = Scene(tmp_path, propagation_s=0.0)
    scene.open()

    def undo(write: Any) -> None:
        if write.about == number(1):
            scene.account.seed_route(Routable("number", number(1)), US1)

    scene.account.after_write = undo
    state = run_virtual(scene.run)
    assert state.paused is not None
    assert "after canary has moved" in state.paused.why
    assert f"number {number(1)}: was answered ie1 and reads back us1" in state.paused.why
    assert state.cohorts["rest"].started_at is None


def test_trunks_and_sip_domains_are_looked_for_in_the_region_they_go_to(tmp_path: Path) -> None:
    """They were there when the plan was made, and are not now: the cohort that has them does not move."""
    scene = Scene(tmp_path)
    both = Cohort("sip", (TRUNK, DOMAIN), scene.flow.cohorts[0].gate)
    scene.flow = msgspec.structs.replace(scene.flow, cohorts=(*scene.flow.cohorts, both))
    trunk = Trunk("", None, TRUNK.name, None, "POST", None)
    domain = SipDomain("", DOMAIN.name, None, HANDLER, "IP_ACL")
    scene.account.add_trunk(US1, trunk, route=US1)
    scene.account.add_sip_domain(US1, domain, route=US1)
    plan = scene.plan_with_domains(TRUNK.name, DOMAIN.name)
    scene.open(plan)
    state = run_virtual(scene.run)
    assert state.paused is not None
    assert "before sip moves" in state.paused.why
    assert f"{TRUNK.key}: has no handler in ie1" in state.paused.why
    assert f"{DOMAIN.key}: has no handler in ie1" in state.paused.why
    assert state.cohorts["rest"].moved_at is not None


def test_residency_is_looked_at_again_at_the_act(tmp_path: Path) -> None:
    """The rule was narrowed after the plan was approved: nothing moves, and no person can skip it."""
    scene = Scene(tmp_path)
    scene.open()

    async def run(clock: VirtualClock) -> Any:
        async def once() -> Any:
            return await cut_over(
                scene.execution,
                scene.journal,
                ie1_of(scene, clock),
                None,
                clock,
                holder="me",
                stay_when_paused=False,
                residency=(US1, AU1),
            )

        paused = await once()
        assert paused.paused is not None
        assert "residency: calls of this flow may be processed in us1, au1 only, not in ie1" in paused.paused.why
        for name in ("skip", "resume"):
            scene.journal.command(scene.execution, name, "ana", "", clock.now())
        return await once()

    state = run_virtual(run)
    assert state.paused is not None
    assert "residency" in state.paused.why
    assert not scene.account.writes
