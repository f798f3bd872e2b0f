"""The whole way by the program alone: us1 is a black hole, and the support line is brought to ie1."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from real_stage import real_stage
from voicedr.program.evidence.chain import GENESIS, link
from voicedr.runtime.sample_customer.estate import SUPPORT_LINE

pytestmark = pytest.mark.slow


def test_with_us1_black_holed_the_failover_completes_and_the_twin_counts_0_requests_to_us1(tmp_path: Path) -> None:
    """Plan, two approvals, failover: every number moves to ie1, none is lost or doubled, and us1 is asked nothing."""
    with real_stage(tmp_path) as stage:
        before = stage.stored_routes()
        stage.twin.control("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "mode": "black-hole"})
        asked_before = stage.requests_to("us1")

        digest = stage.approved_plan()
        moved = stage.voicedr("failover", "support-line", "--when-paused", "exit", "--json")

        assert moved.code == 0, moved.err + moved.out[-2000:]
        assert stage.requests_to("us1") == asked_before
        assert stage.stored_routes() == before | dict.fromkeys(SUPPORT_LINE, "ie1")
        assert json.loads(stage.context.read_text())["region"] == "ie1"
        written = stage.route_changes(SUPPORT_LINE)
        assert {tuple(change["via"] for change in changes) for changes in written.values()} == {("console", "ie1")}

        opened, finished = moved.lines[0], moved.lines[-1]
        assert (finished["event"], finished["outcome"], finished["requests_to_left_region"]) == ("FINISHED", "done", 0)
        (listed,) = stage.voicedr("executions", "--json").lines
        records = stage.records(listed["execution"])
        assert records[0].event.plan_hash == digest  # type: ignore[union-attr]
        assert opened["event"] == "RUNNER_STARTED"
        previous = GENESIS
        for record in records:
            assert record.hash == link(listed["execution"], record.seq, record.term, previous, record.body)
            previous = record.hash
        proved = [line["number"] for line in moved.lines if line["event"] == "PROVED"]
        assert sorted(proved) == sorted(SUPPORT_LINE)

        report = stage.voicedr("report", "--format", "markdown", "--to", "-")
        assert report.code == 0, report.err
        assert f"{len(records)} records, head {previous}" in report.out
