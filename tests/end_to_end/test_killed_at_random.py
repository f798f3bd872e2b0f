"""``kill -9`` at random instants of real processes: real journal files, real sockets, a real twin.

The seed of each campaign is in its output; kill points follow from it and from how long a clean run takes here.
``VOICEDR_SOAK_SEED`` chooses others.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import killed_runs
from real_stage import LimitOptions, Stage, real_stage
from voicedr.runtime.sample_customer.account import SALES_WITHOUT_STANDBY
from voicedr.runtime.sample_customer.estate import SALES, SUPPORT_LINE

pytestmark = pytest.mark.slow

NUMBERS = (*SUPPORT_LINE, *SALES[len(SALES_WITHOUT_STANDBY) :])
"""Numbers that have a handler in ie1."""

FIRST_SEED = int(os.environ.get("VOICEDR_SOAK_SEED", "0"))
LANES = 10
KILLS_PER_LANE = 5
SECONDS_MAX = 200.0


class Campaign:
    """A quarter of the kills. Each has a twin of its own, so that they may run side by side."""

    SEED: int

    def test_every_number_moves_exactly_once(self, tmp_path: Path) -> None:
        """Killed at any instant, often twice, the next process finishes it: one write per number, the chain holds."""
        limits = LimitOptions(requests_per_second=30, calls_per_second=50, propagation_max="3s")
        settings = {"propagation_s": [0, 0], "calls_per_second": 50, "answer_s": 0.03, "setup_s": 0.05}
        with real_stage(tmp_path, limits=limits, settings=settings) as stage:
            trials = killed(stage, FIRST_SEED + self.SEED)
        kills = [kill for trial in trials for kill in trial["killed"]]
        shown = f"seed {FIRST_SEED + self.SEED}: {len(kills)} kills in {len(trials)} trials"
        flying = sum(kill["in_flight"] > 0 for kill in kills)
        clean = sorted(trial["clean_s"] for trial in trials)
        print(  # noqa: T201 (a failure is replayed with it, and -s shows how the kills were spread)
            f"{shown}; {flying} with a request in flight; a clean run takes {clean[0]:.1f} to {clean[-1]:.1f} s"
        )
        for trial in trials:
            assert not trial["wrong"], f"{shown}: {trial}"
            assert trial["end"]["outcome"] == "done", f"{shown}: {trial}"
            assert trial["end"]["done"] == killed_runs.NUMBERS
            assert trial["end"]["left"] == 0
            assert len(trial["changes"]) == killed_runs.NUMBERS
            assert all(changes == [["ie1", "ie1"]] for changes in trial["changes"].values()), f"{shown}: {trial}"
        assert len(kills) >= LANES * KILLS_PER_LANE


class TestKilledAtRandom1(Campaign):
    SEED = 1


class TestKilledAtRandom2(Campaign):
    SEED = 2


class TestKilledAtRandom3(Campaign):
    SEED = 3


class TestKilledAtRandom4(Campaign):
    SEED = 4


def killed(stage: Stage, seed: int) -> list[dict[str, Any]]:
    """Let the lanes run, and give every trial of every lane."""
    folder = stage.folder / "killed"
    folder.mkdir()
    size = killed_runs.NUMBERS
    spec = {
        "folder": str(folder),
        "workbook": str(stage.workbook),
        "blocks": [NUMBERS[lane * size : (lane + 1) * size] for lane in range(LANES)],
        "seed": seed,
        "kills": KILLS_PER_LANE,
        "seconds_max": SECONDS_MAX,
    }
    spec_file = folder / "spec.json"
    spec_file.write_text(json.dumps(spec))
    done = subprocess.run(
        [sys.executable, killed_runs.__file__, str(spec_file)],
        # Nothing here speaks TLS, and reading a machine's certificates is a third of what a run costs.
        env={**os.environ, "SSL_CERT_FILE": os.devnull},
        capture_output=True,
        text=True,
        timeout=SECONDS_MAX + 30,
        check=False,
    )
    assert done.returncode == 0, f"seed {seed}: ended with {done.returncode}\n{done.stderr[-4000:]}"
    lines = [line for lane in range(LANES) for line in (folder / f"lane-{lane}" / "trials.jsonl").open()]
    return [json.loads(line) for line in lines]
