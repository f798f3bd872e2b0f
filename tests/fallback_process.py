"""The fallback in a process of its own, on a free port."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from asgi_caller import CALL, FORM
from voicedr.wire.signatures import sign


@dataclass
class RunningFallback:
    """Where it is."""

    process: subprocess.Popen[bytes]
    url: str
    log: Path

    @property
    def port(self) -> int:
        """Its port."""
        return int(self.url.rpartition(":")[2])

    def lines(self) -> list[dict[str, Any]]:
        """What it has logged."""
        return [json.loads(line) for line in self.log.read_text().rpartition("\n")[0].splitlines()]

    def line(self, event: str) -> dict[str, Any]:
        """The first line about this, once it is written."""
        until = time.monotonic() + 5.0
        while True:
            found = next((line for line in self.lines() if line["event"] == event), None)
            if found is not None or time.monotonic() > until:
                assert found is not None, self.log.read_text()
                return found
            time.sleep(0.02)

    def webhook(self, path: str, token: str, **more: str) -> tuple[int, str]:
        """Status and body of a signed form POST."""
        url, fields = self.url + path, CALL | more
        headers = {"Content-Type": FORM, "X-Twilio-Signature": sign(token, url, fields.items())}
        return self.ask(urllib.request.Request(url, urlencode(fields).encode(), headers))

    def ask(self, request: urllib.request.Request | str) -> tuple[int, str]:
        """Status and body."""
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=10) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.read().decode()

    def resident_kib(self) -> int:
        """Resident memory."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:")))


@contextmanager
def running_fallback(policy: str, folder: Path, environ: Mapping[str, str], *options: str) -> Iterator[RunningFallback]:
    """Start one, wait until it is ready, and end it."""
    file, log = folder / "fallback.yaml", folder / "fallback.log"
    file.write_text(policy)
    arguments = ["-m", "voicedr.cli.fallback", "serve", "--policy", str(file), "--port", "0", *options]
    read, write = os.pipe()
    process = subprocess.Popen([sys.executable, *arguments], stdout=write, env={**os.environ, **environ})
    os.close(write)
    try:
        with os.fdopen(read, "rb") as out, log.open("wb") as kept:
            first = out.readline()
            assert first, process.wait(10)
            kept.write(first)
            copying = subprocess.Popen(["cat"], stdin=out, stdout=kept)
        yield RunningFallback(process, json.loads(first)["url"], log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        copying.wait(5)
