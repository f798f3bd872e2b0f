"""What the docs tell people to enter, entered."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
PROGRAM = Path(sys.executable).with_name("voicedr")
COMMAND_S_MAX = 120.0
EXIT_CODE = re.compile(r"  # exit code (\d+)$")
PLAN = re.compile(r"^Plan ([0-9a-f]{12}) needs", re.MULTILINE)

FOUR_COHORTS = """\
      - name: low-risk
        numbers: ["+14155550102..+14155550117"]
"""
LAST_COHORT = """\
      - name: rest
        numbers: ["+14155550158..+14155550217"]
"""


def console_commands(page: Path) -> list[tuple[str, int]]:
    """The lines after ``$`` in the page's console blocks, each with the exit code it is to have."""
    found: list[tuple[str, int]] = []
    inside = False
    for line in page.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = line == "```console"
        elif inside and line.startswith("$ "):
            code = EXIT_CODE.search(line)
            found.append((EXIT_CODE.sub("", line)[2:], int(code[1]) if code else 0))
    return found


def first_block(page: Path, language: str) -> str:
    """The page's first code block in a language."""
    found = re.search(rf"^```{language}\n(.*?)^```", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def run(command: str, folder: Path, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """One command of a page, in a shell without a terminal."""
    return subprocess.run(
        ["bash", "-c", command],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_S_MAX,
        check=False,
    )


def clean_environment() -> dict[str, str]:
    """Ours without what would point voicedr elsewhere; compiled modules go where they may be kept."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICEDR_")}
    if sys.dont_write_bytecode:
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        kept["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / f"voicedr-tests-{os.getuid()}-bytecode")
    return kept


@contextmanager
def held_stage(folder: Path) -> Iterator[dict[str, str]]:
    """``voicedr demo --stage-only`` in a process of its own; what its ``settings.sh`` puts into the environment."""
    process = subprocess.Popen(
        [PROGRAM, "demo", "--stage-only", "--json", "--folder", str(folder)],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        settings = json.loads(line)["settings"]
        shown = run(f"source {settings} && env -0", folder, clean_environment()).stdout
        yield dict(entry.split("=", 1) for entry in shown.split("\0") if "=" in entry)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0, process.stderr.read()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()


@pytest.mark.slow
def test_the_first_drill_goes_as_the_tutorial_says(tmp_path: Path) -> None:
    """Every command of the tutorial ends as it says, with two of the support line's four cohorts, to be quick."""
    with held_stage(tmp_path) as environment:
        workbook = Path(environment["VOICEDR_WORKBOOK"])
        text = workbook.read_text()
        shorter = text.replace(FOUR_COHORTS, "").replace(LAST_COHORT, "")
        shorter = shorter.replace(
            '["+14155550100..+14155550217"]', '["+14155550100..+14155550101", "+14155550118..+14155550157"]'
        )
        assert text.count("\n") - shorter.count("\n") == 4, "the example workbook has other cohorts now"
        workbook.write_text(shorter)
        plan = "PLAN"
        for command, code in console_commands(DOCS / "tutorial.md"):
            done = run(command.replace("PLAN", plan), tmp_path, environment)
            assert done.returncode == code, f"$ {command}\n{done.stdout}\n{done.stderr}"
            if found := PLAN.search(done.stdout):
                plan = found[1]
            if "twin call" in command:
                outcome = "silence in us1" if "--hangs-up-after-s 4" in command else "served in "
                assert done.stdout.startswith(outcome), f"$ {command}\n{done.stdout}"


def test_the_workbook_for_ones_own_account_has_no_mistake(tmp_path: Path) -> None:
    """The example on the page about one's own account passes its check, and the commands beside it work."""
    page = DOCS / "use_your_account.md"
    (tmp_path / "voicedr.yaml").write_text(first_block(page, "yaml"))
    environment = clean_environment()
    environment["PATH"] = f"{PROGRAM.parent}{os.pathsep}{environment['PATH']}"
    commands = console_commands(page)
    assert commands
    for command, code in commands:
        done = run(command, tmp_path, environment)
        assert done.returncode == code, f"$ {command}\n{done.stdout}\n{done.stderr}"
    assert json.loads((tmp_path / "workbook.schema.json").read_text())["title"]


@pytest.mark.slow
def test_the_account_file_on_the_twins_page_is_read(tmp_path: Path) -> None:
    """The example of an account file starts a twin."""
    account = tmp_path / "account.yaml"
    account.write_text(first_block(DOCS / "reference" / "twin.md", "yaml"))
    process = subprocess.Popen(
        [PROGRAM, "twin", "up", "--json", "--port", "0", "--proxy-port", "0", "--account", str(account)],
        env=clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    process.terminate()
    _, said = process.communicate(timeout=30)
    assert line, said
    assert json.loads(line)["http"].startswith("http://127.0.0.1:")
    assert process.returncode == 0, said
