"""Evidence is exported, checkpointed and verified from the command line, with the documented exit codes."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from scenes import Scene
from voicedr.testing.virtual_time import run_virtual


def voicedr(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder, with its journal there."""
    environment = {**os.environ, "VOICEDR_JOURNAL": str(folder / "journal.db"), "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-m", "voicedr.cli.main", *arguments],
        cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished execution's journal, exported, with a checkpoint and its key beside it."""
    folder = tmp_path_factory.mktemp("evidence")
    scene = Scene(folder, {"canary": 1, "rest": 2}, propagation_s=0.0)
    scene.open()
    run_virtual(scene.run)
    scene.journal.close()
    assert voicedr(folder, "export", "x1", "--to", "x1.jsonl").returncode == 0
    assert voicedr(folder, "checkpoint", "x1", "--to", "kept.jsonl").returncode == 0
    (folder / "key.pem").write_text(voicedr(folder, "checkpoint-key").stdout)
    return folder


def test_a_whole_file_verifies_with_its_checkpoint(folder: Path) -> None:
    """Exit 0, and the checkpoint counts; without one it says what it cannot see. The key is its owner's only."""
    done = voicedr(folder, "verify", "x1.jsonl", "--checkpoint", "kept.jsonl", "--public-key", "key.pem")
    assert done.returncode == 0, done.stderr
    assert "1 checkpoints from elsewhere agree" in done.stdout
    assert "cut tail would not be noticed" in voicedr(folder, "verify", "x1.jsonl").stdout
    assert stat.S_IMODE((folder / "checkpoint-key.pem").stat().st_mode) == 0o600


def test_a_touched_file_is_broken_and_says_where(folder: Path) -> None:
    """Exit 1 with the first bad record, also for machines."""
    text = (folder / "x1.jsonl").read_text()
    (folder / "touched.jsonl").write_text(text.replace('"holder":"me"', '"holder":"us"', 1))
    done = voicedr(folder, "verify", "touched.jsonl")
    assert done.returncode == 1
    assert "record 4 was changed" in done.stdout
    verdict = json.loads(voicedr(folder, "verify", "touched.jsonl", "--json").stdout)
    assert (verdict["whole"], verdict["first_bad"]) == (False, 4)


def test_a_forged_checkpoint_proves_nothing(folder: Path) -> None:
    """A checkpoint that the machine did not sign is refused, with its line."""
    kept = json.loads((folder / "kept.jsonl").read_text())
    (folder / "forged.jsonl").write_text(json.dumps({**kept, "size": 3}) + "\n")
    done = voicedr(folder, "verify", "x1.jsonl", "--checkpoint", "forged.jsonl", "--public-key", "key.pem")
    assert done.returncode == 1
    assert "forged.jsonl:1" in done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "nothing-there.jsonl"),
        ("verify", "journal.db"),
        ("verify", "x1.jsonl", "--checkpoint", "key.pem"),
        ("verify", "x1.jsonl", "--checkpoint", "kept.jsonl", "--public-key", "kept.jsonl"),
        ("export", "x9"),
        ("export", "x1", "--to", "no/such/folder/x"),
    ],
)
def test_wrong_input_is_said_in_words(folder: Path, arguments: tuple[str, ...]) -> None:
    """Exit 2, one message, no traceback."""
    done = voicedr(folder, *arguments)
    assert done.returncode == 2
    assert done.stderr.startswith("voicedr: ")
    assert "Traceback" not in done.stderr
