"""The readiness package of a real stage: every form, the gap list over two runs, and a watch that is ended by hand."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from real_stage import Stage, real_stage
from voicedr.adapters.gap_file import GapFile

pytestmark = pytest.mark.slow

FILES = {
    "index.md", "readiness.html", "readiness.json", "readiness.md", "readiness.junit.xml", "readiness.sarif",
    "findings.csv", "checklist.csv", "gaps.csv", "map.csv",
}  # fmt: skip


def test_a_run_is_a_package_and_goes_into_the_list(tmp_path: Path) -> None:
    """Every form is there, the map is whole, the list has each run; a watch ends with 130."""
    with real_stage(tmp_path) as stage:
        first = stage.voicedr("ready", "support-line", "--all-to", str(tmp_path / "pack"), "--gaps", "gaps.json")
        assert first.code in (1, 3), first.err
        assert first.out.startswith("next: support-line")
        assert {path.name for path in (tmp_path / "pack").iterdir()} == FILES
        assert "trend" not in first.out
        found = json.loads((tmp_path / "pack" / "readiness.json").read_text())["package"]["support-line"]
        assert {line["kind"] for line in found["map"]["lines"]} >= {"keys", "routes", "numbers"}
        assert not [line for line in found["map"]["lines"] if line["verdict"] == "unknown"]
        sarif = json.loads((tmp_path / "pack" / "readiness.sarif").read_text())
        place = sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
        line = place["region"]["startLine"]
        assert stage.workbook.read_text().splitlines()[line - 1].strip() == "support-line:"
        _watched(stage, tmp_path)
    known = GapFile(tmp_path / "gaps.json").load()
    assert len(known.trend("support-line")) == 3
    assert {gap["id"] for gap in found["gap_list"]} == set(known.gaps)


def _watched(stage: Stage, folder: Path) -> None:
    command = [
        sys.executable, "-m", "voicedr.cli.main", "ready", "support-line", "--watch", "--every", "1h", "--format",
        "json", "--gaps", "gaps.json",
    ]  # fmt: skip
    environment = {**os.environ, "VOICEDR_WORKBOOK": str(stage.workbook)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=folder, env=environment) as run:
        assert run.stdout is not None
        begun = json.loads(run.stdout.readline())
        assert (begun["because"], begun["news"]) == ("begin", [])
        stage.workbook.write_text(stage.workbook.read_text() + "\n# changed\n")
        changed = json.loads(run.stdout.readline())
        assert (changed["because"], changed["trouble"]) == ("something changed", None)
        whole = stage.workbook.read_text()
        stage.workbook.write_text("voicedr: [")
        broken = json.loads(run.stdout.readline())
        assert broken["outcome"] is None
        assert "voicedr.yaml:" in broken["trouble"]
        stage.workbook.write_text(whole)
        time.sleep(0.2)
        run.send_signal(signal.SIGINT)
        assert run.wait(timeout=15) == 130
        assert run.stderr is not None
        assert b"Traceback" not in run.stderr.read()
