"""Snapshots of a workbook that is not there: a slip of the pen is not an account without snapshots."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.cli.main import app


@pytest.mark.parametrize("command", ["list", "show", "diff"])
@pytest.mark.parametrize("name", ["voicdr.yaml", "."])
def test_it_is_named_with_the_way_on(tmp_path: Path, command: str, name: str) -> None:
    """Exit 2 for a file that there is not, and for a folder."""
    ended = CliRunner().invoke(app, ["snapshot", command, "-w", str(tmp_path / name)])
    assert isinstance(ended.exception, Stop)
    assert ended.exception.code == WRONG_USE
    assert str(tmp_path / name) in str(ended.exception)
    assert "--workbook FILE" in str(ended.exception)
    assert ended.stdout == ""
