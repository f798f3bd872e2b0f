"""Checkpoints by hand go to any place, come back from it, and contradict a journal that was rewritten."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from adapters.checkpoints.test_git_place import repository
from cli.test_verify import voicedr
from scenes import Scene
from voicedr.adapters.checkpoints.line import read_lines
from voicedr.testing.virtual_time import run_virtual


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A finished execution, exported."""
    scene = Scene(tmp_path, {"canary": 1}, propagation_s=0.0)
    scene.open()
    run_virtual(scene.run)
    scene.journal.close()
    assert voicedr(tmp_path, "export", "x1", "--to", "x1.jsonl").code == 0
    return tmp_path


def test_they_are_left_at_several_places_and_verify_from_each(folder: Path) -> None:
    """A repository and a file, in one command; each is read by its name."""
    git = f"git:{repository(folder / 'evidence')}"
    done = voicedr(folder, "checkpoint", "x1", "--to", git, "--to", "kept.jsonl")
    assert done.code == 0, done.err
    assert len(done.out.splitlines()) == 2
    for place in (git, f"file:{folder / 'kept.jsonl'}", "kept.jsonl"):
        verified = voicedr(folder, "verify", "x1.jsonl", "--checkpoint", place)
        assert (verified.code, "1 checkpoints from elsewhere agree" in verified.out) == (0, True), verified


def test_a_place_that_is_away_keeps_none_of_the_others_from_having_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit 3 names the one that did not answer; the other has it."""
    monkeypatch.setattr("voicedr.cli.checkpoints.AGAIN_S", (0.0, 0.0))
    done = voicedr(folder, "checkpoint", "x1", "--to", "http://127.0.0.1:1/x", "--to", "kept.jsonl")
    assert done.code == 3
    assert len(read_lines((folder / "kept.jsonl").read_bytes(), "kept")) == 1


def test_a_contradiction_is_a_finding(folder: Path) -> None:
    """A place that has another head for the same record: exit 1, and it stays as it was."""
    assert voicedr(folder, "checkpoint", "x1", "--to", "kept.jsonl").code == 0
    (kept,) = read_lines((folder / "kept.jsonl").read_bytes(), "kept")
    other = msgspec.json.encode(msgspec.structs.replace(kept, head="f" * 64)) + b"\n"
    (folder / "kept.jsonl").write_bytes(other)
    assert voicedr(folder, "checkpoint", "x1", "--to", "kept.jsonl").code == 1
    assert (folder / "kept.jsonl").read_bytes() == other
    verified = voicedr(folder, "verify", "x1.jsonl", "--checkpoint", "kept.jsonl")
    assert (verified.code, "written anew" in verified.out) == (1, True)


def test_a_repository_that_is_gone_is_wrong_use(folder: Path) -> None:
    """It is no such place, and saying it again would not help."""
    shutil.rmtree(folder / "evidence", ignore_errors=True)
    assert voicedr(folder, "checkpoint", "x1", "--to", f"git:{folder / 'evidence'}").code == 2
