"""The help of the whole program: every command in one panel, in the order in which it is needed."""

from __future__ import annotations

import os
import subprocess
from itertools import chain

import pytest

from real_stage import PROGRAM
from voicedr.cli.panels import PANELS
from voicedr.cli.reference import root

NAMES = list(chain.from_iterable(PANELS.values()))


def test_every_command_has_one_panel() -> None:
    """No command stands outside, none stands twice, and no panel names one that there is not."""
    assert sorted(NAMES) == sorted(root().commands)
    assert {name: command.rich_help_panel for name, command in root().commands.items()} == {
        name: panel for panel, names in PANELS.items() for name in names
    }


@pytest.mark.parametrize("columns", [80, 120])
def test_help_names_panels_and_commands_in_order(columns: int) -> None:
    """On a narrow and on a wide screen, within its width."""
    env = {**os.environ, "COLUMNS": str(columns), "NO_COLOR": "1", "TERMINAL_WIDTH": str(columns)}
    told = subprocess.run([PROGRAM, "--help"], env=env, capture_output=True, text=True, timeout=60, check=True).stdout
    assert max(map(len, told.splitlines())) <= columns
    places = [told.index(f"─ {panel} ") for panel in PANELS]
    assert places == sorted(places)
    rows = [line.split()[1] for line in told.splitlines() if line.startswith("│ ") and line[2] not in " -"]
    assert rows == NAMES
    assert "─ Commands ─" not in told
