"""When a flow may be failed over without people: a table of histories, most of which say no and why."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from scenes import NOW, Scene
from voicedr.ports.clock import Clock
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import Plan
from voicedr.program.execution.state import Execution
from voicedr.program.governance.automatic import Rehearsal, may_act_alone, rehearsal_of, shape_of
from voicedr.program.scope.authority import Automatic
from voicedr.program.scope.workbook import Flow
from voicedr.program.vocabulary import IE1, US1, Mode, Purpose
from voicedr.testing.virtual_time import run_virtual

RULE = Automatic(after_drills=2, kinds=("drill-live",), within_s=30 * 86400.0)


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    """A flow whose rule asks for two live drills within thirty days."""
    scene = Scene(tmp_path)
    scene.flow = msgspec.structs.replace(scene.flow, automatic=RULE)
    return scene


def drills(plan: Plan, *days_ago: float, **changed: object) -> list[Rehearsal]:
    """Successful live drills of a plan."""
    return [
        msgspec.structs.replace(
            Rehearsal(
                f"d{days:g}",
                "drill-live",
                Purpose.FAILOVER,
                shape_of(plan),
                NOW - timedelta(days=days),
                True,
                plan.unknowns,
            ),
            **changed,
        )
        for days in days_ago
    ]


def why_not(flow: Flow, plan: Plan, history: list[Rehearsal]) -> str:
    """What is missing; empty if it may."""
    said = may_act_alone(flow, plan, history, NOW)
    assert said.may == (said.why_not == "" and said.rule != "")
    return said.why_not


def test_enough_recent_drills_of_the_same_plan_let_it(scene: Scene) -> None:
    """The rule and the drills it rests on are named; an older one does not matter."""
    plan = scene.plan()
    said = may_act_alone(scene.flow, plan, drills(plan, 1, 20, 300), NOW)
    assert said.may
    assert said.rule == "automatic: 2 successful drills (drill-live) of this plan within 720 h: d1 and d20"


def test_what_does_not_let_it(scene: Scene) -> None:
    """Off by default, too few, too old, of another kind, plan or purpose, failed since, or a target that is missed."""
    plan, flow = scene.plan(), scene.flow
    good = drills(plan, 1, 2)
    off = msgspec.structs.replace(flow, automatic=None)
    assert "never failed over without people" in why_not(off, plan, good)
    assert why_not(flow, plan, drills(plan, 1)) == "1 of 2 drills on record count"
    assert "d40 is too long ago" in why_not(flow, plan, drills(plan, 1, 40))
    assert why_not(flow, plan, drills(plan, 1, 2, kind="drill-twin")) == "0 of 2 drills on record count"
    assert "was of another plan" in why_not(flow, plan, drills(plan, 1, 2, shape="x"))
    assert why_not(flow, plan, drills(plan, 1, 2, purpose=Purpose.FAILBACK)) == "0 of 2 drills on record count"
    blind = msgspec.structs.replace(plan, unknowns=(*plan.unknowns, "whether ie1 has a handler"))
    assert "not known now that was known in the drills: whether ie1" in why_not(flow, blind, good)
    failed = [*drills(plan, 0.5, good=False), *good]
    assert "d0.5 did not succeed, so those before it do not count" in why_not(flow, plan, failed)
    for changed, words in (
        ({"purpose": Purpose.FAILBACK}, "only a failover"),
        ({"mode": Mode.GRACEFUL}, "may ask it"),
        ({"forecast": msgspec.structs.replace(plan.forecast, rto_s=1.0)}, "over the RTO"),
    ):
        assert words in why_not(flow, msgspec.structs.replace(plan, **changed), good)  # type: ignore[arg-type]


def test_the_shape_is_what_is_done_and_not_how_the_world_was(scene: Scene, tmp_path: Path) -> None:
    """New facts about names keep it; a number more, another gate or another mode do not."""
    plan = scene.plan()
    assert shape_of(msgspec.structs.replace(plan, unknowns=("x",), requests_per_second=1.0)) == shape_of(plan)
    more = Scene(tmp_path / "more", sizes={"canary": 2, "rest": 7}).plan()
    other_gate = msgspec.structs.replace(plan.cohorts[0].gate, on_go="ask")
    cohorts = (msgspec.structs.replace(plan.cohorts[0], gate=other_gate), *plan.cohorts[1:])
    for other in (
        more,
        msgspec.structs.replace(plan, cohorts=cohorts),
        msgspec.structs.replace(plan, mode=Mode.GRACEFUL),
    ):
        assert shape_of(other) != shape_of(plan)


def test_an_execution_on_record_counts_as_what_it_was(scene: Scene) -> None:
    """One that was carried out to its end is good; the same one cut off before its end is not."""
    scene.open()

    async def run(clock: Clock) -> Execution:
        return await scene.run(clock, scene.providers(clock, US1, IE1))

    run_virtual(run)
    events = [record.event for record in scene.journal.read("x1")]
    whole = rehearsal_of(events)
    assert whole is not None
    opened = events[0]
    assert isinstance(opened, ev.Opened)
    assert (whole.good, whole.kind, whole.shape) == (True, "drill-twin", shape_of(opened.plan))
    cut = rehearsal_of(events[:-1])
    assert cut is not None
    assert not cut.good
    assert rehearsal_of(events[1:]) is None
