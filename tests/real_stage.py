"""A real stage: a twin, a customer's three processes, their secrets, an account and a workbook, in one folder.

Every process is its own, every request goes over a socket, and ``voicedr`` is the program that users run.
"""

from __future__ import annotations

import json
import os
import random
import string
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from running_twin import RunningTwin, running_twin
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.ports.journal import Record
from voicedr.runtime.sample_customer import (
    CustomerUrls,
    GateOptions,
    KeyReference,
    LimitOptions,
    example_account,
    example_workbook,
)

PROGRAM = Path(sys.executable).with_name("voicedr")
OPERATOR = "operator"
QUICK_GATE = GateOptions(bad_share_ok=0.02, bad_share_bad=0.3)
"""Nine good calls in a row pass; two bad ones of the first two stop."""

QUICK_LIMITS = LimitOptions(requests_per_second=100, calls_per_second=20, propagation_max="3s")
QUICK_SETTINGS: Mapping[str, Any] = {"propagation_s": [0.1, 0.5], "calls_per_second": 20}
APPROVERS = ("ruiz", "chen")
COMMAND_S_MAX = 120.0

if sys.dont_write_bytecode:
    # Some machines compile every module anew in every process, which takes seconds of each of ours.
    os.environ["PYTHONPYCACHEPREFIX"] = str(Path(tempfile.gettempdir()) / f"voicedr-tests-{os.getuid()}-bytecode")
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@dataclass(frozen=True)
class Said:
    """How a command ended, and what it said."""

    code: int
    out: str
    err: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it said as JSON, one object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass
class Stage:
    """What was started, and where."""

    folder: Path
    workbook: Path
    context: Path
    twin: RunningTwin
    urls: CustomerUrls
    credentials: dict[str, dict[str, str]]

    @property
    def journal_file(self) -> Path:
        """The journal that belongs to the workbook."""
        return self.folder / ".voicedr" / "journal.db"

    def voicedr(self, *arguments: str, workbook: Path | None = None, env: Mapping[str, str] | None = None) -> Said:
        """Run the program on the stage's workbook, or on another."""
        return voicedr(*arguments, workbook=workbook or self.workbook, env=env, cwd=self.folder)

    def approved_plan(self, *arguments: str) -> str:
        """Plan the support line, have it approved by two people, and give the plan's hash."""
        planned = self.voicedr("plan", "support-line", "--json", *arguments)
        assert planned.code == 0, planned.err
        digest = str(planned.lines[0]["plan"])
        for person in APPROVERS:
            approved = self.voicedr("approve", digest, "--as", person)
            assert approved.code == 0, approved.err
        return digest

    def records(self, execution: str) -> Sequence[Record]:
        """An execution's journal, with its chain checked."""
        journal = SqliteJournal(self.journal_file)
        try:
            return journal.read(execution)
        finally:
            journal.close()

    def requests_to(self, region: str) -> int:
        """How many provider requests arrived at a Region, answered or not."""
        return int(self.twin.control("GET", "/_twin/requests")["by_region"][region])

    def stored_routes(self) -> dict[str, str]:
        """Where each number and domain is routed, as a GET shows it."""
        routes = self.twin.control("GET", "/_twin/routes")["routes"]
        return {route["name"]: route["changes"][-1]["region"] for route in routes}

    def route_changes(self, numbers: Sequence[str]) -> dict[str, list[dict[str, Any]]]:
        """Everything that was ever written to the routes of these numbers."""
        routes = self.twin.control("GET", "/_twin/routes")["routes"]
        return {route["name"]: route["changes"] for route in routes if route["name"] in numbers}

    def answers(self, url: str, status: int) -> None:
        """Let every webhook of one of the customer's processes answer a status from now on; 200 heals it."""
        body = json.dumps({"status": status}).encode()
        asked = urllib.request.Request(
            f"{url}/_operator/answer", body, {"Authorization": f"Bearer {OPERATOR}"}, method="POST"
        )
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(asked, timeout=10) as answer:
            assert json.loads(answer.read()) == {"status": status}


def voicedr(
    *arguments: str, workbook: Path | None = None, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Said:
    """Run the program as a user does, without a terminal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("VOICEDR_")}
    kept["SSL_CERT_FILE"] = os.devnull  # nothing here speaks TLS, and reading a machine's certificates takes long
    if workbook is not None:
        kept["VOICEDR_WORKBOOK"] = str(workbook)
    done = subprocess.run(
        [PROGRAM, *arguments],
        env={**kept, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_S_MAX,
        check=False,
        cwd=cwd,
    )
    return Said(done.returncode, done.stdout, done.stderr)


@contextmanager
def real_stage(
    folder: Path,
    *,
    gate: GateOptions = QUICK_GATE,
    limits: LimitOptions = QUICK_LIMITS,
    settings: Mapping[str, Any] = QUICK_SETTINGS,
) -> Iterator[Stage]:
    """Start everything on free ports; end it all when done, whatever happened."""
    credentials = {region: _credentials(region) for region in ("us1", "ie1", "au1")}
    context, tokens, operator = folder / "active-region.json", folder / "tokens.json", folder / "operator"
    context.write_text('{"region": "us1", "epoch": 1, "written_at": "2026-11-21T14:02:11Z"}')
    tokens.write_text(json.dumps({region: has["auth_token"] for region, has in credentials.items()}))
    operator.write_text(OPERATOR)
    shared = ("--auth-tokens", str(tokens), "--operator-token", str(operator))
    with_context = ("--context", str(context))
    with ExitStack() as stack:
        primary = _customer(stack, *shared, *with_context, "--role", "primary", "--region", "us1")
        standby = _customer(
            stack, *shared, *with_context, "--role", "standby", "--region", "ie1", "--host", "127.0.0.2"
        )
        fallback = _customer(stack, *shared, "--role", "fallback", "--host", "127.0.0.3")
        urls = CustomerUrls(*(_ready(process) for process in (primary, standby, fallback)))
        account = folder / "account.json"
        account.write_text(json.dumps(example_account(urls, credentials=credentials, settings=settings)))
        twin = stack.enter_context(running_twin("--account", str(account), cwd=folder))
        workbook = folder / "voicedr.yaml"
        workbook.write_text(
            example_workbook(
                twin.told["account_sid"],
                urls=urls,
                context_path=context,
                address=twin.told["http"],
                keys={region: _references(folder, region, credentials[region]) for region in ("us1", "ie1")},
                gate=gate,
                limits=limits,
                today=datetime.now(UTC).date(),
            )
        )
        yield Stage(folder, workbook, context, twin, urls, credentials)


def _customer(stack: ExitStack, *arguments: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "voicedr.runtime.sample_customer", "--stop-on-eof", *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    stack.callback(_end, process)
    return process


def _ready(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, f"a process of the customer ended with {process.wait(timeout=10)} before it was ready"
    return str(json.loads(line)["url"])


def _end(process: subprocess.Popen[str]) -> None:
    """Closing its standard input ends it; if it does not, it is killed."""
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.close()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    process.stdout.close()


def _credentials(region: str) -> dict[str, str]:
    """A Region's keys, as the provider makes them. They open nothing but this twin."""
    drawn = random.Random(f"stage {region}")
    secret = "".join(drawn.choices(string.ascii_letters + string.digits, k=32))
    return {
        "auth_token": f"{drawn.getrandbits(128):032x}",
        "api_key": f"SK{drawn.getrandbits(128):032x}",
        "api_secret": secret,
    }


def _references(folder: Path, region: str, credentials: Mapping[str, str]) -> KeyReference:
    written = {}
    for name, value in credentials.items():
        path = folder / f"{region}.{name}"
        path.write_text(value)
        written[name] = f"file:{path}"
    return KeyReference(**written)
