"""Ctrl-C while the program is still being read."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from voicedr.entry import main


class Interrupted(ModuleType):
    """A module that somebody interrupts."""

    def __getattr__(self, name: str) -> object:
        raise KeyboardInterrupt


def test_ctrl_c_before_a_command_begins_is_130_without_a_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same code as later, when a command has begun."""
    monkeypatch.setitem(sys.modules, "voicedr.cli.main", Interrupted("voicedr.cli.main"))
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
