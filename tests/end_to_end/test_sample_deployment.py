"""Breaking each part of the sample deployment under steady calls loses only what the documentation says it loses.

All real: HAProxy, three nodes of etcd, four instances, the fallback app, two token services and the twin, in processes
of their own, broken by ``voicedr sample``'s own orders. The table of docs/sample_deployment.md comes from the same
``measure`` with longer times.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import real_stage  # noqa: F401  compiled modules go where they may be kept
from debian_programs import programs
from voicedr.adapters.http.sockets import SocketSend
from voicedr.cli.demo.stage import Control
from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.cli.sample import parts
from voicedr.cli.sample.breakages import BREAKAGES
from voicedr.cli.sample.command import sample_app
from voicedr.cli.sample.control import STATE_FILE, tell
from voicedr.cli.sample.measure import CALLER, Measured, Pace, measure, token_client
from voicedr.runtime.sample_deployment.account import NUMBERS

pytestmark = pytest.mark.slow

PACE = Pace(calls_per_second=16.0, before_s=0.3, broken_s=1.5, after_s=0.0)
END_S_MAX = 20.0
IMPATIENT = replace(PACE, patience_s=3.0)
"""Where callers hear silence, it is theirs that the test waits for."""

OUTLASTS_THE_STORE = replace(PACE, broken_s=4.0)
"""Instances wait 1.2 s for a store; one that is back by then costs nobody anything."""

PACES = {("region",): IMPATIENT, ("store",): OUTLASTS_THE_STORE}

REDUNDANT = ("us1-a", "store-follower", "fallback", "tokens-a")
"""One of each that there are several of, and the fallback, which nobody needs now: all of them at once."""

TOGETHER = (
    REDUNDANT,
    ("us1-a-hangs", "tokens"),
    ("us1-instances",),
    ("us1-balancer",),
    ("us1-application",),
    ("store-leader",),
    ("store",),
    ("us1-balancer-and-fallback",),
    ("edge",),
    ("region",),
)
DOCS = Path(__file__).parents[2] / "docs" / "sample_deployment.md"


@dataclass
class Running:
    """A deployment that runs."""

    folder: Path
    process: subprocess.Popen[str]
    told: dict[str, Any]

    def part(self, name: str) -> dict[str, Any]:
        """How a part stands now."""
        parts: list[dict[str, Any]] = tell(self.folder, "status")["parts"]
        return next(one for one in parts if one["name"] == name)

    def measured(self, names: tuple[str, ...], pace: Pace) -> Measured:
        """Break these under calls, and what was lost."""
        state = json.loads((self.folder / STATE_FILE).read_text())
        services = [part["url"] for part in state["parts"] if part["name"].startswith("tokens-")]

        async def order(do: str, name: str) -> dict[str, Any]:
            return await asyncio.to_thread(tell, self.folder, do, name)

        async def run() -> Measured:
            async with SocketSend() as send:
                asks = token_client(send, services, Path(state["backend"]))
                return await measure(names, order, Control(state["twin"], send), asks, pace)

        return asyncio.run(run())


def sample(*arguments: str) -> list[str]:
    """The program's words."""
    return [sys.executable, "-m", "voicedr.cli.main", "sample", *arguments]


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    programs("haproxy", "etcd")
    folder = tmp_path_factory.mktemp("sample")
    process = subprocess.Popen(
        sample("up", "--json", "--folder", str(folder)),
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield Running(folder, process, json.loads(line))
    finally:
        process.terminate()
        try:
            process.wait(END_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()


def test_every_breakage_is_tried_here_and_told_in_the_documentation() -> None:
    """The rows of the table are those of the code, and none is left out of this test."""
    assert sorted(name for names in TOGETHER for name in names) == sorted(BREAKAGES)
    rows = [line for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    assert {row.split("`")[1] for row in rows} >= set(BREAKAGES)


@pytest.mark.parametrize("names", TOGETHER, ids="+".join)
def test_only_what_is_promised_is_lost(deployment: Running, names: tuple[str, ...]) -> None:
    """Calls at both Regions and requests for tokens go on while it is broken; each one is accounted for."""
    measured = deployment.measured(names, PACES.get(names, PACE))
    assert measured.broken_promises() == []
    assert all(len(loss.meanwhile) >= 3 for loss in measured.losses.values())
    assert tell(deployment.folder, "status")["broken"] == []


def test_what_was_noted_outlives_whoever_noted_it(deployment: Running) -> None:
    """A place on the list is counted on by another instance, in the other Region, and after the leader has died."""

    def place(region: str) -> int:
        body = {"from": "+16465550123", "to": NUMBERS[region][0], "caller": CALLER}
        url = f"{deployment.told['twin']}/_twin/calls?wait=1"
        with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()), timeout=40) as answer:
            heard = json.loads(answer.read())["heard"]
        said = " ".join(one["detail"] for one in heard)
        return int(said.partition("You are number ")[2].split()[0])

    first = place("us1")
    tell(deployment.folder, "break", "us1-instances")
    tell(deployment.folder, "break", "store-leader")
    try:
        assert place("ie1") == first + 1
    finally:
        tell(deployment.folder, "heal")


def test_mistakes_are_said_and_break_nothing(deployment: Running, tmp_path: Path) -> None:
    """An unknown part, a part broken twice, healing what is well, a second start, and a folder where nothing runs."""
    before = [part["pid"] for part in tell(deployment.folder, "status")["parts"]]
    with pytest.raises(Stop, match="nothing to break"):
        tell(deployment.folder, "break", "us3-a")
    with pytest.raises(Stop, match="is not broken"):
        tell(deployment.folder, "heal", "us1-a")
    with pytest.raises(Stop, match="no sample deployment runs"):
        tell(tmp_path, "status")
    again = CliRunner().invoke(sample_app, ["up", "--folder", str(deployment.folder)])
    assert isinstance(again.exception, Stop)
    assert again.exception.code == WRONG_USE
    assert "runs in" in str(again.exception)
    assert [part["pid"] for part in tell(deployment.folder, "status")["parts"]] == before


def test_the_key_is_asked_for_and_the_state_is_its_owners(deployment: Running) -> None:
    """Others on this machine can neither read the key nor give orders without it; everything listens on loopback."""
    state = deployment.folder / STATE_FILE
    assert state.stat().st_mode & 0o077 == 0
    content = state.read_text()
    try:
        state.write_text(json.dumps(json.loads(content) | {"key": "guessed"}))
        with pytest.raises(Stop, match="key"):
            tell(deployment.folder, "break", "us1-a")
    finally:
        state.write_text(content)
    assert all(part["url"].startswith("http://127.") for part in deployment.told["parts"])
    assert deployment.part("us1-a")["state"] == "runs"


def test_without_haproxy_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that lacks a program is told which package has it, and nothing is started."""
    monkeypatch.setattr(parts, "PROGRAMS", {"no-such-balancer": "haproxy", "sh": "dash"})
    ended = CliRunner().invoke(sample_app, ["up", "--folder", str(tmp_path / "sample")])
    assert isinstance(ended.exception, Stop)
    assert ended.exception.code == WRONG_USE
    assert str(ended.exception).endswith("apt install haproxy")
    assert not (tmp_path / "sample").exists()


def test_it_leaves_nothing_behind(deployment: Running) -> None:
    """`down` ends every process, also one that hangs, and takes the state file away."""
    tell(deployment.folder, "break", "us1-a-hangs")
    pids = [part["pid"] for part in tell(deployment.folder, "status")["parts"]]
    tell(deployment.folder, "down")
    assert deployment.process.wait(END_S_MAX) == 0
    assert not (deployment.folder / STATE_FILE).exists()
    assert [pid for pid in pids if _lives(pid)] == []


def _lives(pid: int) -> bool:
    until = time.monotonic() + 2.0
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
        time.sleep(0.05)
    return True
