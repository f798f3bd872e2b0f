"""The demo's stage: a twin, a customer's three processes, their secrets, an account and a workbook, in one folder.

Everything is real but the provider: processes of their own, HTTP over sockets, the account read through its REST API.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from voicedr.cli.demo.made_secrets import new_credentials, write_secret
from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.ports.http import Request, Send, Timeouts
from voicedr.program.validation.callers import CallerSeen
from voicedr.runtime.sample_customer.account import example_account
from voicedr.runtime.sample_customer.estate import CustomerUrls
from voicedr.runtime.sample_customer.workbook import GateOptions, KeyReference, LimitOptions, example_workbook

START_S_MAX = 30.0
STOP_S_MAX = 10.0
REGIONS = ("us1", "ie1", "au1")
SERVED = frozenset({"served"})


@dataclass(frozen=True)
class Pace:
    """How quick the demo's provider is, and how soon its gates are content."""

    propagation_s: tuple[float, float]
    limits: LimitOptions
    gate: GateOptions


QUICK = Pace((1.0, 3.0), LimitOptions(100, 20, "3s"), GateOptions(bad_share_ok=0.02, bad_share_bad=0.3))
REAL_TIME = Pace((0.0, 300.0), LimitOptions(20, 1, "5m"), GateOptions())


@dataclass
class Stage:
    """What was started, and where."""

    folder: Path
    workbook: Path
    twin: Control
    account_sid: str


class Control:
    """The twin's control API. ``base`` is its address."""

    def __init__(self, base: str, send: Send) -> None:
        self.base = base
        self._send = send

    async def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """One request; its JSON answer."""
        headers = (("Content-Type", "application/json"),)
        request = Request(method, self.base + path, headers, b"" if body is None else json.dumps(body).encode())
        answer = await self._send(request, Timeouts(5.0, 30.0))
        if answer.status >= 400:
            raise Stop(f"the twin refused {method} {path}: {answer.status} {answer.text}", WRONG_USE)
        return json.loads(answer.body) if answer.body else None

    async def callers_since(self, since: datetime) -> list[CallerSeen]:
        """What the callers of the load met; our own test calls are not among them."""
        found = await self.ask("GET", f"/_twin/calls?since={since.timestamp()}")
        return [
            CallerSeen(
                datetime.fromtimestamp(call["dialled_at"], UTC),
                None if not call["outcome"] else call["outcome"] in SERVED,
            )
            for call in found["calls"]
            if not call["synthetic"]
        ]

    async def requests_to(self, region: str) -> int:
        """How many provider requests arrived at a Region, answered or not."""
        found = await self.ask("GET", "/_twin/requests")
        return int(found["by_region"].get(region, 0))


def new_run(folder: Path) -> Path:
    """A folder of its own for one run, named by the time."""
    return folder / f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


@asynccontextmanager
async def stage(folder: Path, pace: Pace, send: Send, seed: int) -> AsyncIterator[Stage]:
    """Start everything; end it all when done, whatever happened.

    Raises:
        Stop: If a process did not start, with what it said.
    """
    (folder / "secrets").mkdir(parents=True, exist_ok=True, mode=0o700)
    context = folder / "active-region.json"
    context.write_text(json.dumps({"region": "us1", "epoch": 1, "written_at": datetime.now(UTC).isoformat()}))
    credentials = {region: new_credentials() for region in REGIONS}
    tokens = write_secret(
        folder, "auth-tokens.json", json.dumps({region: has["auth_token"] for region, has in credentials.items()})
    )
    async with AsyncExitStack() as stack:
        customer = ("-m", "voicedr.runtime.sample_customer", "--stop-on-eof", "--auth-tokens", str(tokens))
        shared = ("--context", str(context))
        started = await asyncio.gather(
            _start(stack, *customer, *shared, "--role", "primary", "--region", "us1", "--host", "127.0.0.1"),
            _start(stack, *customer, *shared, "--role", "standby", "--region", "ie1", "--host", "127.0.0.2"),
            _start(stack, *customer, "--role", "fallback", "--host", "127.0.0.3"),
        )
        urls = CustomerUrls(*(one["url"].rstrip("/") for one in started))
        settings = {"propagation_s": list(pace.propagation_s), "calls_per_second": pace.limits.calls_per_second}
        account = folder / "account.json"
        account.write_text(json.dumps(example_account(urls, credentials=credentials, settings=settings), indent=1))
        account.chmod(0o600)
        ports = ("--port", "0", "--proxy-port", "0")
        twin = await _start(
            stack, "-m", "voicedr.cli.twin", "up", "--json", *ports, "--account", str(account), "--seed", str(seed)
        )
        keys = {
            region: KeyReference(
                twin["credentials"][region]["api_key"],
                f"file:{write_secret(folder, f'{region}.secret', twin['credentials'][region]['api_secret'])}",
                f"file:{write_secret(folder, f'{region}.token', twin['credentials'][region]['auth_token'])}",
            )
            for region in ("us1", "ie1")
        }
        workbook = folder / "voicedr.yaml"
        workbook.write_text(
            example_workbook(
                twin["account_sid"],
                urls=urls,
                context_path=context.resolve(),
                address=twin["http"],
                keys=keys,
                gate=pace.gate,
                limits=pace.limits,
                today=datetime.now(UTC).date(),
            )
        )
        yield Stage(folder, workbook, Control(twin["http"], send), twin["account_sid"])


async def _start(stack: AsyncExitStack, *arguments: str) -> dict[str, Any]:
    """Start a Python process of ours and give the line of JSON that it says when it is ready."""
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(sys.executable, *arguments, stdin=pipe, stdout=pipe, stderr=pipe)
    stack.push_async_callback(_end, process)
    assert process.stdout is not None  # noqa: S101 it was asked for two lines above
    assert process.stderr is not None  # noqa: S101
    try:
        line = await asyncio.wait_for(process.stdout.readline(), START_S_MAX)
        told: dict[str, Any] = json.loads(line)
    except (TimeoutError, json.JSONDecodeError) as exc:
        if process.returncode is None:
            process.kill()
        said = (await process.stderr.read()).decode(errors="replace").strip()
        raise Stop(f"a process of the demo did not start ({' '.join(arguments[:3])}): {said}", WRONG_USE) from exc
    drain = asyncio.ensure_future(process.stderr.read())
    stack.callback(drain.cancel)
    return told


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        await asyncio.wait_for(process.wait(), STOP_S_MAX)
    except TimeoutError:
        process.kill()
        await process.wait()
