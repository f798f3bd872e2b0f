"""The standby does not work: the canary's gate stops the cutover, and everything is put back and proved equal."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from real_stage import APPROVERS, QUICK_GATE, Stage, real_stage
from voicedr.bootstrap import access, holder, load_workbook, open_journal
from voicedr.cli.prepare import plan_with
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import plan_hash
from voicedr.program.execution.state import Execution
from voicedr.program.vocabulary import Kind, Purpose
from voicedr.runtime.sample_customer.estate import CANARY, SUPPORT_LINE
from voicedr.usecases.cut_over import cut_over, open_execution
from voicedr.usecases.tempo import Tempo

pytestmark = pytest.mark.slow

QUICK_TEMPO = Tempo(look_s=0.3, alert_lag_s=0.5, test_call_s=1, again_s=2.0)

STARTS_S_MAX = 2.0
"""From the verdict to the first request that moves something back, the look at the old Region included."""

LEFT_BEHIND = ("drawn", "network_calls", "requests")
"""Fields of the twin's state that a rollback must leave: chance drawn, calls made, requests counted."""

LEFT_BEHIND_IN_A_REGION = (
    "calls",
    "alerts",
    "messages",
    "conferences",
    "queues",
    "recordings",
    "annotations",
    "audit",
    "audited",
)
"""The same in a Region: its logs, and what calls made while they lasted, are history."""


def what_is_configured(state: dict[str, Any]) -> dict[str, Any]:
    """The twin's whole state without what a rollback must leave. A route is what a GET shows, without its history."""
    kept = {name: value for name, value in state.items() if name not in LEFT_BEHIND}
    kept["regions"] = {
        region: {name: value for name, value in store.items() if name not in LEFT_BEHIND_IN_A_REGION}
        for region, store in state["regions"].items()
    }
    kept["routes"] = [
        {name: value for name, value in route.items() if name != "changes"}
        | {"region": route["changes"][-1]["region"] if route["changes"] else "us1"}
        for route in state["routes"]
    ]
    return kept


async def cut_over_gracefully(stage: Stage, execution: str) -> Execution:
    """Plan, approve and execute, through the same access as the program's."""
    workbook = load_workbook(stage.workbook)
    flow = workbook.flow("support-line")
    assert flow is not None
    journal = open_journal(stage.journal_file)
    try:
        async with access(workbook) as has:
            plan = await plan_with(has, workbook, flow, Purpose.FAILOVER, True)
            digest = plan_hash(plan)
            for person, role in zip(APPROVERS, plan.approval_roles, strict=True):
                journal.approve(ev.Approved(at=datetime.now(UTC), person=person, role=role, plan_hash=digest))
            open_execution(journal, plan, execution=execution, kind=Kind.DRILL_TWIN, by=holder(), now=datetime.now(UTC))
            return await asyncio.wait_for(
                cut_over(
                    execution,
                    journal,
                    has.providers,
                    has.context(plan.context, plan.context_confirm),
                    has.clock,
                    holder=holder(),
                    requests_to=has.requests_to,
                    stay_when_paused=False,
                    tempo=QUICK_TEMPO,
                ),
                60.0,
            )
    finally:
        journal.close()


@pytest.mark.parametrize("fallback_too", [False, True], ids=["standby", "standby-and-fallback"])
def test_after_a_rollback_the_twin_is_as_it_was_but_for_its_history(tmp_path: Path, fallback_too: bool) -> None:
    """Webhooks in the standby answer 500: the gate says no-go, and afterwards every field of every Region is as before.

    With a fallback that works the callers are served, and the errors are logged all the same.
    """
    with real_stage(tmp_path, gate=replace(QUICK_GATE, on_no_go="roll-back")) as stage:
        stage.answers(stage.urls.standby, 500)
        if fallback_too:
            stage.answers(stage.urls.fallback, 500)
        before = stage.twin.control("GET", "/_twin/state")

        state = asyncio.run(cut_over_gracefully(stage, "x1"))

        after = stage.twin.control("GET", "/_twin/state")
        assert what_is_configured(after) == what_is_configured(before)
        assert after["drawn"] > before["drawn"]
        assert {call["status"] for call in after["regions"]["ie1"]["calls"].values()} <= {"completed", "failed"}
        assert after["regions"]["ie1"]["alerts"]

        assert state.finished is not None
        assert state.finished.outcome == "rolled-back"
        assert state.compared is not None
        assert (state.compared.subjects, state.compared.differences, state.compared.unread) == (
            len(SUPPORT_LINE),
            (),
            (),
        )
        changes = stage.route_changes(SUPPORT_LINE)
        moved = {number: [change["region"] for change in of_it[1:]] for number, of_it in changes.items()}
        assert moved == {number: ["ie1", "us1"] if number in CANARY else [] for number in SUPPORT_LINE}
        said = [record.event for record in stage.records("x1")]
        spoken = [event for event in said if isinstance(event, ev.GateSpoke)]
        assert [event.cohort for event in spoken if event.verdict == "no-go"] == ["canary"]
        (asked,) = [event for event in said if isinstance(event, ev.RollbackAsked)]
        assert "the gate of canary says no-go" in asked.why
        (verdict,) = [event.at for event in spoken if event.verdict == "no-go"]
        first = next(event.at for event in said if isinstance(event, ev.Intended) and event.action.endswith("-> us1"))
        starts_s = (first - verdict).total_seconds()
        assert starts_s <= STARTS_S_MAX
