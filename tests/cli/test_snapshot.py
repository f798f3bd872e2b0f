"""Snapshots of a twin: what somebody changed with the provider's own client is told, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from real_stage import real_stage
from voicedr.cli.failures import exit_code
from voicedr.cli.main import app

pytestmark = pytest.mark.slow

CHANGES = """
us1, ie1 = client("us1"), client("ie1")
ie1.queues.create(friendly_name="overflow")
number = ie1.incoming_phone_numbers.list(limit=1)[0]
number.update(voice_url="https://ops:hunter2@other.example/voice")
print(json.dumps(number.phone_number))
"""


def run(workbook: Path, *arguments: str) -> tuple[int, str, str]:
    """A command in this process: its code, what it said, and what went wrong, in words."""
    ended = CliRunner().invoke(app, ["snapshot", *arguments, "-w", str(workbook)])
    if ended.exception is None or isinstance(ended.exception, SystemExit):
        return ended.exit_code, ended.stdout, ""
    assert isinstance(ended.exception, Exception)
    return exit_code(ended.exception) or -1, ended.stdout, str(ended.exception)


def test_what_is_otherwise_since_is_told_and_no_password_with_it(tmp_path: Path) -> None:
    """Taken, listed, shown; the same is exit 0, a change is exit 1 and named; ready keeps its own reading, too."""
    with real_stage(tmp_path) as stage:
        code, _, why = run(stage.workbook, "diff")
        assert (code, "voicedr snapshot take" in why) == (2, True)
        before = stage.twin.control("GET", "/_twin/routes")
        code, told, why = run(stage.workbook, "take", "--json")
        assert code == 0, why
        assert stage.twin.control("GET", "/_twin/routes") == before
        counts = json.loads(told)["regions"]
        assert counts["us1"]["number"] == counts["ie1"]["number"] > 100
        assert isinstance(counts["ie1"]["caller-id"], str)
        code, _, why = run(stage.workbook, "diff")
        assert (code, "no snapshot before" in why) == (2, True)

        ready = CliRunner().invoke(app, ["ready", "--format", "json", "-w", str(stage.workbook)])
        assert ready.exit_code in (1, 3), ready.exception
        code, told, _ = run(stage.workbook, "diff")
        assert (code, "0 differences" in told) == (0, True), told

        number = stage.twin.official(CHANGES)
        assert run(stage.workbook, "take")[0] == 0
        code, told, _ = run(stage.workbook, "diff", "--json")
        assert code == 1
        found = json.loads(told)["differences"]
        changes = {(one["place"], one["kind"], one["name"], one["field"], one["change"]) for one in found}
        assert ("ie1", "queues", "overflow", "", "added") in changes
        assert ("ie1", "numbers", number, "voice_url", "changed") in changes
        assert {place for place, *_ in changes} <= {"ie1", ""}
        assert "hunter2" not in told
        listed = json.loads(run(stage.workbook, "list", "--json")[1])
        assert len(listed) == 3
        assert "queues overflow" in run(stage.workbook, "diff", listed[-1]["name"])[1]
        assert "numbers" in run(stage.workbook, "show", listed[-1]["name"][:6])[1]
        kept = sorted((tmp_path / ".voicedr" / "snapshots").glob("*.json.gz"))
        assert len(kept) == 3
        assert kept[-1].stat().st_mode & 0o077 == 0
    for name, words in (("zzzz", "no snapshot begins"), ("a", "4 characters or more")):
        code, _, why = run(stage.workbook, "show", name)
        assert (code, words in why) == (2, True)
    kept[-1].write_bytes(kept[-1].read_bytes()[:100])
    code, _, why = run(stage.workbook, "diff")
    assert (code, "cannot be unpacked" in why) == (2, True)
