"""A Kamailio from Debian is steered by a failover while SIPp calls through it, and put back by a rollback."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kamailio_dispatcher import PHONE, calling, steerable, waited_s
from real_stage import APPROVERS, PROGRAM, Stage, real_stage
from sipp_peer import peer
from voicedr.bootstrap import access, load_workbook, open_journal
from voicedr.cli.prepare import plan_with
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import plan_hash
from voicedr.program.vocabulary import Purpose
from voicedr.runtime.sample_customer.estate import SUPPORT_LINE
from voicedr.runtime.sipkit.kamailio_rpc import rpc_at
from voicedr.runtime.sipkit.steer import listed

pytestmark = pytest.mark.slow

CALLS, PER_S = 160, 40
QUIET_S = 1.2
"""Longer than the ping interval, so that a ping that undid it would be seen."""


async def approved(stage: Stage) -> str:
    """The plan of the workbook, approved by two people; its hash."""
    workbook = load_workbook(stage.workbook)
    flow = workbook.flow("support-line")
    assert flow is not None
    async with access(workbook, without=frozenset({flow.primary})) as has:
        plan = await plan_with(has, workbook, flow, Purpose.FAILOVER, False)
    journal = open_journal(stage.journal_file)
    names = {person.id: person.name for person in workbook.people}
    for person, role in zip(APPROVERS, plan.approval_roles, strict=True):
        journal.approve(ev.Approved(at=datetime.now(UTC), person=names[person], role=role, plan_hash=plan_hash(plan)))
    journal.close()
    return plan_hash(plan)


def test_a_failover_takes_a_target_out_no_new_call_fails_and_a_rollback_puts_it_back(tmp_path: Path) -> None:
    """The plan says it, the failover does it in the middle of calls, and what was taken out gets none any more.

    The process is interrupted then, and the rollback is another one's.
    """
    with ExitStack() as stack:
        old, new = (stack.enter_context(peer(tmp_path, *PHONE)) for _ in range(2))
        uris = [f"sip:{one.host}:{one.port}" for one in (old, new)]
        sbc = stack.enter_context(steerable(tmp_path, uris))
        stage = stack.enter_context(real_stage(tmp_path))
        workbook = stage.workbook.read_text()
        move = {"target": uris[0], "to": "disabled", "home": "active"}
        said = json.dumps([{"name": "sbc-1", "rpc": "env:SBC_RPC", "set": 1, "moves": [move]}])
        assert workbook.count("\n  support-line:\n") == 1
        stage.workbook.write_text(workbook.replace("\n  support-line:\n", f"\n  support-line:\n    sbc: {said}\n"))
        os.environ["SBC_RPC"] = sbc.http
        stack.callback(os.environ.pop, "SBC_RPC")
        digest = asyncio.run(approved(stage))
        running = subprocess.Popen(
            [PROGRAM, "failover", "support-line", "--when-paused", "exit", "--json"],
            env={**os.environ, "VOICEDR_WORKBOOK": str(stage.workbook), "SSL_CERT_FILE": os.devnull},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        stack.callback(running.wait)
        stack.callback(running.kill)
        assert running.stdout is not None
        assert running.stderr is not None
        line = running.stdout.readline()
        assert line, running.stderr.read()
        load = stack.enter_context(calling(tmp_path, sbc, calls=CALLS, per_s=PER_S))
        lines = [json.loads(line)]
        while not (lines[-1]["event"] == "ANSWERED" and lines[-1]["action"].startswith("steer sbc-1")):
            line = running.stdout.readline()
            assert line, f"it was never steered: {lines[-1]} {running.stderr.read()}"
            lines.append(json.loads(line))
        time.sleep(0.3)
        drained_at, others_at = old.invites(), new.invites()
        time.sleep(QUIET_S)
        assert load.poll() is None, "the load was over before the steering was"
        assert old.invites() == drained_at
        assert new.invites() > others_at
        assert load.wait(timeout=30) == 0, "a call failed"
        assert len(waited_s(tmp_path)) == CALLS
        steered = lines[-1]
        assert steered["action"] == f"steer sbc-1 set 1 {uris[0]} -> disabled"
        assert (steered["state"], steered["region"]) == ("disabled", None)

        running.send_signal(signal.SIGINT)
        assert running.wait(timeout=30) == 130
        back = stage.voicedr("rollback", "--primary-is-back", "--as", APPROVERS[0], "--when-paused", "exit", "--json")
        assert back.lines[-1]["event"] == "FINISHED", back.err + back.out[-2000:]
        assert back.lines[-1]["outcome"] == "rolled-back"
        assert {stage.stored_routes()[one] for one in SUPPORT_LINE} == {"us1"}
        now = {one.uri: one.flags for one in asyncio.run(listed(rpc_at(sbc.http)))}
        assert [now[uri][0] for uri in uris] == ["A", "A"]
        journal = stage.journal_file.read_bytes()
        assert digest.encode() in journal
        assert b"env:SBC_RPC" in journal
        assert sbc.http.encode() not in journal, "what a reference stands for is in the journal"
