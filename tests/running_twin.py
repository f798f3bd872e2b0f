"""A twin in a process of its own, on free ports, for clients that we did not write."""

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

START_S_MAX = 60.0


@dataclass
class RunningTwin:
    """Where it is, and its credentials."""

    process: subprocess.Popen[str]
    told: dict[str, Any]

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the control API."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.told["http"] + path, data, method=method)
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(request, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text else None

    def environment(self) -> dict[str, str]:
        """What an official client is started with: a proxy and a certificate to trust, and nothing else of ours."""
        kept = {k: v for k, v in os.environ.items() if not k.upper().endswith("_PROXY") and k[:6] != "TWILIO"}
        return {
            **kept,
            "HTTPS_PROXY": self.told["proxy"],
            "REQUESTS_CA_BUNDLE": self.told["ca"],
            "TWIN": json.dumps(self.told),
        }

    def official(self, program: str) -> Any:
        """Run a program with the official library and give the JSON that it prints."""
        done = subprocess.run(
            [sys.executable, "-c", OPENING + program],
            env=self.environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """End it and give its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=20)


OPENING = """
import json, os
from twilio.rest import Client
from twilio.base.exceptions import TwilioException, TwilioRestException
told = json.loads(os.environ["TWIN"])
EDGES = {"us1": "ashburn", "ie1": "dublin", "au1": "sydney"}
def client(region, key_of=None):
    key = told["credentials"][key_of or region]
    return Client(key["api_key"], key["api_secret"], told["account_sid"], region=region, edge=EDGES[region])
def refused(call):
    try:
        call()
    except TwilioRestException as exc:
        return [exc.status, exc.code]
    except TwilioException as exc:
        return ["page", exc.args[1].status_code]
"""


@contextmanager
def running_twin(*arguments: str, cwd: Path | None = None) -> Iterator[RunningTwin]:
    """Start one, wait until it is ready, and end it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "voicedr.cli.twin", "up", "--json", "--port", "0", "--proxy-port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read()
        yield RunningTwin(process, json.loads(line))
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()
        process.stderr.close()
