"""The demo plays the whole main job with real processes, and says how it went."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.slow
def test_the_demo_ends_with_all_moved_proved_and_brought_home(tmp_path: Path) -> None:
    """Every line is JSON, no request reached the dead Region, callers are served again, and both reports are there."""
    done = subprocess.run(
        [sys.executable, "-m", "voicedr.cli.main", "demo", "--json", "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stderr + done.stdout[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    acts = [line["act"] for line in lines if "act" in line]
    assert acts == [
        "setting", "ready", "ordinary", "outage", "detect",
        "failover-decision", "failover", "heal", "failback-decision", "failback", "end",
    ]  # fmt: skip
    end = lines[-1]
    assert end["outcome"] == "done"
    failover, failback = end["failover"], end["failback"]
    assert (failover["moved"], failover["proved"]) == (118, 118)
    assert (failback["moved"], failback["proved"]) == (118, 118)
    assert failover["requests_to_left_region"] == 0
    assert next(line["requests_to_us1"] for line in lines if "requests_to_us1" in line) == 0
    assert failover["callers_lost"] > 0
    assert failback["callers_lost"] == 0
    assert failover["unsettled"] == 0
    for uri in end["reports"].values():
        page = Path(uri.removeprefix("file://"))
        assert b"<svg" in page.read_bytes()
    secrets = [path.read_text() for path in tmp_path.glob("*/secrets/*.secret")]
    assert secrets
    assert not any(secret in done.stdout + done.stderr for secret in secrets)
