"""Moving back is gradual, looks before each step, starts at once, and ends equal to the snapshot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scenes import HANDLER, Scene, gate_with, number
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import SetRoute, inverse
from voicedr.program.execution.conduct import ITSELF
from voicedr.program.execution.plan import Plan
from voicedr.program.execution.state import Execution
from voicedr.program.readiness.resources import Routable, SipDomain, VoiceHandler
from voicedr.program.scope.moving import RollbackPace
from voicedr.program.scope.workbook import Cohort
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import IE1, US1, Mode
from voicedr.testing.fake_provider import FakeProvider, Fault
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual

SIZES = {"canary": 1, "low": 3, "rest": 4}
STARTS_S_MAX = 2.0
"""From the verdict to the first request that moves something back."""


def scene_that_fails_last(folder: Path, pace: RollbackPace | None = None, **more: Any) -> Scene:
    """Three cohorts, of which the last one's callers meet failures, so that its gate rolls everything back."""
    scene = Scene(folder, SIZES, mode=Mode.GRACEFUL, gate=gate_with(on_no_go="roll-back"), **more)
    scene.flow = msgspec.structs.replace(scene.flow, rollback=pace)
    last = {str(one) for one in scene.flow.cohorts[-1].numbers}
    scene.account.outcome = lambda call: "failed" if call.region == IE1 and call.to in last else "completed"
    return scene


def both(scene: Scene) -> Callable[[VirtualClock], Any]:
    """Run it with both Regions within reach."""
    return lambda clock: scene.run(clock, scene.providers(clock, IE1, US1))


def ordered(scene: Scene) -> ev.RollbackOrdered:
    """The one order to roll back."""
    (order,) = scene.said(ev.RollbackOrdered)
    assert isinstance(order, ev.RollbackOrdered)
    return order


def assert_back(scene: Scene, state: Execution) -> None:
    """Everything is where it was, and was compared."""
    assert state.finished is not None, state.paused
    assert state.finished.outcome == "rolled-back"
    assert state.compared is not None
    assert (state.compared.subjects, state.compared.differences, state.compared.unread) == (8, (), ())
    assert set(scene.routed().values()) == {US1}


@pytest.mark.parametrize(
    ("pace", "batches"),
    [
        (None, [("rollback of rest", 4), ("rollback of low", 3), ("rollback of canary", 1)]),
        (RollbackPace(3), [("rollback 1 of 3", 3), ("rollback 2 of 3", 3), ("rollback 3 of 3", 2)]),
        (RollbackPace(100), [("rollback 1 of 1", 8)]),
    ],
)
def test_it_goes_in_cohorts_the_last_moved_first(
    tmp_path: Path, pace: RollbackPace | None, batches: list[tuple[str, int]]
) -> None:
    """The plan's cohorts reversed, or as large as the workbook says; each is done before the next one begins."""
    scene = scene_that_fails_last(tmp_path, pace)
    plan = scene.open()
    state = run_virtual(both(scene))
    assert_back(scene, state)
    order = ordered(scene)
    assert [(one.cohort, one.size) for one in order.batches] == batches
    assert order.actions == tuple(inverse(action) for action in reversed(plan.actions))
    undone = [change.subject.name for change in scene.account.changes if change.region == US1]
    firsts = [0]
    for _, size in batches:
        firsts.append(firsts[-1] + size)
    wanted = [action.subject.name for action in order.actions if isinstance(action, SetRoute)]
    for first, last in pairwise(firsts):
        assert set(undone[first:last]) == set(wanted[first:last])


def test_between_two_cohorts_it_looks_and_waits(tmp_path: Path) -> None:
    """What is back reads back, the Region is alive and configured for what comes next, and the pause is kept."""
    scene = scene_that_fails_last(tmp_path, RollbackPace(3, 40.0))
    scene.open()
    assert_back(scene, run_virtual(both(scene)))
    looked = [(one.cohort, one.when, one.holds) for one in scene.said(ev.Asserted) if "rollback" in one.cohort]  # type: ignore[attr-defined]
    assert looked == [
        ("rollback 1 of 3", "after", True),
        ("rollback 2 of 3", "before", True),
        ("rollback 2 of 3", "after", True),
        ("rollback 3 of 3", "before", True),
    ]
    moves = [change.at for change in scene.account.changes if change.region == US1]
    for before, after in ((2, 3), (5, 6)):
        assert timedelta(seconds=40) <= moves[after] - moves[before] < timedelta(seconds=45)
    story = tell([record.event for record in scene.journal.read(scene.execution)])
    assert story.rollbacks[0].cohorts == 3


@pytest.mark.parametrize("how", ["dead", "cold"])
def test_a_region_that_dies_or_loses_its_handlers_on_the_way_holds_the_rest(tmp_path: Path, how: str) -> None:
    """It pauses with the name of what is wrong; what is back stays back; resume looks again and finishes."""
    scene = scene_that_fails_last(tmp_path, RollbackPace(3))
    scene.open()

    async def run(clock: VirtualClock) -> tuple[ev.Paused | None, dict[str, Any], Execution]:
        providers = scene.providers(clock, IE1, US1)

        def breaks(_write: Any) -> None:
            if scene.account.changes and scene.account.changes[-1].region == US1:
                scene.account.after_write = None
                if how == "dead":
                    providers[US1].fail("*", Fault.UNREACHABLE)
                else:
                    scene.account.configure(US1, number(0), VoiceHandler())

        scene.account.after_write = breaks
        held = await scene.run(clock, providers)
        why, routed = held.paused, scene.routed()
        providers[US1].heal()
        scene.account.configure(US1, number(0), HANDLER)
        scene.journal.command(scene.execution, "resume", "ana", "", clock.now())
        return why, routed, await scene.run(clock, providers)

    paused, routed, state = run_virtual(run)
    assert paused is not None
    assert paused.by == ITSELF
    assert ("nobody could look at everything in us1" if how == "dead" else number(0)) in paused.why
    assert "resume" in paused.why.lower()
    assert list(routed.values()).count(IE1) == (5 if how == "dead" else 2)
    assert_back(scene, state)


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("ungraceful", "counts as dead"),
        ("dead", "does not answer as a live Region does"),
        ("wrong key", "does not answer as a live Region does"),
        ("no access", "no access to us1 is configured here"),
        ("cold", "1 of the entry points have no handler in us1, number +14155550000"),
        ("cold application", "have no handler in us1"),
        ("cold domain", "sip-domain acme.sip.twilio.com"),
        ("unseen", "nobody could see whether us1 has a handler"),
    ],
)
def test_every_refusal_says_why_and_gives_three_ways_on(tmp_path: Path, how: str, reason: str) -> None:
    """Dead, cold or not to be seen: nothing is changed, and each alternative names its command."""
    scene = scene_that_fails_last(tmp_path)
    scene.mode = Mode.UNGRACEFUL if how == "ungraceful" else Mode.GRACEFUL
    plan: Plan | None = None
    if how == "cold domain":
        name = "acme.sip.twilio.com"
        scene.account.add_sip_domain(IE1, SipDomain("", name, None, HANDLER, "IP_ACL"), route=US1)
        first = Cohort("domains first", (Routable("sip-domain", name),), scene.flow.cohorts[0].gate)
        scene.flow = msgspec.structs.replace(scene.flow, cohorts=(*scene.flow.cohorts[:2], first))
        plan = scene.plan_with_domains(name)
    scene.open(plan)

    async def run(clock: VirtualClock) -> Execution:
        providers: dict[Any, FakeProvider] = scene.providers(clock, IE1, US1)
        match how:
            case "dead":
                providers[US1].fail("*", Fault.UNREACHABLE)
            case "wrong key":
                providers[US1].fail("*", Fault.WRONG_CREDENTIAL)
            case "no access":
                del providers[US1]
            case "cold":
                scene.account.configure(US1, number(0), VoiceHandler())
            case "cold application":
                scene.account.configure(US1, number(0), application_sid="AP" + "0" * 32)
            case "unseen":
                providers[US1].fail("numbers", Fault.REFUSED)
            case "cold domain":
                await scene.run(clock, providers)
                scene.journal.command(scene.execution, "roll-back", "ana", "", clock.now())
        return await scene.run(clock, providers)

    state = run_virtual(run)
    assert state.rollback is None
    assert state.rollback_refused is not None
    assert reason in state.rollback_refused.why
    hold, keep, home = state.rollback_refused.instead
    assert "voicedr resume x1" in hold
    assert "voicedr abort x1" in keep
    assert "voicedr abort x1, then voicedr failback support-line" in home
    assert state.paused is not None
    assert US1 not in {change.region for change in scene.account.changes}
    if how == "ungraceful":
        assert "voicedr rollback x1 --primary-is-back" in state.rollback_refused.why
        assert not [key for key in scene.account.asked if key[0] == US1]


@pytest.mark.parametrize("size", [8, 200])
def test_it_starts_within_two_seconds_of_the_verdict(tmp_path: Path, size: int) -> None:
    """From the gate's no-go to the first request that moves something back, the look at the old Region included."""
    sizes = {"canary": 1, "rest": size}
    scene = Scene(tmp_path, sizes, mode=Mode.GRACEFUL, gate=gate_with(on_no_go="roll-back"))
    scene.account.outcome = lambda call: "failed" if call.region == IE1 and call.to != number(0) else "completed"
    scene.open()
    run_virtual(both(scene))
    (verdict,) = [one for one in scene.said(ev.GateSpoke) if one.verdict == "no-go"]  # type: ignore[attr-defined]
    first = next(one for one in scene.said(ev.Intended) if one.action.endswith("-> us1"))  # type: ignore[attr-defined]
    assert (first.at - verdict.at).total_seconds() <= STARTS_S_MAX


def test_after_a_takeover_it_looks_again_before_it_goes_on(tmp_path: Path) -> None:
    """A rollback that was interrupted goes on by itself, but not into a Region that has died meanwhile."""
    scene = scene_that_fails_last(tmp_path, RollbackPace(8))
    scene.open()

    class Died(SystemExit):
        """The process ends here."""

    def die(_write: Any) -> None:
        if scene.account.changes and scene.account.changes[-1].region == US1:
            raise Died

    scene.account.after_write = die
    with pytest.raises(Died):
        run_virtual(both(scene))
    scene.account.after_write = None

    async def run(clock: VirtualClock) -> Execution:
        providers = scene.providers(clock, IE1, US1)
        providers[US1].fail("*", Fault.UNREACHABLE)
        held = await scene.run(clock, providers, holder="another")
        assert held.paused is not None
        assert "nobody could look at everything in us1" in held.paused.why
        assert list(scene.routed().values()).count(US1) <= 8
        providers[US1].heal()
        scene.journal.command(scene.execution, "resume", "ana", "", clock.now())
        return await scene.run(clock, providers, holder="another")

    state = run_virtual(run, start=START + timedelta(hours=1))
    assert_back(scene, state)


def test_an_order_of_an_earlier_release_is_one_cohort_and_looks_no_more(tmp_path: Path) -> None:
    """A journal whose order has no batches is told, and finished as it was begun."""
    scene = scene_that_fails_last(tmp_path)
    scene.open()
    append = scene.journal.append

    class Died(SystemExit):
        """The process ends here."""

    def as_it_was(lease: Any, events: Any, now: Any, lease_s: float) -> None:
        orders = [one for one in events if isinstance(one, ev.RollbackOrdered)]
        kept = [msgspec.structs.replace(one, batches=()) if one in orders else one for one in events]
        append(lease, kept, now, lease_s)
        if orders:
            raise Died

    scene.journal.append = as_it_was  # type: ignore[method-assign]
    with pytest.raises(Died):
        run_virtual(both(scene))
    scene.journal.append = append  # type: ignore[method-assign]
    assert ordered(scene).batches == ()
    state = run_virtual(both(scene), start=START + timedelta(hours=1))
    assert_back(scene, state)
    assert not [one for one in scene.said(ev.Asserted) if "rollback" in one.cohort]  # type: ignore[attr-defined]
    story = tell([record.event for record in scene.journal.read(scene.execution)])
    assert (story.rollbacks[0].undone, story.rollbacks[0].planned, story.rollbacks[0].cohorts) == (8, 8, 1)
