"""Evidence is exported, checkpointed and verified from the command line, with the documented exit codes."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from cli.test_verify import voicedr
from scenes import Scene
from voicedr.testing.virtual_time import run_virtual


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished execution's journal, exported, with a checkpoint and its key beside it."""
    folder = tmp_path_factory.mktemp("evidence")
    scene = Scene(folder, {"canary": 1, "rest": 2}, propagation_s=0.0)
    scene.open()
    run_virtual(scene.run)
    scene.journal.close()
    (folder / "rubbish.jsonl").write_bytes(b"SQLite format 3\x00\xff")
    assert voicedr(folder, "export", "x1", "--to", "x1.jsonl").code == 0
    assert voicedr(folder, "checkpoint", "x1", "--to", "kept.jsonl").code == 0
    (folder / "key.pem").write_text(voicedr(folder, "checkpoint-key").out)
    return folder


def test_a_whole_file_verifies_with_its_checkpoint(folder: Path) -> None:
    """Exit 0, and the checkpoint counts; without one it says what it cannot see. The key is its owner's only."""
    done = voicedr(folder, "verify", "x1.jsonl", "--checkpoint", "kept.jsonl", "--public-key", "key.pem")
    assert done.code == 0, done.err
    assert "1 checkpoints from elsewhere agree" in done.out
    assert "cut tail would not be noticed" in voicedr(folder, "verify", "x1.jsonl").out
    assert stat.S_IMODE((folder / "checkpoint-key.pem").stat().st_mode) == 0o600


def test_a_touched_file_is_broken_and_says_where(folder: Path) -> None:
    """Exit 1 with the first bad record, also for machines."""
    text = (folder / "x1.jsonl").read_text()
    (folder / "touched.jsonl").write_text(text.replace('"holder":"me"', '"holder":"us"', 1))
    done = voicedr(folder, "verify", "touched.jsonl")
    assert done.code == 1
    assert "record 4 was changed" in done.out
    verdict = json.loads(voicedr(folder, "verify", "touched.jsonl", "--json").out)
    assert (verdict["whole"], verdict["first_bad"]) == (False, 4)


def test_a_forged_checkpoint_proves_nothing(folder: Path) -> None:
    """A checkpoint that the machine did not sign is refused, with its place and size."""
    kept = json.loads((folder / "kept.jsonl").read_text())
    (folder / "forged.jsonl").write_text(json.dumps({**kept, "size": 3}) + "\n")
    done = voicedr(folder, "verify", "x1.jsonl", "--checkpoint", "forged.jsonl", "--public-key", "key.pem")
    assert done.code == 1
    assert "forged.jsonl: the checkpoint of 3 records was not signed" in done.err


@pytest.mark.parametrize(
    "arguments",
    [
        ("verify", "nothing-there.jsonl"),
        ("verify", "rubbish.jsonl"),
        ("verify", "x1.jsonl", "--checkpoint", "key.pem"),
        ("verify", "x1.jsonl", "--checkpoint", "kept.jsonl", "--public-key", "kept.jsonl"),
        ("export", "x9"),
        ("export", "x1", "--to", "no/such/folder/x.jsonl"),
    ],
)
def test_wrong_input_is_said_in_words(folder: Path, arguments: tuple[str, ...]) -> None:
    """Exit 2, and one message with the way on."""
    done = voicedr(folder, *arguments)
    assert done.code == 2
    assert done.err.endswith((".", "lists all", "lists them."))
