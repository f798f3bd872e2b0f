"""What a plan steers is a function of what was read; what was not read is not steered, and is said."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from scenes import HANDLER, NOW, account_values, fake_account, flow_of, snapshot_of
from steered_scene import ACTIVE, ASHBURN, DISABLED, DUBLIN, RPC, RPC_2, an_sbc, seen, standing, with_sbcs
from voicedr.program.execution.actions import SteerDispatcher, action_id, goes_to, inverse, name_of
from voicedr.program.execution.forecast import forecast
from voicedr.program.execution.make_plan import PlanRefused, make_plan
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.execution.plan_diff import change_line, diff_plans
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.scope.sbc import DispatcherTarget, SbcMove, TargetState
from voicedr.program.scope.workbook import Flow
from voicedr.program.vocabulary import IE1, US1, Mode, Purpose

FLOW = with_sbcs(flow_of({"canary": 2, "rest": 4}))


def plan(flow: Flow = FLOW, *, purpose: Purpose = Purpose.FAILOVER, **facts: Any) -> Plan:
    """A plan over facts in which everything but the dispatchers is in order."""
    account = fake_account(flow)
    if purpose is Purpose.FAILBACK:
        for one in flow.subjects:
            account.add_number(one.name, route=IE1)
            account.configure(US1, one.name, HANDLER)
    return make_plan(
        flow, account_values(), seen(snapshot_of(account, flow), **facts), purpose=purpose, mode=Mode.GRACEFUL
    )


def steers(made: Plan) -> list[tuple[str, str, TargetState, TargetState]]:
    """What it steers: cohort, target, from, to."""
    return [
        (cohort.name, action.target, action.was, action.to)
        for cohort in made.cohorts
        for action in cohort.actions
        if isinstance(action, SteerDispatcher)
    ]


def test_targets_are_steered_with_the_first_cohort_in_the_workbooks_order() -> None:
    """After its numbers; from what was seen."""
    assert steers(plan()) == [("canary", DUBLIN, DISABLED, ACTIVE), ("canary", ASHBURN, ACTIVE, DISABLED)]
    assert steers(plan(with_sbcs(FLOW, an_sbc(cohort="rest"))))[0][0] == "rest"


def test_the_way_home_goes_backwards_and_only_where_the_workbook_says_how() -> None:
    """What nobody said stays as it is, and the approvers read that."""
    away = standing(ashburn=DISABLED, dublin=ACTIVE)
    assert steers(plan(purpose=Purpose.FAILBACK, rpc=away)) == [
        ("canary", ASHBURN, DISABLED, ACTIVE),
        ("canary", DUBLIN, ACTIVE, DISABLED),
    ]
    one_way = an_sbc(moves=(SbcMove(DUBLIN, ACTIVE), SbcMove(ASHBURN, DISABLED, ACTIVE)))
    made = plan(with_sbcs(FLOW, one_way), purpose=Purpose.FAILBACK, rpc=away)
    assert [target for _, target, _, _ in steers(made)] == [ASHBURN]
    assert any(DUBLIN in words and "(home)" in words for words in made.unknowns)


def test_what_could_not_be_read_is_left_out_and_said() -> None:
    """A dead SBC stops neither the plan nor another SBC."""
    both = with_sbcs(FLOW, an_sbc(), an_sbc("sbc-2", RPC_2))
    made = plan(both, rpc=Unobserved("nobody answers"), rpc_2=standing())
    actions = [one for one in made.actions if isinstance(one, SteerDispatcher)]
    assert {one.sbc for one in actions} == {"sbc-2"}
    assert [words for words in made.unknowns if "sbc-1" in words and "nobody answers" in words]
    assert "it was not read" in " ".join(plan(rpc_2=standing()).unknowns)


def test_what_is_as_wanted_already_is_not_steered() -> None:
    """And so not undone."""
    assert steers(plan(rpc=standing(dublin=ACTIVE))) == [("canary", ASHBURN, ACTIVE, DISABLED)]


@pytest.mark.parametrize(
    ("fact", "words"),
    [
        (Observed((), NOW, "test"), "set 1 of sbc-1 has no sip:acme.pstn.dublin.twilio.com; it has no target"),
        (
            Observed((DispatcherTarget(1, DUBLIN, None, False), DispatcherTarget(1, ASHBURN, ACTIVE, True)), NOW, "t"),
            "in a state that nobody knows",
        ),
    ],
)
def test_what_must_be_there_and_is_not_refuses_the_plan(fact: Any, words: str) -> None:
    """Each reason names the target and the SBC."""
    with pytest.raises(PlanRefused, match=words):
        plan(rpc=fact)


def test_the_last_target_in_service_is_not_planned_out() -> None:
    """The order counts: first in, then out."""
    wrong = an_sbc(moves=(SbcMove(ASHBURN, DISABLED), SbcMove(DUBLIN, ACTIVE)))
    with pytest.raises(PlanRefused, match="last target of set 1 of sbc-1"):
        plan(with_sbcs(FLOW, wrong))


def test_the_hash_holds_the_precondition_and_the_place() -> None:
    """Approvals are for exactly that."""
    base = plan()
    assert plan_hash(base) == plan_hash(plan())
    assert plan_hash(base) != plan_hash(plan(rpc=standing(dublin=TargetState.PROBING)))
    elsewhere = with_sbcs(FLOW, an_sbc(rpc=RPC_2))
    assert plan_hash(base) != plan_hash(plan(elsewhere, rpc_2=standing()))
    kept = msgspec.json.decode(msgspec.json.encode(base), type=Plan)
    assert kept.actions == base.actions


def test_a_diff_says_what_is_steered_otherwise() -> None:
    """In, out, and from another state."""
    none = plan(rpc=Unobserved("dead"))
    added = [change_line(one) for one in diff_plans(none, plan())]
    assert f"+ SBC target {DUBLIN} in set 1 of sbc-1: disabled → active with canary, asked at {RPC}" in added
    changed = diff_plans(plan(), plan(rpc=standing(dublin=TargetState.PROBING)))
    assert [one.sign for one in changed] == ["~"]
    assert [one.about for one in diff_plans(plan(), none)].count("SBC target") == 2


def test_the_inverse_is_exact_and_undoes_itself() -> None:
    """The same target, from what it was put to, to what it was; and no Region is meant by it."""
    action = plan().actions[2]
    assert isinstance(action, SteerDispatcher)
    back = inverse(action)
    assert isinstance(back, SteerDispatcher)
    assert (back.was, back.to, back.undoes) == (action.to, action.was, True)
    assert inverse(back) == action
    assert goes_to(action) is None
    assert [goes_to(one) for one in plan().actions[:2]] == [IE1, IE1]
    assert action_id(action) == f"steer sbc-1 set 1 {DUBLIN} -> active"
    assert name_of(action) == f"{DUBLIN} on sbc-1"


def test_the_forecast_counts_the_targets() -> None:
    """Two targets: a blink at best, a minute and a half at worst, said in the terms."""
    without, with_them = (forecast(one, account_values()) for one in (msgspec.structs.replace(FLOW, sbcs=()), FLOW))
    assert with_them.longest_s - without.longest_s == pytest.approx(90, abs=1)
    assert with_them.shortest_s - without.shortest_s <= 1
    assert with_them.terms[0].endswith(" + 2 targets of SBCs at 0.1 to 45 s")
    assert with_them.terms[1] == without.terms[1]
    assert FLOW.primary == US1
