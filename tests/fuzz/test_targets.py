"""Every reader of others' bytes takes its samples and some hundred mutants of each; `make soak` goes on from there."""

from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest
from fuzz.__main__ import names, target

from fuzz import mutate

INPUTS = {
    "workbook": 60, "scenario": 60, "account_file": 200, "sip_agent": 200, "rest_request": 200, "evidence": 200,
    "draft_merge": 2, "fallback_policy": 8, "token_settings": 40, "workbook_secrets": 10, "dns_answer": 50,
    "firewall_walk": 60, "firewall_export": 400, "sbc_file": 300, "access_token": 500,
    "snapshot_file": 500, "gap_file": 500,
}  # fmt: skip
"""Where one input takes milliseconds. Others: 2,000."""


@pytest.mark.parametrize("name", names())
def test_nothing_breaks_it(name: str) -> None:
    """The samples, and mutants of them by a fixed seed."""
    module = target(name)
    for sample in module.SEEDS:
        module.one(sample)
    chance = random.Random(name)
    for _ in range(INPUTS.get(name, 2000)):
        data = mutate.mutant(chance.choice(module.SEEDS), module.SEEDS, chance)
        try:
            module.one(data)
        except Exception as exc:
            pytest.fail(f"{name} broke on {data!r}: {exc!r}")


def test_a_finding_is_kept_and_told(tmp_path: Path) -> None:
    """What breaks a target ends the run with 1, and the input lies where it can be run again."""
    (tmp_path / "fuzz_broken.py").write_text(
        "import fuzz.targets, fuzz.__main__ as runs, types, sys\n"
        "broken = types.ModuleType('fuzz.targets.broken')\n"
        "broken.SEEDS = [b'good']\n"
        "def one(data):\n"
        "    assert b'g' in data\n"
        "broken.one = one\n"
        "sys.modules['fuzz.targets.broken'] = broken\n"
        "sys.exit(runs._child('broken', 20.0, 1, plain=True))\n"
    )
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, str(tmp_path / "fuzz_broken.py")],
        env={"PATH": "/usr/bin", "PYTHONPATH": str(root), "VOICEDR_FUZZ_FOUND": str(tmp_path / "found")},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    (kept,) = (tmp_path / "found").iterdir()
    assert b"g" not in kept.read_bytes()
    assert str(kept) in done.stdout
