"""Programs under measurement: started, kept on one core, ended by their process id."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.machine import cores

END_S_MAX = 20.0
ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def on_core(core: int) -> Iterator[None]:
    """Keep this process on one core while the context lasts."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {core})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def measured_core() -> int:
    """The core of what is measured."""
    return cores()[0]


def other_core() -> int:
    """The core of everything else. On a machine with one core it is the same one, and the figures are worth less."""
    return cores()[-1]


@contextmanager
def running(arguments: list[str], core: int) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Start a Python program on a core; it is ready when it has written a line of JSON, which is given."""
    process = subprocess.Popen(
        [sys.executable, *arguments],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        if not line:
            raise RuntimeError(f"{' '.join(arguments)} ended with code {process.wait()} before it was ready")
        yield process, json.loads(line)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(END_S_MAX)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def processor_s(pid: int) -> float:
    """The processor time that a process has taken. It hardly moves with what else the machine does."""
    taken = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(taken[11]) + int(taken[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class TwinProcess:
    """A twin in a process of its own."""

    pid: int
    told: dict[str, Any]

    @property
    def port(self) -> int:
        """Where plain HTTP is spoken."""
        return int(self.told["http"].rpartition(":")[2])

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.told["http"] + path, data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=60) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def resident_mb(self) -> float:
        """Resident memory in MB of 10⁶ bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
        return int(kib) * 1024 / 1e6


@contextmanager
def twin(directory: Path, account: dict[str, Any] | None = None, *options: str) -> Iterator[TwinProcess]:
    """A twin on the measured core, started with these options besides."""
    arguments = ["-m", "voicedr.cli.twin", "up", "--json", "--port", "0", "--proxy-port", "0", *options]
    if account is not None:
        file = directory / "account.json"
        file.write_text(json.dumps(account))
        arguments += ["--account", str(file)]
    with running(arguments, measured_core()) as (process, told):
        yield TwinProcess(process.pid, told)


@contextmanager
def bare_server(core: int) -> Iterator[int]:
    """The bare server's port."""
    with running(["-m", "bench.peers.bare_server"], core) as (_, told):
        yield int(told["port"])


def output_of(arguments: list[str], core: int, environment: dict[str, str] | None = None) -> Any:
    """Run a Python program to its end on a core and give the JSON that it wrote."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        timeout=120,
        check=True,
        preexec_fn=lambda: os.sched_setaffinity(0, {core}),
    )
    return json.loads(done.stdout)
