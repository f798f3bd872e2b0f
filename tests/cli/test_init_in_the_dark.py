"""`voicedr init` of an account that nobody could read: not the same as an account without anything in it."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicedr.cli.failures import UNKNOWN, Stop
from voicedr.cli.main import app


def test_what_could_not_be_read_is_told_by_region(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 3 with each Region's reason, no secret, no claim about the account, and no workbook."""
    monkeypatch.setenv("ONE", "Correct-horse-7")
    monkeypatch.setenv("TWO", "Correct-horse-8")
    words = ["init", "-w", str(tmp_path / "voicedr.yaml"), "--account", f"AC{1:032}", "--address", "http://127.0.0.1:1"]
    keys = ["--region", f"us1=SK{1:032},env:ONE", "--region", f"ie1=SK{2:032},env:TWO"]
    ended = CliRunner().invoke(app, [*words, *keys])
    assert isinstance(ended.exception, Stop), ended.exception
    assert ended.exception.code == UNKNOWN
    told = str(ended.exception)
    assert "could not be read" in told
    assert "us1: " in told
    assert "ie1: " in told
    assert "answered by anything" not in told
    assert "Correct-horse" not in told + ended.output
    assert not (tmp_path / "voicedr.yaml").exists()
