"""An emergency stop from another terminal, over real processes and sockets."""

from __future__ import annotations

import os
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from real_stage import PROGRAM, real_stage
from voicedr.program.execution import events as ev
from voicedr.runtime.sample_customer import LimitOptions
from voicedr.runtime.sample_customer.estate import SUPPORT_LINE
from voicedr.usecases.guard import STOP_LOOK_S

pytestmark = pytest.mark.slow

ON_THE_WAY_S = 0.5
"""A request that left in time is on its way to the twin for so long at most, on a busy machine."""

SLOW = LimitOptions(requests_per_second=25, calls_per_second=20, propagation_max="3s")
"""Requests wait for their turn: those that wait when the stop comes must not be sent."""


def test_a_stop_from_another_terminal_holds_until_somebody_says_why(tmp_path: Path) -> None:
    """Nothing reaches the twin afterwards, commands that mean nothing are told so at once, and a reason goes on."""
    with real_stage(tmp_path, limits=SLOW) as stage:
        stage.approved_plan()
        running = subprocess.Popen(
            [PROGRAM, "failover", "support-line", "--when-paused", "exit", "--json"],
            env={**os.environ, "VOICEDR_WORKBOOK": str(stage.workbook)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert running.stdout is not None
        try:
            assert any('"ANSWERED"' in line for line in running.stdout)
            said = stage.voicedr("stop", "--all", "--as", "ruiz", "--why", "smoke", "--json")
            running.stdout.read()
            assert said.code == 0, said.err
            assert running.wait(timeout=30) == 5
        finally:
            running.kill()
            running.wait()
            running.stdout.close()
        (told,) = said.lines
        run = told["execution"]
        assert told["said"] == "stop"
        events = [record.event for record in stage.records(run)]
        (stopped,) = [event for event in events if isinstance(event, ev.Stopped)]
        assert stopped.by == "A. Ruiz"
        assert stopped.why.startswith("smoke; in the authority as ")
        latest = stopped.at + timedelta(seconds=STOP_LOOK_S + ON_THE_WAY_S)
        written = stage.route_changes(SUPPORT_LINE)
        assert not [
            change
            for changes in written.values()
            for change in changes
            if change["via"] == "ie1" and datetime.fromtimestamp(change["at"], UTC) > latest
        ]
        left = [number for number, changes in written.items() if len(changes) == 1]
        assert left, "it had moved everything before the stop came"

        for command, words in (("pause", "it is stopped, which holds more"), ("resume", "--why REASON")):
            refused = stage.voicedr(command)
            assert refused.code == 4, refused.out + refused.err
            assert words in refused.err
        (status,) = stage.voicedr("status", "--json").lines
        assert status["next"].startswith("stopped by A. Ruiz: smoke")
        assert status["eta"] is None
        assert stage.route_changes(SUPPORT_LINE) == written

        done = stage.voicedr("resume", "--why", "it was the kettle", "--when-paused", "exit", "--json")
        assert done.code == 0, done.err + done.out[-2000:]
        assert any("eta" in line for line in done.lines if line["event"] == "COHORT_STARTED")
        assert {len(changes) for changes in stage.route_changes(SUPPORT_LINE).values()} == {2}
