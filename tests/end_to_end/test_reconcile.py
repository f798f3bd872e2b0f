"""After a real failover and failback on the twin, what callers left in the standby is fetched by the real program."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
import urllib.request
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from real_stage import APPROVERS, PROGRAM, Stage, real_stage
from voicedr.bootstrap import access, holder, load_workbook, open_journal
from voicedr.cli.prepare import plan_with
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import plan_hash
from voicedr.program.vocabulary import Kind, Purpose
from voicedr.runtime.sample_customer.estate import SUPPORT_LINE, TEST_CALLER
from voicedr.usecases.cut_over import cut_over, open_execution
from voicedr.usecases.tempo import Tempo
from voicedr.wire import wav

pytestmark = pytest.mark.slow

FLOW = "four-lines"
NUMBERS = SUPPORT_LINE[:4]
QUICK_TEMPO = Tempo(look_s=0.3, alert_lag_s=0.5, test_call_s=1, again_s=2.0)
RECORDS = "<Response><Record maxLength='1' timeout='1' playBeep='false'/></Response>"


def small_flow(stage: Stage) -> None:
    """Let the workbook have one flow: four numbers of the support line, content after a few calls."""
    head, _, flows = stage.workbook.read_text().partition("flows:\n")
    roles = flows[flows.index("    roles:\n") : flows.index("    failback:\n")]
    stage.workbook.write_text(
        f"""{head}flows:
  {FLOW}:
    title: Four lines
    tier: 1
    primary: us1
    standby: ie1
    rto: 15m
    must_survive: [A caller can leave a message]
    success: [Messages arrive]
    entry_points:
      numbers: ["{NUMBERS[0]}..{NUMBERS[-1]}"]
    cohorts:
      - name: canary
        numbers: ["{NUMBERS[0]}"]
      - name: rest
        rest: true
    gate: {{bad_share_ok: 0.01, bad_share_bad: 0.9, missed_bad: 0.4, numbers_min: 1}}
{roles}    failback:
      no_open_incident: true
      criteria: [The provider has closed its incident]
    test_caller: "{TEST_CALLER}"
"""
    )


async def moved(stage: Stage, purpose: Purpose, execution: str) -> str:
    """Plan, have it approved, and carry it out at a quick rhythm, through the program's own access; the plan's hash."""
    workbook = load_workbook(stage.workbook)
    flow = workbook.flow(FLOW)
    assert flow is not None
    journal = open_journal(stage.journal_file)
    try:
        async with access(workbook) as has:
            plan = await plan_with(has, workbook, flow, purpose, True)
            digest = plan_hash(plan)
            for person, role in zip(APPROVERS, plan.approval_roles, strict=True):
                journal.approve(ev.Approved(at=datetime.now(UTC), person=person, role=role, plan_hash=digest))
            open_execution(journal, plan, execution=execution, kind=Kind.DRILL_TWIN, by="me", now=datetime.now(UTC))
            state = await asyncio.wait_for(
                cut_over(
                    execution,
                    journal,
                    has.providers,
                    None,
                    has.clock,
                    holder=holder(),
                    stay_when_paused=False,
                    tempo=QUICK_TEMPO,
                ),
                60.0,
            )
    finally:
        journal.close()
    assert state.finished is not None, state.paused
    assert state.finished.outcome == "done"
    return digest


def leave_messages(stage: Stage) -> None:
    """Let callers of the flow, which is in ie1, leave a message after the tone."""
    for number in NUMBERS:
        call = {"From": TEST_CALLER, "To": number, "Twiml": RECORDS}
        ask(stage, "POST", "Calls.json", stage.credentials["ie1"], call)


def ask(stage: Stage, method: str, path: str, key: dict[str, str], form: dict[str, str] | None = None) -> Any:
    """One request to ie1's API, as anybody with its key makes it."""
    sid = stage.twin.told["account_sid"]
    login = b64encode(f"{key['api_key']}:{key['api_secret']}".encode()).decode()
    request = urllib.request.Request(
        f"{stage.twin.told['http']}/2010-04-01/Accounts/{sid}/{path}",
        None if form is None else urlencode(form).encode(),
        {"Authorization": f"Basic {login}", "Host": "api.dublin.ie1.twilio.com"},
        method=method,
    )
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return json.loads(answer.read())


def test_what_was_left_in_the_standby_is_fetched_once_home(tmp_path: Path) -> None:
    """Failover, messages, a dry run and the way home, then reconcile: killed and gone on with, noted, verified."""
    with real_stage(tmp_path) as stage:
        small_flow(stage)
        out = "out"
        asyncio.run(moved(stage, Purpose.FAILOVER, out))
        leave_messages(stage)
        time.sleep(3.5)
        asked = ask(stage, "GET", "Recordings.json", stage.credentials["ie1"])["recordings"]
        assert len(asked) >= len(NUMBERS)

        dry = stage.voicedr("failback", FLOW, "--dry-run", "--healthy-for", "1", "--json")
        assert dry.code == 0, dry.err
        told = dry.lines[-1]
        assert told["held_by"] == []
        assert {one["name"]: one["stands"] for one in told["criteria"]}["plan"] == "met"
        assert {stage.stored_routes()[number] for number in NUMBERS} == {"ie1"}

        assert asyncio.run(moved(stage, Purpose.FAILBACK, "home")) == told["plan"]
        requests = stage.requests_to("us1")

        _kill_one(stage)
        done = stage.voicedr("reconcile", out, "--to", "left", "--json")
        assert done.code == 0, (done.out, done.err)
        counts = done.lines[-1]
        assert counts["unsettled"] == 0
        assert counts["media"] + counts["missing"] == counts["recordings"]
        assert counts["voicemails"] >= len(NUMBERS)
        assert counts["calls"] >= len(NUMBERS)
        assert counts["until"] is not None
        for path in (stage.folder / "left" / "media").iterdir():
            assert wav.read(path.read_bytes()).seconds >= 1
        assert stage.requests_to("us1") == requests
        assert len(ask(stage, "GET", "Recordings.json", stage.credentials["ie1"])["recordings"]) == len(asked)

        checked = stage.voicedr("reconcile", "--check", "--to", "left")
        assert (checked.code, checked.out.startswith("whole: ")) == (0, True), checked.out
        kinds = [type(record.event).__name__ for record in stage.records(out)]
        assert kinds[-1] == "Reconciled"
        assert kinds.index("Finished") < len(kinds) - 1
        assert stage.voicedr("export", out, "--to", "x.jsonl").code == 0
        assert stage.voicedr("verify", "x.jsonl").code == 0
        report = stage.voicedr("report", out, "--format", "markdown", "--to", "-").out
        assert f"{counts['voicemails']} voicemails" in report

        (stage.folder / "left" / "calls.jsonl").open("ab").write(b"{}\n")
        assert stage.voicedr("reconcile", "--check", "--to", "left").code == 1


def _kill_one(stage: Stage) -> None:
    """Start one that is killed in the middle."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICEDR_")}
    process = subprocess.Popen(
        [PROGRAM, "reconcile", "--to", "left", "--json"],
        env={**kept, "VOICEDR_WORKBOOK": str(stage.workbook)},
        cwd=stage.folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    for line in process.stderr:
        if '"sounds"' in line:
            break
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)
    process.stderr.close()
