"""Cohorts overlap only within their budget, whatever happens; without a budget each waits for the one before."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scenes import NOW, QUICK, account_values, fake_account, flow_of, snapshot_of
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import SetRoute, action_id
from voicedr.program.execution.conduct import Assert, next_steps
from voicedr.program.execution.course import Leg, course_s
from voicedr.program.execution.forecast import forecast
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.execution.overlap import at_risk
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.execution.stages import Stage
from voicedr.program.execution.state import CohortState, Execution, fold
from voicedr.program.scope.moving import Overlap
from voicedr.program.scope.workbook import Flow, Gate
from voicedr.program.validation.gate import calls_to_pass
from voicedr.program.vocabulary import IE1, Kind, Mode, Purpose

EASY = Gate(QUICK)
OVERLAPS = st.one_of(
    st.none(),
    st.builds(Overlap, cohorts_max=st.integers(1, 3), entry_points_max=st.integers(1, 9)),
    st.builds(Overlap, cohorts_max=st.integers(1, 3), calls_per_minute_max=st.floats(1, 40)),
)


def flow_with(sizes: list[int], overlap: Overlap | None, volumes: list[float | None] | None = None) -> Flow:
    """A flow of these cohorts, each with its calls per minute."""
    flow = flow_of({f"c{n}": size for n, size in enumerate(sizes)}, gate=EASY)
    said = volumes or [2.5 * size for size in sizes]
    cohorts = tuple(
        msgspec.structs.replace(cohort, calls_per_minute=one) for cohort, one in zip(flow.cohorts, said, strict=True)
    )
    return msgspec.structs.replace(flow, cohorts=cohorts, overlap=overlap)


def plan_of(flow: Flow) -> Plan:
    """Its plan."""
    facts = snapshot_of(fake_account(flow), flow)
    return make_plan(flow, account_values(), facts, purpose=Purpose.FAILOVER, mode=Mode.GRACEFUL)


class World:
    """An execution without a runner: what conduct wants is recorded, and what happens is drawn by chance."""

    def __init__(self, plan: Plan, seed: int) -> None:
        opened = ev.Opened(at=NOW, execution="x", plan=plan, plan_hash=plan_hash(plan), kind=Kind.REAL, by="ana")
        self.execution: Execution = fold([opened, ev.RunnerStarted(at=NOW, holder="me", term=1)])
        self.chance = random.Random(seed)
        self.now = NOW
        self.calls = 0
        self.most_waiting = 0

    def waiting(self) -> list[CohortState]:
        """Cohorts that were started and have not passed."""
        execution = self.execution
        return [one for one in execution.current if one.started_at is not None and not execution.passed(one.plan.name)]

    def decide(self) -> None:
        """Record what comes next, and hold it against the budget."""
        for step in next_steps(self.execution, self.now, 60.0):
            if isinstance(step, Assert):
                bad = self.chance.random() < 0.1
                unfit = (ev.Unfit("number x", "has no handler"),) if bad else ()
                self.record(ev.Asserted(at=self.now, cohort=step.cohort, when=step.when, checked=1, failed=unfit))
            elif isinstance(step, ev.CohortStarted):
                self.hold_to_budget(step.cohort)
                self.record(step)
            else:
                self.record(step)  # type: ignore[arg-type]

    def hold_to_budget(self, cohort: str) -> None:
        """What is at risk with a cohort that is about to start."""
        plan, execution = self.execution.plan, self.execution
        waiting = self.waiting()
        self.most_waiting = max(self.most_waiting, len(waiting))
        if not waiting:
            return
        overlap = plan.overlap
        assert overlap is not None, "without overlap the one before must have passed"
        assert execution.passed(execution.current[0].plan.name), "the canary was overlapped"
        assert len(waiting) <= overlap.cohorts_max
        assert all(one.left == 0 for one in waiting)
        assert all(one.blind_since is None for one in execution.current if one.started_at is not None)
        new = execution.cohorts[cohort]
        assert at_risk(overlap, [one.plan for one in (*waiting, new)]) <= overlap.budget

    def record(self, event: ev.Event) -> None:
        """One more event."""
        self.execution.apply(event)

    def happens(self) -> Iterator[ev.Event]:
        """Something of what may happen next."""
        execution, chance = self.execution, self.chance
        started = [one for one in execution.current if one.started_at is not None]
        if execution.paused is not None:
            if chance.random() < 0.7:
                yield ev.Resumed(at=self.now, by="ana")
            return
        if not started:
            return
        cohort = chance.choice(started)
        pending = [one for one in cohort.actions if one.stage is Stage.PENDING]
        if pending and cohort.fit and not execution.halted:
            for one in pending[: chance.randint(1, len(pending))]:
                yield ev.Intended(at=self.now, action=action_id(one.action), attempt=1)
                yield ev.Answered(at=self.now, action=action_id(one.action), region=IE1, source="test")
        elif cohort.unproved and chance.random() < 0.7:
            for number in list(cohort.unproved):
                yield ev.Proved(at=self.now, number=number, call_sid="CA", region=IE1, synthetic=True)
        elif cohort.left == 0 and cohort.numbers:
            if chance.random() < 0.1:
                yield ev.GateBlind(at=self.now, cohort=cohort.plan.name, why="503")
                return
            good = chance.random() < 0.9
            for _ in range(calls_to_pass(QUICK) if good else 1):
                self.calls += 1
                yield ev.CallJudged(
                    at=self.now,
                    cohort=cohort.plan.name,
                    call_sid=f"CA{self.calls}",
                    number=next(iter(cohort.numbers)),
                    good=good,
                    synthetic=True,
                    why="",
                )
            reading = cohort.read()
            yield ev.GateSpoke(
                at=self.now,
                cohort=cohort.plan.name,
                verdict=reading.verdict,
                why=reading.why,
                good=reading.good,
                bad=reading.bad,
                synthetic=reading.synthetic,
            )

    def run(self, steps: int) -> None:
        """Let so many things happen."""
        for _ in range(steps):
            if self.execution.finished is not None:
                return
            self.decide()
            for event in self.happens():
                self.record(event)
            self.now += timedelta(seconds=self.chance.choice([0.1, 1.0, 20.0]))


@settings(max_examples=120, deadline=None)
@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), OVERLAPS, st.integers(0, 2**32))
def test_the_budget_holds_in_every_history(sizes: list[int], overlap: Overlap | None, seed: int) -> None:
    """Whatever is proved, refused, blind, paused and resumed, in whatever order: see ``hold_to_budget``."""
    world = World(plan_of(flow_with(sizes, overlap)), seed)
    world.run(150)
    if overlap is None:
        assert world.most_waiting == 0


def test_the_histories_do_overlap() -> None:
    """The property above is about something: with room in the budget, cohorts wait side by side."""
    most = 0
    for seed in range(30):
        world = World(plan_of(flow_with([1, 2, 2, 2], Overlap(cohorts_max=2, entry_points_max=6))), seed)
        world.run(150)
        most = max(most, world.most_waiting)
    assert most == 2


def test_a_cohort_whose_volume_nobody_knows_goes_alone() -> None:
    """Not knowing how many calls it takes is more than any budget of calls."""
    overlap = Overlap(cohorts_max=3, calls_per_minute_max=1000.0)
    for seed in range(30):
        world = World(plan_of(flow_with([1, 2, 2], overlap, [1.0, None, None])), seed)
        world.run(150)
        assert world.most_waiting == 0


def test_the_budget_is_under_the_hash() -> None:
    """People approve how much may be at risk: another budget is another plan."""
    plans = [plan_of(flow_with([1, 2], Overlap(entry_points_max=most))) for most in (2, 3)]
    assert plan_hash(plans[0]) != plan_hash(plans[1])
    assert plans[0].overlap == Overlap(entry_points_max=2)


def test_the_forecast_shows_both_and_counts_on_the_overlapped_one() -> None:
    """Two of three propagations go on side by side; the term says what it would be one after another."""
    sizes = [1, 10, 10, 10]
    alone = forecast(flow_with(sizes, None), account_values())
    both = forecast(flow_with(sizes, Overlap(cohorts_max=2, entry_points_max=30)), account_values())
    assert both.longest_s < alone.longest_s - 500
    assert "one after another: " in both.terms[-1]
    assert f"to {alone.longest_s - 1:.0f}" in both.terms[-1] or f"{alone.longest_s:.0f}" in both.terms[-1]
    tight = forecast(flow_with(sizes, Overlap(cohorts_max=2, entry_points_max=19)), account_values())
    assert tight.longest_s == alone.longest_s


LEGS = st.lists(
    st.builds(
        Leg,
        writes_s=st.floats(0, 50),
        propagation_s=st.floats(0, 300),
        placing_s=st.floats(0, 50),
        last_call_s=st.just(10.0),
        risk=st.floats(0, 10),
        overlapped=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


@given(LEGS, st.integers(1, 4), st.integers(1, 40))
def test_overlapping_never_takes_longer_and_never_less_than_the_longest_cohort(
    legs: list[Leg], cohorts_max: int, budget: int
) -> None:
    """The arithmetic is between one after another and all at once."""
    overlapped_s = course_s(legs, Overlap(cohorts_max=cohorts_max, entry_points_max=budget))
    assert overlapped_s <= course_s(legs, None) + 1e-6
    assert overlapped_s >= max(leg.total_s for leg in legs) - 1e-6


@pytest.mark.parametrize("overlap", [None, Overlap(entry_points_max=1)])
def test_nothing_overlaps_without_room(overlap: Overlap | None) -> None:
    """No overlap, or a budget that holds no two cohorts: one after another, as it was."""
    legs = [Leg(1.0, 100.0, 5.0, 10.0, risk=1.0, overlapped=True)] * 4
    assert course_s(legs, overlap) == pytest.approx(4 * 116.0)
    assert not [a for a in plan_of(flow_with([1, 1], overlap)).actions if not isinstance(a, SetRoute)]
