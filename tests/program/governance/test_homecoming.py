"""Whether a flow may come home: what is met, what waits, and that what nobody could look at holds it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scenes import Scene, account_values, flow_of, snapshot_of
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.governance.homecoming import Health, Seen, Stands, criteria, held_by
from voicedr.program.governance.incident import Declared, fold_incident
from voicedr.program.readiness.achievability import Achievability
from voicedr.program.readiness.check import Outcome, Severity, Stage
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.findings import Finding
from voicedr.program.readiness.judge import FlowReadiness
from voicedr.program.readiness.stages import Standing
from voicedr.program.scope.authority import FreezeWindow, Hours
from voicedr.program.scope.workbook import Account, Failback, FailbackApproval, Flow, Gate, SequentialTest, Workbook
from voicedr.program.vocabulary import IE1, US1, Kind, Mode, Purpose, Region

MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
GOOD = Health(1800.0, 1800.0)
DECLARED = Declared(at=MONDAY, by="R. Ruiz", person_id="ruiz", incident="i1", flow="support-line", why="us1 is dead")
OPEN = fold_incident([DECLARED])
OFFICE = (Hours((0, 1, 2, 3, 4), 9 * 60, 17 * 60, "UTC"),)


def workbook_with(flow: Flow, *freeze: FreezeWindow) -> Workbook:
    """A workbook of one flow."""
    return Workbook(Account("AC" + "0" * 32, {}), (), (flow,), freeze=freeze)


def flow_with(**failback: Any) -> Flow:
    """The flow with this failback."""
    return msgspec.structs.replace(flow_of({"canary": 1}), failback=Failback(**failback))


def ready(*findings: tuple[Outcome, Region | None]) -> FlowReadiness:
    """Readiness with these findings."""
    found = tuple(
        Finding(
            check="numbers_exist",
            severity=Severity.REACHES_NOBODY,
            outcome=outcome,
            subjects=("+14155550000",),
            count=1,
            of=1,
            kind="numbers",
            region=region,
            detail=f"{outcome} there",
            fix="",
            source="",
            seen_at=None,
        )
        for outcome, region in findings
    )
    nowhere = Standing(0, True, Stage.CROSS_REGION, (), "")
    path = Achievability((), 0.0, 0.0, 0.0, (), None)
    return FlowReadiness(
        "support-line", "", 1, US1, IE1, Outcome.PASS, 0, 0, "", found, (), (), standing=nowhere, achievability=path
    )


def stands(
    flow: Flow, seen: Seen, *freeze: FreezeWindow, kind: Kind = Kind.REAL, now: datetime = MONDAY
) -> dict[str, Any]:
    """How each criterion stands, by its name."""
    found = criteria(workbook_with(flow, *freeze), flow, seen, kind, now)
    assert all(one.words for one in found)
    assert {one.name for one in held_by(found)} == {
        one.name for one in found if one.stands in (Stands.NOT_MET, Stands.UNKNOWN)
    }
    return {one.name: one.stands for one in found}


@pytest.mark.parametrize(
    ("health", "expected"),
    [
        (GOOD, Stands.MET),
        (Health(5.0, 1800.0), Stands.WAITS),
        (Health(0.0, 1800.0, bad=("us1's API did not answer in 5 s",)), Stands.NOT_MET),
        (Health(0.0, 1800.0, unseen=("us1's API refused our key: that is not an outage",)), Stands.UNKNOWN),
        (Health(1800.0, 1800.0, bad=("a test call failed",)), Stands.NOT_MET),
    ],
)
def test_the_primarys_health(health: Health, expected: Stands) -> None:
    """Good for long enough is met, good so far waits, bad holds, and so does what could not be looked at."""
    assert stands(flow_with(), Seen(health)) == {"us1 healthy": expected}


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (Observed(None, MONDAY, "test"), Stands.MET),
        (Observed(OPEN, MONDAY, "test"), Stands.NOT_MET),
        (Unobserved("the record cannot be read"), Stands.UNKNOWN),
    ],
)
def test_an_open_incident(fact: Any, expected: Stands) -> None:
    """None is met; an open one names the command that closes it; an unreadable record holds."""
    assert stands(flow_with(), Seen(GOOD, incident=fact))["no open incident"] is expected


@pytest.mark.parametrize(
    ("fact", "expected"),
    [
        (Observed(ready((Outcome.PASS, US1)), MONDAY, "test"), Stands.MET),
        (Observed(ready((Outcome.FAIL, US1)), MONDAY, "test"), Stands.NOT_MET),
        (Observed(ready((Outcome.UNKNOWN, US1)), MONDAY, "test"), Stands.UNKNOWN),
        (Observed(ready((Outcome.UNKNOWN, None)), MONDAY, "test"), Stands.UNKNOWN),
        (Observed(ready((Outcome.FAIL, IE1), (Outcome.UNKNOWN, IE1)), MONDAY, "test"), Stands.MET),
        (Unobserved("nobody could look"), Stands.UNKNOWN),
    ],
)
def test_the_primarys_readiness(fact: Any, expected: Stands) -> None:
    """Gaps and unknowns of the primary hold; those of the standby, which is left, do not."""
    assert stands(flow_with(), Seen(GOOD, readiness=fact))["us1 ready"] is expected


@pytest.mark.parametrize(
    ("hours", "now", "expected"),
    [
        ((), MONDAY, None),
        (OFFICE, MONDAY, Stands.MET),
        (OFFICE, MONDAY + timedelta(hours=8), Stands.NOT_MET),
        (OFFICE, MONDAY - timedelta(days=1), Stands.NOT_MET),
    ],
)
def test_the_hours_of_failback(hours: tuple[Hours, ...], now: datetime, expected: Stands | None) -> None:
    """Outside them it waits for people who are awake; none are asked for where the workbook says none."""
    assert stands(flow_with(hours=hours), Seen(GOOD), now=now).get("hours") is expected


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(Kind.REAL, Stands.MET), (Kind.DRILL_LIVE, Stands.NOT_MET), (Kind.DRILL_TWIN, Stands.NOT_MET)],
)
def test_a_freeze_holds_practice_and_never_a_real_event(kind: Kind, expected: Stands) -> None:
    """It is shown either way."""
    freeze = FreezeWindow(MONDAY - timedelta(days=1), MONDAY + timedelta(days=1), "end of the quarter")
    assert stands(flow_with(), Seen(GOOD), freeze, kind=kind)["freeze"] is expected
    assert "freeze" not in stands(flow_with(), Seen(GOOD), freeze, kind=kind, now=MONDAY + timedelta(days=2))


def test_words_are_for_the_approvers_and_a_plan_that_cannot_be_made_holds() -> None:
    """Nobody can look at words, so they are told; reasons against a plan are a criterion that is not met."""
    flow = flow_with(criteria=("The provider has closed its incident",))
    assert stands(flow, Seen(GOOD))["in words"] is Stands.TOLD
    assert stands(flow, Seen(GOOD, refused=("nothing is to be moved",)))["plan"] is Stands.NOT_MET


def test_the_way_home_has_its_own_approvals_and_gates(tmp_path: Path) -> None:
    """A failback's plan asks its own roles and judges by its own gate; the failover's does not change."""
    scene = Scene(tmp_path)
    strict = Gate(SequentialTest(bad_share_ok=0.01, bad_share_bad=0.2), on_go="ask")
    home = Failback(approval=FailbackApproval(("owner",), 1), gate=strict)
    flow = msgspec.structs.replace(scene.flow, failback=home)
    out = make_plan(
        flow, account_values(), snapshot_of(scene.account, flow), purpose=Purpose.FAILOVER, mode=Mode.UNGRACEFUL
    )
    assert (out.approval_roles, out.approvals) == (("lead", "director"), 2)
    assert {cohort.gate for cohort in out.cohorts} == {scene.flow.cohorts[0].gate}
    for action in out.actions:
        scene.account.seed_route(action.subject, IE1)  # type: ignore[union-attr]
    back = make_plan(
        flow, account_values(), snapshot_of(scene.account, flow), purpose=Purpose.FAILBACK, mode=Mode.GRACEFUL
    )
    assert (back.approval_roles, back.approvals) == (("owner",), 1)
    assert {cohort.gate for cohort in back.cohorts} == {strict}
