"""What a person's mistake gets from the program: words on standard error, the documented code, and nothing lost."""

from __future__ import annotations

import os
import socket
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from real_stage import PROGRAM, Said, Stage, real_stage, voicedr

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with real_stage(tmp_path_factory.mktemp("wrong-use")) as running:
        yield running


@pytest.fixture(scope="module")
def interrupted(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A journal with an execution in it that is open: its process was killed when something had moved."""
    path = tmp_path_factory.mktemp("interrupted") / "journal.db"
    planned = stage.voicedr("plan", "support-line", "--json", "--journal", str(path))
    for person in ("ruiz", "chen"):
        stage.voicedr("approve", planned.lines[0]["plan"], "--as", person, "--journal", str(path))
    running = subprocess.Popen(
        [PROGRAM, "failover", "support-line", "--json", "--journal", str(path)],
        env={**os.environ, "VOICEDR_WORKBOOK": str(stage.workbook)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert any("ANSWERED" in line for line in running.stdout)
    running.kill()
    running.wait()
    running.stdout.close()
    return path


def told(said: Said, code: int, *words: str) -> None:
    """The code, and words on standard error in place of a traceback."""
    assert "Traceback" not in said.err + said.out
    assert said.code == code, said.err + said.out
    for word in words:
        assert word in said.err, said.err


def with_mistake(stage: Stage, to: Path, old: str, new: str) -> Path:
    """The stage's workbook with one thing changed."""
    text = stage.workbook.read_text()
    assert old in text
    to.write_text(text.replace(old, new, 1))
    return to


def line_of(workbook: Path, words: str) -> int:
    """The line on which words stand first."""
    return next(n for n, line in enumerate(workbook.read_text().splitlines(), start=1) if words in line)


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("voicedr: 1", "voicedr: 1\n  people: [", "people: [", ("not YAML",)),
        ("standby: ie1", "standby: us1", "standby: us1", ("nowhere to go: name another Region",)),
        (
            '["+14155550102..',
            '["+14155550101", "+14155550102..',
            '["+14155550101", ',
            ('"low-risk" names +14155550101', '"canary"', "take it out of one of them"),
        ),
        ("      edge: dublin\n", "", "ie1:", ('Region "ie1" has no "edge"', "Add it")),
        ("tier: 1", "tier: one", "tier: one", ("tier",)),
    ],
    ids=["broken-yaml", "standby-is-primary", "number-twice", "region-without-edge", "word-for-number"],
)
def test_a_mistake_in_the_workbook(
    stage: Stage, tmp_path: Path, old: str, new: str, at: str, words: tuple[str, ...]
) -> None:
    """Told with file and line by every command that reads it; exit 2."""
    workbook = with_mistake(stage, tmp_path / "wrong.yaml", old, new)
    said = stage.voicedr("plan", "support-line", workbook=workbook)
    told(said, 2, f"{workbook}:{line_of(workbook, at)}:", *words)


@pytest.mark.parametrize("name", ["none.yaml", "."], ids=["missing", "directory"])
def test_a_workbook_that_cannot_be_read(stage: Stage, tmp_path: Path, name: str) -> None:
    """Told with its path and the flag that names another; exit 2."""
    told(stage.voicedr("ready", workbook=tmp_path / name), 2, str(tmp_path / name), "--workbook FILE")


def test_a_flow_that_does_not_exist(stage: Stage) -> None:
    """The flows that exist are named; exit 2."""
    for command in ("failover", "ready"):
        told(stage.voicedr(command, "suport-line"), 2, "'suport-line'", "support-line, sales")


def test_a_secret_that_is_not_there(stage: Stage, tmp_path: Path) -> None:
    """The reference is named; exit 2, and nobody was asked anything."""
    secret = stage.folder / "ie1.api_secret"
    workbook = with_mistake(stage, tmp_path / "env.yaml", f"file:{secret}", "env:VOICEDR_TEST_IS_NOT_THERE")
    before = stage.requests_to("ie1")
    told(stage.voicedr("plan", "support-line", workbook=workbook), 2, "env:VOICEDR_TEST_IS_NOT_THERE", "Export it")
    assert stage.requests_to("ie1") == before


def test_a_key_that_the_region_refuses(stage: Stage, tmp_path: Path) -> None:
    """No plan can be made from what nobody could read; the answer is told, and the secret is not."""
    other = tmp_path / "other.secret"
    other.write_text("s0" * 16)
    workbook = with_mistake(stage, tmp_path / "key.yaml", f"file:{stage.folder / 'ie1.api_secret'}", f"file:{other}")
    said = stage.voicedr("plan", "support-line", workbook=workbook)
    told(said, 3, "401/20003", "made in ie1 and has not been revoked", "could not be read")
    assert "s0s0" not in said.err + said.out


def test_nobody_answers_at_the_address(stage: Stage, tmp_path: Path) -> None:
    """What nobody can look at is unknown and passes nothing; the workbook's own gaps are told all the same: exit 1."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nowhere = f"http://127.0.0.1:{closed.getsockname()[1]}"
        workbook = with_mistake(stage, tmp_path / "nowhere.yaml", stage.twin.told["http"], nowhere)
        said = stage.voicedr("ready", "support-line", workbook=workbook)
    assert "Traceback" not in said.err
    assert said.code == 1, said.out[-1000:]
    assert "the connection was refused" in said.out
    assert "stage 0" in said.out
    gapless = stage.voicedr("ready", "support-line", "--fail-on", "unknown", workbook=workbook)
    assert gapless.code != 0


def test_a_port_of_the_twin_that_is_taken() -> None:
    """The port is named with the flag that chooses another; exit 2."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = voicedr("twin", "up", "--port", port, "--proxy-port", "0")
    told(said, 2, f"port {port}", "--port")


@pytest.mark.parametrize("name", ["garbage", "half"])
def test_a_journal_file_that_is_none(stage: Stage, interrupted: Path, tmp_path: Path, name: str) -> None:
    """It is left exactly as it was, whatever is asked; exit 2."""
    whole = tmp_path / "whole.db"
    copy_journal(interrupted, whole)
    path = tmp_path / f"{name}.db"
    body = whole.read_bytes()
    path.write_bytes(b"this is not a journal\n" * 99 if name == "garbage" else body[: len(body) // 2])
    before = path.read_bytes()
    for command in (("executions",), ("plan", "support-line")):
        told(stage.voicedr(*command, "--journal", str(path)), 2, str(path), "restore it from a copy")
    assert path.read_bytes() == before
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted(["whole.db", path.name])


@pytest.mark.parametrize(
    ("edit", "names"),
    [
        ("UPDATE records SET body = CAST(replace(body, 'M. Chen', 'M. Cohen') AS BLOB) WHERE seq = 3", "record 3"),
        ("UPDATE records SET hash = previous WHERE seq = 2", "record 2"),
        ("UPDATE records SET term = 7 WHERE seq = 4", "record 4"),
        ("DELETE FROM records WHERE seq = 2", "record 2"),
        ("DELETE FROM records WHERE seq = (SELECT max(seq) FROM records)", "cut off"),
    ],
    ids=["body", "hash", "term", "cut-out", "cut-off"],
)
def test_an_edited_journal(stage: Stage, interrupted: Path, tmp_path: Path, edit: str, names: str) -> None:
    """The record is named, and nothing goes on from it; exit 2."""
    path = tmp_path / "edited.db"
    copy_journal(interrupted, path)
    edited = sqlite3.connect(path)
    try:
        edited.execute(edit)
        assert edited.total_changes > 0
        edited.commit()
    finally:
        edited.close()
    before = stage.requests_to("ie1")
    for command in ("status", "resume"):
        told(stage.voicedr(command, "--journal", str(path)), 2, str(path), names, "Restore the file from a copy")
    assert stage.requests_to("ie1") == before


def test_a_second_failover_while_one_is_open(stage: Stage, interrupted: Path) -> None:
    """One run per flow: the open one is named with what to do about it; exit 4."""
    (open_one,) = stage.voicedr("executions", "--json", "--journal", str(interrupted)).lines
    for command in ("failover", "failback"):
        said = stage.voicedr(command, "support-line", "--journal", str(interrupted))
        told(said, 4, "is not finished", f"voicedr resume {open_one['execution']}")
    assert stage.voicedr("executions", "--json", "--journal", str(interrupted)).lines == [open_one]


def test_nothing_is_open(stage: Stage, tmp_path: Path) -> None:
    """There is nothing to say anything to; exit 2."""
    for command in ("resume", "abort"):
        told(stage.voicedr(command, "--journal", str(tmp_path / "new.db")), 2, "no execution is open")
    told(stage.voicedr("pause", "x-1", "--journal", str(tmp_path / "new.db")), 2, "'x-1'", "voicedr executions")


def test_approvals_that_do_not_count(stage: Stage, tmp_path: Path) -> None:
    """Nobody, the wrong role, no plan, one person twice: each is told, and nothing was opened; exit 2 or 4."""
    journal = ("--journal", str(tmp_path / "approvals.db"))
    told(stage.voicedr("plan", "sales", *journal), 4, "no handler in ie1")
    planned = stage.voicedr("plan", "lobby", "--json", *journal).lines[0]["plan"]
    told(stage.voicedr("approve", planned, "--as", "nobody", *journal), 2, "'nobody'", "ruiz, chen")
    told(stage.voicedr("approve", planned, "--as", "patel", *journal), 4, "S. Patel", "business owner")
    told(stage.voicedr("approve", planned[:5], "--as", "ruiz", *journal), 2, "at least 6 digits")
    for _ in range(2):
        assert stage.voicedr("approve", planned, "--as", "ruiz", *journal).code == 0
    told(stage.voicedr("failover", "lobby", *journal), 4, "is not approved", "1 more of 2")
    assert stage.voicedr("executions", "--json", *journal).lines == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("fail-over", "support-line"), "No such command"),
        (("failover",), "FLOW"),
        (("failover", "support-line", "--when-paused", "maybe"), "--when-paused"),
        (("watch", "support-line", "--every", "often"), "--every"),
    ],
    ids=["command", "argument", "choice", "number"],
)
def test_a_command_line_that_is_wrong(arguments: tuple[str, ...], words: str) -> None:
    """Told with the usage; exit 2."""
    told(voicedr(*arguments), 2, "Usage: voicedr", words)


def test_the_version() -> None:
    """``--version`` alone is enough."""
    said = voicedr("--version")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("voicedr ")


def copy_journal(source: Path, to: Path) -> None:
    """A whole copy in one file, whatever still lies in the log beside the source."""
    read, written = sqlite3.connect(source), sqlite3.connect(to)
    try:
        read.backup(written)
        written.execute("PRAGMA journal_mode=DELETE")
    finally:
        read.close()
        written.close()
