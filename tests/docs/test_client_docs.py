"""The commands for clients on the twin's page, entered."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from node_packages import installed

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "twin.md"
PROGRAMS = Path(sys.executable).parent
NUMBERS_OF_THE_DEFAULT_ACCOUNT = 10


def _section(title: str) -> str:
    found = re.search(rf"^### {title}\n(.*?)(?=^##)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None, f"the page has no section {title}"
    return found[1]


def _enter(command: str, folder: Path, **more: str) -> str:
    """A command in a shell where voicedr and its Python are found, and no provider's settings are."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VOICEDR_", "TWILIO_"))}
    path = os.pathsep.join([str(PROGRAMS), more.pop("PATH", ""), kept["PATH"]])
    done = subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env={**kept, "PATH": path, "HOME": str(folder), **more},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, f"$ {command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def _commands(title: str) -> list[str]:
    return re.findall(r"^\$ (.*)$", _section(title), re.MULTILINE)


def test_curl(tmp_path: Path) -> None:
    """The command for curl lists the account's numbers."""
    if shutil.which("curl") is None:
        pytest.skip("curl is not on this machine: install curl")
    (command,) = _commands("curl")
    assert _enter(command, tmp_path).count('"phone_number"') == NUMBERS_OF_THE_DEFAULT_ACCOUNT


def test_python(tmp_path: Path) -> None:
    """Both commands for Python count the account's numbers; the second where a mount namespace can be had."""
    sync, by_name = _commands("Python")
    assert _enter(sync, tmp_path) == f"{NUMBERS_OF_THE_DEFAULT_ACCOUNT}\n"
    program = re.search(r"^```python\n(.*?)^```", _section("Python"), re.MULTILINE | re.DOTALL)
    assert program is not None
    (tmp_path / "async_numbers.py").write_text(program[1])
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
        pytest.skip("--hosts needs Linux, root and a mount namespace: run this test as root where there is one")
    assert _enter(by_name, tmp_path) == f"{NUMBERS_OF_THE_DEFAULT_ACCOUNT}\n"


@pytest.mark.slow
def test_node(tmp_path: Path) -> None:
    """The command for Node counts the account's numbers."""
    modules = installed("twilio", "6.2.0") / "node_modules"
    (command,) = _commands("Node")
    assert _enter(command, tmp_path, NODE_PATH=str(modules)) == f"{NUMBERS_OF_THE_DEFAULT_ACCOUNT}\n"


@pytest.mark.slow
def test_twilio_cli(tmp_path: Path) -> None:
    """The command for the official command line lists the account's numbers."""
    programs = installed("twilio-cli", "6.2.4") / "node_modules" / ".bin"
    (command,) = _commands("twilio-cli")
    assert _enter(command, tmp_path, PATH=str(programs)).count("+1415555") == NUMBERS_OF_THE_DEFAULT_ACCOUNT
