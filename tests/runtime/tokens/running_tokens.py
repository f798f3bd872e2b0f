"""A token service in a process of its own, as its documentation starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

START_S_MAX, END_S_MAX = 30.0, 15.0
CALLER = "a-caller's-secret"
SECRETS = {"TOKENS_CALLER": CALLER, "US1_SECRET": "u" * 32, "IE1_SECRET": "i" * 32}
PAGE = Path(__file__).parents[3] / "docs" / "tokens.md"


def block(language: str) -> str:
    """The first block of the page in a language."""
    return PAGE.read_text().split(f"```{language}\n")[1].split("```")[0]


def documented_settings(folder: Path, **changes: str) -> Path:
    """The settings of the page, with the context document in a folder and other lines replaced."""
    text = block("yaml").replace("/var/lib/voicedr/app.json", str(folder / "app.json"))
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = folder / "tokens.yaml"
    path.write_text(text)
    return path


@contextmanager
def running_tokens(settings: Path, *options: str, **secrets: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The service's address and its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "voicedr.cli.main", "tokens", "serve", str(settings), "--port", "0", *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **SECRETS, **secrets},
    )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line, process.stderr.read() if process.stderr else ""
        yield json.loads(line)["url"], process
    finally:
        process.terminate()
        process.communicate(timeout=END_S_MAX)


def ask(
    url: str, body: bytes | None = None, *, bearer: str | None = CALLER, method: str | None = None
) -> tuple[int, dict[str, Any], dict[str, str]]:
    """Status, JSON and headers of an answer."""
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    request = urllib.request.Request(url, body, headers, method=method)
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=10) as answer:
            return answer.status, json.loads(answer.read()), dict(answer.headers)
    except urllib.error.HTTPError as exc:
        return exc.code, json.loads(exc.read() or b"{}"), dict(exc.headers)
