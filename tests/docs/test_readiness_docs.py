"""What the page about readiness tells people to enter, entered."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from docs.test_docs_run import DOCS, PROGRAM, console_commands, held_stage, run

PAGE = DOCS / "readiness.md"


@pytest.mark.slow
def test_the_commands_end_as_the_page_says(tmp_path: Path) -> None:
    """On the stage of the demo, one after the other; the folder that is promised is there."""
    with held_stage(tmp_path) as environment:
        environment["PATH"] = f"{PROGRAM.parent}{os.pathsep}{environment['PATH']}"
        commands = console_commands(PAGE)
        assert len(commands) == 3
        for command, code in commands:
            done = run(command, tmp_path, environment)
            assert done.returncode == code, f"$ {command}\n{done.stdout}\n{done.stderr}"
        assert (tmp_path / "readiness" / "readiness.html").exists()
