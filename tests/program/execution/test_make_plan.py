"""A plan is a function of workbook and facts; what must be there and is not refuses it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from scenes import HANDLER, NOW, account_values, fake_account, flow_of, number, snapshot_of
from voicedr.program.execution.make_plan import PlanRefused, drift, make_plan
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.resources import Routable, Route, VoiceHandler
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.scope.workbook import Flow
from voicedr.program.vocabulary import AU1, IE1, US1, Mode, Purpose

FLOW = flow_of({"canary": 2, "rest": 4})


def facts(flow: Flow = FLOW) -> Snapshot:
    """Everything in order."""
    return snapshot_of(fake_account(flow), flow)


def plan(flow: Flow = FLOW, snapshot: Snapshot | None = None, **how: Any) -> Plan:
    """A failover plan."""
    how = {"purpose": Purpose.FAILOVER, "mode": Mode.UNGRACEFUL, **how}
    return make_plan(flow, account_values(), snapshot or facts(flow), **how)


def with_route(snapshot: Snapshot, n: int, fact: Any) -> Snapshot:
    """The same facts, but for one route."""
    return msgspec.structs.replace(snapshot, routes={**snapshot.routes, f"number {number(n)}": fact})


def test_the_same_facts_give_the_same_hash_and_other_facts_another() -> None:
    """Approvals are for exactly one plan, made again as often as one likes."""
    assert plan_hash(plan()) == plan_hash(plan())
    later = msgspec.structs.replace(facts(), taken_at=NOW.replace(year=2027))
    assert plan_hash(plan(snapshot=later)) == plan_hash(plan())
    moved = with_route(facts(), 3, Observed(Route(Routable("number", number(3)), IE1), NOW, "test"))
    assert plan_hash(plan(snapshot=moved)) != plan_hash(plan())
    assert plan_hash(plan(mode=Mode.GRACEFUL)) != plan_hash(plan())


def test_a_plan_survives_being_kept() -> None:
    """What is approved from another laptop is what was made here."""
    made = plan()
    assert plan_hash(msgspec.json.decode(msgspec.json.encode(made), type=Plan)) == plan_hash(made)


def test_every_subject_is_moved_once_through_the_surviving_region() -> None:
    """The plan carries out everything through the Region that it moves to, and remembers what was before."""
    made = plan()
    assert made.via == IE1
    assert len(made.actions) == 6
    assert {action.was for action in made.actions} == {US1}
    back = plan(purpose=Purpose.FAILBACK, snapshot=standby_facts(), mode=Mode.GRACEFUL)
    assert (back.leaves, back.to, back.via) == (IE1, US1, US1)


def standby_facts() -> Snapshot:
    """After a failover."""
    account = fake_account(FLOW)
    for one in FLOW.subjects:
        account.seed_route(one, IE1)
    return snapshot_of(account, FLOW)


def test_a_route_that_was_never_set_is_us1_and_remembered_as_not_explicit() -> None:
    """The provider answers 404 for it, which means us1."""
    made = plan(snapshot=with_route(facts(), 0, Observed(None, NOW, "test")))
    assert made.actions[0].was == US1
    assert getattr(made.actions[0], "was_explicit") is False  # noqa: B009 a union; only routes have it


def test_what_is_there_already_is_not_moved() -> None:
    """It is named, so that nobody wonders."""
    moved = with_route(facts(), 0, Observed(Route(Routable("number", number(0)), IE1), NOW, "test"))
    made = plan(snapshot=moved)
    assert made.already == (number(0),)
    assert len(made.actions) == 5


@pytest.mark.parametrize(
    ("spoil", "reason"),
    [
        (lambda s: with_route(s, 1, Unobserved("401")), "could not be read"),
        (
            lambda s: with_route(s, 1, Observed(Route(Routable("number", number(1)), AU1), NOW, "t")),
            "neither us1 nor ie1",
        ),
        (lambda s: without_handler(s), "no handler in ie1"),
        (lambda _s: standby_facts(), "nothing is to be moved"),
    ],
)
def test_a_plan_that_would_hurt_is_refused_with_the_reason(spoil: Any, reason: str) -> None:
    """Unreadable snapshot, foreign route, no handler, nothing to do: no plan, and the subject is named."""
    with pytest.raises(PlanRefused, match=reason) as refused:
        plan(snapshot=spoil(facts()))
    assert reason.startswith("nothing") or "+1415555" in str(refused.value)


def without_handler(snapshot: Snapshot) -> Snapshot:
    """One number is not configured in ie1."""
    account = fake_account(FLOW)
    account.configure(IE1, number(2), VoiceHandler())
    account.configure(US1, number(2), HANDLER)
    return snapshot_of(account, FLOW)


def test_residency_is_a_hard_rule() -> None:
    """A flow that may not be processed in the standby gets no plan."""
    with pytest.raises(PlanRefused, match="residency"):
        plan(msgspec.structs.replace(FLOW, residency=(US1,)))


def test_what_nobody_could_look_at_is_said_in_the_plan() -> None:
    """The approvers take it on themselves; it does not pass silently."""
    regions = facts().regions
    blind = msgspec.structs.replace(regions[IE1], numbers=Unobserved("403: not permitted"))
    made = plan(snapshot=msgspec.structs.replace(facts(), regions={**regions, IE1: blind}))
    assert any("handler" in words and "403" in words for words in made.unknowns)


def test_drift_names_what_moved_since() -> None:
    """Only subjects that were read are compared."""
    made = plan()
    key = f"number {number(0)}"
    assert drift(made, {key: Route(Routable("number", number(0)), US1)}) == ()
    assert drift(made, {key: None}) == ()
    assert number(0) in drift(made, {key: Route(Routable("number", number(0)), AU1)})[0]
