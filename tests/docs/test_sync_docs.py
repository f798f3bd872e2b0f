"""What the page about the standby's copy tells people to enter, entered; and its example of a workbook is read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from docs.test_docs_run import DOCS, PROGRAM, console_commands, first_block, held_stage, run
from program.scope.support_line import GOOD, problems_of

PAGE = DOCS / "sync.md"


@pytest.mark.slow
def test_the_commands_end_as_the_page_says(tmp_path: Path) -> None:
    """On the stage of the demo, one after the other."""
    with held_stage(tmp_path) as environment:
        environment["PATH"] = f"{PROGRAM.parent}{os.pathsep}{environment['PATH']}"
        commands = console_commands(PAGE)
        assert len(commands) > 6
        for command, code in commands:
            done = run(command, tmp_path, environment)
            assert done.returncode == code, f"$ {command}\n{done.stdout}\n{done.stderr}"


def test_the_example_of_a_workbook_is_read() -> None:
    """With the flow that it names."""
    text = first_block(PAGE, "yaml").replace("flow: sales", "flow: support-line")
    assert problems_of(GOOD + text) == ()
