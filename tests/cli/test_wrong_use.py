"""Wrong things that a person may say to an execution: each ends with words and the documented code; none is queued."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from cli.test_say import Desk
from voicedr.adapters.journal.tables import schema
from voicedr.cli.failures import WRONG_USE, exit_code


def told(desk: Desk, *arguments: str) -> tuple[int, str]:
    """The code and the words that a command ends with, as ``main`` would give them."""
    result = desk.say(*arguments)
    if isinstance(result.exception, SystemExit) or result.exception is None:
        return result.exit_code, result.output
    assert isinstance(result.exception, Exception)
    code = exit_code(result.exception)
    assert code is not None, f"a defect of ours: {result.exception!r}"
    return code, str(result.exception)


@pytest.mark.parametrize(
    "arguments",
    [
        ("status", "x-9"),
        ("pause", "x-9"),
        ("resume", "x-9"),
        ("skip", "x-9"),
        ("abort", "x-9"),
        ("stop", "x-9"),
        ("go", "x-9"),
        ("rollback", "x-9"),
        ("switch-mode", "x-9", "--to", "ungraceful", "--why", "us1 is silent"),
        ("report", "x-9"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_an_execution_that_there_is_not(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    """It is named, with the command that lists those that there are; exit 2."""
    desk = Desk(tmp_path)
    code, words = told(desk, *arguments)
    assert code == WRONG_USE, words
    assert "'x-9'" in words
    assert "voicedr executions" in words
    assert desk.waiting() == []


@pytest.mark.parametrize("command", ["status", "pause", "resume", "stop"])
def test_a_journal_of_a_newer_release(tmp_path: Path, command: str) -> None:
    """Both versions are named, and the file is left as it was; exit 2."""
    desk = Desk(tmp_path)
    file = sqlite3.connect(desk.journal)
    file.execute(f"UPDATE {schema.name} SET version = 99")
    file.commit()
    file.close()
    code, words = told(desk, command, "x1")
    assert code == WRONG_USE, words
    assert "schema version 99" in words
    assert "Nothing was changed" in words


@pytest.mark.parametrize("keep", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("command", ["status", "pause", "resume", "stop"])
def test_a_journal_that_was_cut_off(tmp_path: Path, command: str, keep: float) -> None:
    """Its path is told and where to get it back; one without a byte is an empty journal and has no such execution."""
    desk = Desk(tmp_path)
    whole = desk.journal.read_bytes()
    for beside in tmp_path.glob("journal.db-*"):
        beside.unlink()
    desk.journal.write_bytes(whole[: int(len(whole) * keep)])
    code, words = told(desk, command, "x1")
    assert code == WRONG_USE, words
    assert (str(desk.journal) in words) if keep else ("'x1'" in words)


@pytest.mark.parametrize("command", ["status", "pause", "resume", "stop"])
def test_a_workbook_that_is_not_there(tmp_path: Path, command: str) -> None:
    """Its path is told, and the flag that names another, by every command that needs one; exit 2."""
    desk = Desk(tmp_path)
    desk.workbook.unlink()
    code, words = told(desk, command, "x1")
    assert code in (0, WRONG_USE), words
    if code == WRONG_USE:
        assert str(desk.workbook) in words
        assert "--workbook FILE" in words
        assert desk.waiting() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("switch-mode", "x1", "--to", "careful", "--why", "so"), "careful"),
        (("switch-mode", "x1", "--to", "ungraceful"), "--why"),
        (("switch-mode", "x1", "--why", "so"), "--to"),
        (("go", "x1", "--maybe"), "--maybe"),
    ],
    ids=["mode", "no-reason", "no-mode", "flag"],
)
def test_a_command_that_is_half_said(tmp_path: Path, arguments: tuple[str, ...], words: str) -> None:
    """What is missing or not known is named; exit 2, and nothing is queued."""
    desk = Desk(tmp_path)
    code, said = told(desk, *arguments)
    assert code == WRONG_USE, said
    assert words in said
    assert desk.waiting() == []
