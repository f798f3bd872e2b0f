"""Checkpoints are left where the workbook says while an execution runs, in real time, files and repositories."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.checkpoints.test_git_place import git, repository
from cli.test_verify import voicedr
from program.scope.support_line import GOOD
from scenes import Scene
from voicedr.adapters.checkpoints.line import read_lines
from voicedr.bootstrap import access, load_workbook
from voicedr.cli.execute import WhenPaused, run_execution
from voicedr.program.vocabulary import IE1, US1
from voicedr.usecases.tempo import Tempo

QUICK = Tempo(look_s=0.2, alert_lag_s=0.5, test_call_s=1, again_s=2.0)

CHECKPOINTS = """
checkpoints:
  every: 1s
  places:
    - at: file:kept.jsonl
    - at: git:evidence?remote=origin
    - at: git:nowhere
    - at: https://evidence.example/voicedr
      token: env:VOICEDR_NO_SUCH_TOKEN
"""


def test_they_are_left_beside_the_workbook_and_at_a_remote_and_what_is_wrong_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Some on the way and one at the end, signed; a place that cannot be used is said, and keeps nobody from moving."""
    monkeypatch.setenv("VOICEDR_ADDRESS", "http://127.0.0.1:9")
    there = repository(tmp_path / "there.git", bare=True)
    git(repository(tmp_path / "evidence"), "remote", "add", "origin", str(there))
    (tmp_path / "voicedr.yaml").write_text(GOOD + CHECKPOINTS)
    workbook = load_workbook(tmp_path / "voicedr.yaml")
    scene = Scene(tmp_path, {"canary": 2, "rest": 4}, propagation_s=0.0)
    plan = scene.open()

    async def run() -> int:
        async with access(workbook, without=frozenset({US1, IE1}), journal=scene.journal) as has:
            has = replace(has, providers=scene.providers(has.clock))
            return await run_execution(has, scene.journal, "x1", plan, WhenPaused.EXIT, True, tempo=QUICK, hint=False)

    assert asyncio.run(asyncio.wait_for(run(), 60)) == 0
    said = capsys.readouterr().err
    about = [line for line in said.splitlines() if "nowhere" in line]
    assert len(about) == 2, said  # when it happened, and at the end
    assert "checkpoints are not left any more" in about[0]
    assert "voicedr checkpoint x1 --to" in about[1]
    assert len([line for line in said.splitlines() if "place 4" in line]) == 1

    kept = read_lines((tmp_path / "kept.jsonl").read_bytes(), "kept")
    assert kept[-1].size == len(scene.journal.read("x1"))
    assert len(kept) > 1
    assert int(git(there, "rev-list", "--count", "voicedr-checkpoints")) > 1
    scene.journal.close()
    (tmp_path / "machine.pem").write_text(voicedr(tmp_path, "checkpoint-key").out)
    assert voicedr(tmp_path, "export", "x1", "--to", "full.jsonl").code == 0
    places = ("--checkpoint", "kept.jsonl", "--checkpoint", f"git:{there}", "--public-key", "machine.pem")
    verified = voicedr(tmp_path, "verify", "full.jsonl", *places)
    assert verified.code == 0, verified
    assert "checkpoints from elsewhere agree" in verified.out
