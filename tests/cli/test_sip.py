"""``voicedr sip``: the page's examples, exit codes, wrong use, and that it works without the rest of the program."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from kamailio_dispatcher import steerable
from lying_names import from_zone, names_that_say
from plain_answerers import always, by_connections
from running_twin import RunningTwin, running_twin
from voicedr.cli.sip import sip_app

PAGE = Path(__file__).parents[2] / "docs" / "sip_kit.md"
PROGRAM = Path(sys.executable).with_name("voicedr")
ALONE = (sys.executable, "-m", "voicedr.cli.sip")
"""The kit without the rest of the program."""


def run(*arguments: str, environment: dict[str, str] | None = None) -> Result:
    """The commands, in this process."""
    return CliRunner().invoke(sip_app, arguments, env=environment)


@pytest.fixture(scope="module")
def twin() -> Iterator[RunningTwin]:
    """A twin with SIP and a name server."""
    with running_twin("--sip", "--sip-port", "0", "--dns-port", "0", "--no-sound") as running:
        yield running


def test_the_first_example_of_the_page(twin: RunningTwin, tmp_path: Path) -> None:
    """Every command of the page's console block ends with the code that it says."""
    block = re.search(r"^```console\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert block is not None
    commands = [line[2:] for line in block[1].splitlines() if line.startswith("$ ")]
    assert len(commands) == 5
    # The whole program starts slowly where much else runs: the first command is its, the others the kit's alone.
    alone = tmp_path / "voicedr"
    alone.write_text(f'#!/bin/sh\nshift\nexec {sys.executable} -m voicedr.cli.sip "$@"\n')
    alone.chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    kept["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / f"voicedr-tests-{os.getuid()}-bytecode")
    for number, command in enumerate(commands):
        wanted = re.search(r"  # exit code (\d+)$", command)
        path = os.pathsep.join([str(tmp_path if number else PROGRAM.parent), os.environ["PATH"]])
        done = subprocess.run(
            ["bash", "-c", command], env={**kept, "PATH": path, "DNS": twin.told["dns"], "CA": twin.told["ca"]},
            capture_output=True, text=True, timeout=30, check=False,
        )  # fmt: skip
        assert done.returncode == (int(wanted[1]) if wanted else 0), f"$ {command}\n{done.stdout}\n{done.stderr}"


def test_the_programs_example_is_python() -> None:
    """The page's program compiles, and what it imports is there."""
    block = re.search(r"^```python\n(.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    assert block is not None
    compile(block[1], "page", "exec")
    exec(block[1].split("async def")[0], {})


def test_json_says_what_the_table_says(twin: RunningTwin) -> None:
    """Twelve places of an edge, each fit, with latency per name."""
    done = run("probe", "pstn.dublin.twilio.com", "--dns", twin.told["dns"], "--ca", twin.told["ca"], "--json")
    told = json.loads(done.stdout)
    assert (done.exit_code, told["outcome"]) == (0, "all_fit")
    assert [one["fit"] for one in told["probed"]] == [True] * 12
    assert (told["latency"][0]["fit"], told["latency"][0]["of"]) == (12, 12)


def test_a_dead_edge_is_a_finding(twin: RunningTwin) -> None:
    """While an address of an edge is dead the exit code is 1, and the others are alive."""
    fault = twin.control("POST", "/_twin/faults", {"fault": "sip-address-down", "edge": "sydney", "number": "2"})
    done = run("probe", "pstn.sydney.twilio.com", "--dns", twin.told["dns"], "--transport", "udp", "--timeout", "1",
               "--json")  # fmt: skip
    twin.control("DELETE", f"/_twin/faults/{fault['id']}")
    assert done.exit_code == 1, done.stderr
    assert sorted(one["standing"] for one in json.loads(done.stdout)["probed"]) == ["alive"] * 3 + ["dead"]


WRONG: list[tuple[list[str], int, str]] = [
    (["probe"], 2, "Missing argument"),
    (["probe", "sbc..example"], 2, "cannot be part of a name"),
    (["probe", "sbc.example:70000"], 2, "no port"),
    (["probe", "127.0.0.1", "--invite"], 2, "requires an argument"),
    (["probe", "127.0.0.1", "--invite", "--json"], 2, "Nobody was called"),
    (["probe", "127.0.0.1", "--ca", "/no/such/file"], 2, "--ca"),
    (["probe", "127.0.0.1", "--ca", "/etc/hostname"], 2, "no certificate"),
    (["probe", "127.0.0.1", "--from", "eth0"], 2, "--from"),
    (["probe", "127.0.0.1", "--from", "192.0.2.99", "--transport", "udp"], 3, ""),
    (["resolve", "x.example", "--dns", "dns.example"], 2, "--dns"),
    (["resolve", "x.example", "--dns", "127.0.0.1:9", "--json", "--dns-timeout", "0.5"], 3, ""),
    (["register", "127.0.0.1", "--user", "a", "--password", "hunter2"], 2, "file:/path. Nothing was registered."),
    (["register", "127.0.0.1", "--user", "a@b", "--password", "env:HOME"], 2, "--user"),
    (["watch", "127.0.0.1", "--every", "often"], 2, "--every"),
    (["watch", "127.0.0.1", "--every", "10ms"], 2, "--every"),
    (["watch", "127.0.0.1", "--metrics", "9105"], 2, "--metrics"),
    (["dispatcher", "list", "--rpc", "kamailio"], 2, "--rpc"),
    (["dispatcher", "list", "--rpc", "unix:/no/such.sock"], 3, "Nothing changed"),
    (["dispatcher", "list", "--rpc", "http://127.0.0.1:9/RPC"], 3, "Nothing changed"),
    (["dispatcher", "set", "1", "sip:a", "off", "--rpc", "unix:/x"], 2, "off"),
]


@pytest.mark.parametrize(("arguments", "code", "said"), WRONG, ids=lambda value: str(value)[:40])
def test_wrong_use(arguments: list[str], code: int, said: str) -> None:
    """A mistake gets words and a documented code, no traceback, and no secret."""
    done = run(*arguments)
    assert done.exit_code == code, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_a_name_server_that_says_nothing() -> None:
    """It ends within its time, with 3, and says that it is not known."""

    async def main() -> Result:
        async with names_that_say(lambda question: None) as names:
            return await asyncio.to_thread(run, "resolve", "sbc.example", "--dns", names.place, "--dns-timeout", "1")

    began = time.monotonic()
    done = asyncio.run(main())
    assert done.exit_code == 3
    assert "not known" in done.stdout
    assert time.monotonic() - began < 3


def test_steering_by_command(tmp_path: Path) -> None:
    """List, drain, a refused second drain, the way back that was said, and Kamailio without its dispatcher."""
    with steerable(tmp_path, ["sip:127.0.0.211:5060", "sip:127.0.0.212:5060"]) as sbc:
        place = {"VOICEDR_KAMAILIO": sbc.unix}
        done = run("dispatcher", "list", "--json", environment=place)
        assert done.exit_code == 0, done.stderr
        one, other = (target["uri"] for target in json.loads(done.stdout)["targets"])
        drained = run("dispatcher", "drain", "1", one, environment=place)
        assert drained.exit_code == 0, drained.stderr
        assert f"back: voicedr sip dispatcher set 1 {one} active" in drained.stdout
        assert "already" in run("dispatcher", "drain", "1", one, environment=place).stdout
        refused = run("dispatcher", "drain", "1", other, environment=place)
        assert (refused.exit_code, "last target" in refused.stderr) == (4, True)
        assert run("dispatcher", "set", "1", one, "active", "--was", "AP", environment=place).exit_code == 4
        reloaded = run("dispatcher", "reload", "--rpc", sbc.http)
        assert f"{one} had been taken out" in reloaded.stdout
        unknown = run("dispatcher", "set", "7", one, "active", environment=place)
        assert (unknown.exit_code, "no target" in unknown.stderr) == (4, True)
        back = run("dispatcher", "set", "1", one, "active", "--json", environment=place)
        assert json.loads(back.stdout)["now"]["state"] == "active"
    with steerable(tmp_path, [], dispatcher=False) as bare:
        done = run("dispatcher", "list", "--rpc", bare.http)
        assert done.exit_code == 3
        assert "load its module" in done.stderr


def test_watching_says_changes_and_tells_prometheus() -> None:
    """A target that dies is one line, and was 1 before; Ctrl-C ends it with 130."""

    async def main() -> tuple[str, str, str, int]:
        async with AsyncExitStack() as stack:
            target = AsyncExitStack()
            there = await target.enter_async_context(by_connections(always("200 OK")))
            names = await stack.enter_async_context(names_that_say(from_zone({("sbc.example", "A"): [there.host]})))
            uri = f"sip:sbc.example:{there.port};transport=tcp"
            watching = await asyncio.create_subprocess_exec(
                *ALONE, "watch", uri, "--dns", names.place, "--every", "1s", "--metrics", "127.0.0.1:0",
                stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            )  # fmt: skip
            assert watching.stdout is not None
            assert watching.stderr is not None
            where = (await asyncio.wait_for(watching.stderr.readline(), 20)).decode().split()[-1]
            first = [await asyncio.wait_for(watching.stdout.readline(), 10) for _ in range(2)][-1].decode()
            page = await asyncio.to_thread(lambda: urllib.request.urlopen(where, timeout=5).read().decode())
            await target.aclose()
            changed = (await asyncio.wait_for(watching.stdout.readline(), 10)).decode()
            watching.send_signal(signal.SIGINT)
            return first, changed, page, await asyncio.wait_for(watching.wait(), 10)

    first, changed, page, code = asyncio.run(main())
    assert code == 130
    assert first.rstrip().endswith("alive")
    assert "dead: refused" in changed
    assert "(was alive)" in changed
    assert re.search(r'^voicedr_sip_up\{name="sbc.example",place="tcp [^"]+",transport="tcp"\} 1$', page, re.MULTILINE)


def test_it_works_without_the_rest_of_the_program() -> None:
    """Nothing but the kit, the SIP formats and four libraries is imported by the commands."""
    program = "import sys, voicedr.cli.sip; print(*sorted(sys.modules))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    modules = done.stdout.split()
    ours = {name for name in modules if name.startswith("voicedr.")}
    allowed = ("voicedr.cli", "voicedr.runtime", "voicedr.wire")
    assert all(name.startswith(allowed) for name in ours)
    assert all(name.startswith("voicedr.cli.sip") for name in ours if name.startswith("voicedr.cli."))
    for other in ("aiohttp", "sqlalchemy", "cryptography", "dnslib", "uvicorn", "ruamel", "jinja2"):
        assert other not in modules
