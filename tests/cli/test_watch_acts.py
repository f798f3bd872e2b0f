"""``voicedr watch --act`` over a twin whose us1 is dark: it moves alone only by drills on record, and says by which."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import msgspec
import pytest

from approval_desk import Said, run_in
from real_stage import Stage, real_stage
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.program.execution.events import Approved, Finished, Intended, Opened
from voicedr.program.execution.plan import Plan, canonical, plan_hash
from voicedr.program.vocabulary import Kind
from voicedr.runtime.sample_customer.estate import LOBBY
from voicedr.usecases.watch import Looks

pytestmark = pytest.mark.slow

FLOW_LINE = "    title: Lobby telephones\n"
RULE = """\
    automatic: {after_drills: 2, kinds: [drill-twin], within: 24h}
    gate: {bad_share_ok: 0.02, bad_share_bad: 0.3}
"""


def act(stage: Stage, *more: str) -> Said:
    """Watch and act."""
    quick = ("--act", "--every", "1", "--delay", "0", "--looks", "60")
    return run_in("watch", "lobby", *quick, *more, "-w", str(stage.workbook))


def drilled(stage: Stage, name: str, plan: Plan, ago: timedelta) -> None:
    """Put a drill on record."""
    at = datetime.now(UTC) - ago
    journal = SqliteJournal(stage.journal_file)
    opened = Opened(
        at=at, execution=name, plan=canonical(plan), plan_hash=plan_hash(plan), kind=Kind.DRILL_TWIN, by="a drill"
    )
    journal.open(name, plan.flow, [opened])
    lease = journal.take(name, "a drill", at, 15.0)
    journal.append(lease, [Finished(at=at, outcome="done")], at, 15.0)
    journal.close()


def planned(stage: Stage) -> Plan:
    """The plan as drills would have had it."""
    said = run_in("plan", "lobby", "--json", "-w", str(stage.workbook))
    assert said.code == 0, said
    journal = SqliteJournal(stage.journal_file)
    kept = journal.plan(str(json.loads(said.out)["plan"]))
    journal.close()
    assert kept is not None
    return msgspec.json.decode(kept[1], type=Plan)


def test_it_moves_alone_by_drills_on_record_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused while drills are missing, old or of another plan; then it moves, and the report says why.

    Only how long an answer is waited for is shorter than usual.
    """
    monkeypatch.setattr("voicedr.cli.watch.Looks", partial(Looks, answer_s_max=0.7, call_answer_s_max=1.0))
    with real_stage(tmp_path) as stage:
        text = stage.workbook.read_text()
        assert text.count(FLOW_LINE) == 1
        stage.workbook.write_text(text.replace(FLOW_LINE, FLOW_LINE + RULE))
        before = stage.stored_routes()
        stage.twin.control("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "mode": "black-hole"})

        plan = planned(stage)
        assert plan.forecast.reachable

        other = msgspec.structs.replace(plan, cohorts=plan.cohorts[:-1])
        drilled(stage, "drill-other", other, timedelta(hours=1))
        drilled(stage, "drill-old", plan, timedelta(hours=25))
        drilled(stage, "drill-one", plan, timedelta(hours=2))
        lacking = act(stage)
        assert lacking.code == 4
        assert "1 of 2 drills on record count" in lacking.err
        assert "drill-other was of another plan" in lacking.err
        assert "drill-old is too long ago" in lacking.err
        assert stage.stored_routes() == before

        drilled(stage, "drill-two", plan, timedelta(hours=1))
        moved = act(stage)
        assert moved.code == 0, moved
        _it_moved(stage, moved)


def _it_moved(stage: Stage, moved: Said) -> None:
    """All of the flow, by nobody's approval, by the rule; the record and the report say which."""
    assert "WITHOUT PEOPLE: lobby is failed over by the rule automatic: 2 successful drills" in moved.err
    routes = stage.stored_routes()
    assert {routes[number] for number in LOBBY} == {"ie1"}
    newest = run_in("executions", "--json", "-w", str(stage.workbook)).out.splitlines()[0]
    execution = str(json.loads(newest)["execution"])
    events = [record.event for record in stage.records(execution)]
    opened = events[0]
    assert isinstance(opened, Opened)
    assert opened.rule.startswith("automatic: 2 successful drills (drill-twin) of this plan within")
    assert opened.rule.endswith("drill-two and drill-one")
    assert opened.detected_at is not None
    assert any(one.bad for one in opened.sightings)
    assert not any(isinstance(event, Approved) for event in events)
    assert any(isinstance(event, Intended) for event in events)
    assert isinstance(events[-1], Finished)
    assert events[-1].outcome == "done"
    report = run_in("report", execution, "--format", "markdown", "--to", "-", "-w", str(stage.workbook))
    assert report.code == 0, report
    told = " ".join(report.out.replace("\\", "").split())
    assert "automatic: 2 successful drills" in told
