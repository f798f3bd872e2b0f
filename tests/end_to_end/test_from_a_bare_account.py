"""From a bare account to a trusted standby: drafted, judged, copied, judged again; and nothing is done twice.

The example account has real gaps. What a copy of the primary can close is closed by ``sync apply``; what is left after
that is for people, and stays the same however often it is run.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from real_stage import Stage, real_stage
from voicedr.program.readiness.check import ClosedBy, Outcome


def findings(stage: Stage, workbook: Path) -> dict[str, list[dict[str, Any]]]:
    """What does not pass, by flow."""
    said = stage.voicedr("ready", "--format", "json", workbook=workbook)
    assert said.code in (1, 3), said.err
    return {
        flow["flow"]: [one for one in flow["findings"] if one["outcome"] != Outcome.PASS]
        for flow in json.loads(said.out)["flows"]
    }


def gaps(found: dict[str, list[dict[str, Any]]], closed_by: ClosedBy) -> set[tuple[str, str, str, str]]:
    """Flow, check, Region and words of every gap that somebody can close."""
    return {
        (flow, one["check"], str(one["region"]), one["detail"])
        for flow, every in found.items()
        for one in every
        if one["outcome"] == Outcome.FAIL and one["closed_by"] == closed_by
    }


def test_from_a_bare_account_to_a_standby_in_step(tmp_path: Path) -> None:
    """init, ready, sync apply, ready: no gap is left but those of people; a second time changes nothing."""
    with real_stage(tmp_path) as stage:
        words = ["--account", stage.twin.told["account_sid"], "--address", stage.twin.told["http"]]
        for region in ("us1", "ie1"):
            words += [
                "--region",
                f"{region}={stage.credentials[region]['api_key']},file:{tmp_path}/{region}.api_secret",
            ]
        mine = tmp_path / "mine.yaml"
        drafted = stage.voicedr("init", *words, workbook=mine)
        assert drafted.code == 0, drafted.err

        # The twin is quicker than a new account, which a person knows.
        mine.write_text(
            mine.read_text().replace("  regions:\n", "  limits: {requests_per_second: 250}\n  regions:\n", 1)
        )

        before = findings(stage, mine)
        assert gaps(before, ClosedBy.SYNC), "the example account has gaps that a copy closes"

        # What a person gives: where the standby's application is, and which edge its calls leave by.
        with mine.open("a") as file:
            file.write(f"""sync:
  urls:
    - {{from: "{stage.urls.primary}", to: "{stage.urls.standby}"}}
    - {{from: ";edge={{edge}}", to: ";edge={{edge}}"}}
""")
        planned = stage.voicedr("sync", "plan", workbook=mine)
        assert planned.code == 1, planned.err

        applied = stage.voicedr("sync", "apply", "--adopt-all", "--yes", workbook=mine)
        assert applied.code == 0, applied.out + applied.err

        after = findings(stage, mine)
        assert gaps(after, ClosedBy.SYNC) == set()
        assert gaps(after, ClosedBy.PEOPLE) <= gaps(before, ClosedBy.PEOPLE) | gaps(after, ClosedBy.PEOPLE)

        again = stage.voicedr("sync", "plan", workbook=mine)
        assert again.code == 0, again.out
        assert "No changes" in again.out
        twice = stage.voicedr("sync", "apply", "--yes", workbook=mine)
        assert (twice.code, "No changes" in twice.out) == (0, True), twice.out
        assert gaps(findings(stage, mine), ClosedBy.PEOPLE) == gaps(after, ClosedBy.PEOPLE)
