"""Commands are asked of the table before they are queued, and those that mean nothing end with 4 and say why."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from program.scope.support_line import GOOD
from scenes import Scene
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.cli.failures import Stop
from voicedr.cli.main import app
from voicedr.program.vocabulary import Mode
from voicedr.testing.virtual_time import run_virtual


class Desk:
    """A workbook and a journal with one open execution, and the program before them."""

    def __init__(self, folder: Path, mode: Mode = Mode.UNGRACEFUL) -> None:
        self.scene = Scene(folder, {"canary": 1, "rest": 2}, mode=mode)
        self.scene.open()
        self.scene.journal.close()
        self.workbook = folder / "voicedr.yaml"
        self.workbook.write_text(GOOD.replace("on-call lead", "lead"))
        self.journal = folder / "journal.db"

    def say(self, *arguments: str) -> Result:
        """Run a command."""
        where = ("--workbook", str(self.workbook), "--journal", str(self.journal))
        return CliRunner().invoke(app, [*arguments, *where])

    def refused(self, *arguments: str) -> str:
        """Why a command was refused, with code 4."""
        result = self.say(*arguments)
        assert isinstance(result.exception, Stop), result.output
        assert result.exception.code == 4
        return str(result.exception)

    def waiting(self) -> list[tuple[str, str, str]]:
        """What is queued."""
        journal = SqliteJournal(self.journal)
        try:
            return [(one.name, one.by, one.note) for one in journal.commands("x1")]
        finally:
            journal.close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Nobody runs the execution."""
    return Desk(tmp_path)


def test_stop_is_in_the_journal_while_nobody_runs_it(desk: Desk) -> None:
    """One execution or all; a second stop, or a pause, would mean nothing, and is not queued."""
    told = desk.say("stop", "--all", "--as", "ruiz", "--why", "smoke", "--json")
    assert told.exit_code == 0, told.output
    note = "smoke; in the authority as detection, technical assessment and approval"
    assert json.loads(told.stdout) == {"said": "stop", "execution": "x1", "run_by": None, "note": note}
    assert "it is stopped already" in desk.refused("stop")
    assert "it is stopped, which holds more" in desk.refused("pause")
    assert "--why REASON" in desk.refused("resume")
    assert desk.waiting() == [("stop", "A. Ruiz", note)]


def test_a_command_counts_those_that_wait_before_it(desk: Desk) -> None:
    """It is asked how things will stand when it is read, not how they stood when somebody last wrote."""
    assert desk.say("abort", "--why", "enough").exit_code == 0
    assert "it was aborted already" in desk.refused("abort")
    assert "the execution was aborted" in desk.refused("stop")
    assert [name for name, _, _ in desk.waiting()] == ["abort"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("go", "--as", "ruiz"), "no question is open"),
        (("skip",), "nothing was refused"),
        (("switch-mode", "--to", "ungraceful", "--why", "x"), "the execution is ungraceful already"),
        (("switch-mode", "--to", "ungraceful", "--why", " "), "say the mode and why"),
        (("switch-mode", "--to", "graceful", "--why", "green"), "an approving role (lead, director)"),
        (("switch-mode", "--to", "graceful", "--why", "green", "--as", "chen"), "an approving role (lead, director)"),
    ],
)
def test_what_would_mean_nothing_is_told_at_once(desk: Desk, arguments: tuple[str, ...], why: str) -> None:
    """With the id of the execution and the words of the table; nothing is queued."""
    said = desk.refused(*arguments)
    assert said.startswith("x1: ")
    assert why in said
    assert desk.waiting() == []


def test_the_mode_is_switched_with_the_role_of_who_says_so(tmp_path: Path) -> None:
    """Anybody to ungraceful; back only in an approving role, which goes with the command."""
    desk = Desk(tmp_path, Mode.GRACEFUL)
    assert desk.say("switch-mode", "--to", "ungraceful", "--why", "us1 is silent", "--as", "chen").exit_code == 0
    assert desk.say("switch-mode", "--to", "graceful", "--why", "it is green", "--as", "ruiz").exit_code == 0
    assert [(by, note) for _, by, note in desk.waiting()] == [
        ("B. Chen", "ungraceful: us1 is silent"),
        ("A. Ruiz", "graceful as lead: it is green"),
    ]


def test_nothing_is_said_to_what_is_finished(tmp_path: Path) -> None:
    """The way to its report instead; with --all there is nothing to stop."""
    desk = Desk(tmp_path)
    scene = desk.scene
    scene.journal = SqliteJournal(desk.journal)
    assert run_virtual(scene.run).finished is not None
    scene.journal.close()
    for command in ("pause", "resume", "stop"):
        assert "voicedr report x1" in desk.refused(command, "x1")
    everything = desk.say("stop", "--all")
    assert everything.exit_code == 0
    assert "nothing sends" in everything.stdout
