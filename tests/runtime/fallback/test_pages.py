"""What the pages on the fallback app and the webhook kit show, done as written."""

from __future__ import annotations

import asyncio
import doctest
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from asgi_caller import ask, signed
from fallback_process import running_fallback
from voicedr.runtime.fallback import read_policy
from voicedr.runtime.fallback.findings import findings
from voicedr.runtime.fallback.shapes import ANSWERS

DOCS = Path(__file__).parents[3] / "docs"
TOKENS = {"TWILIO_AUTH_TOKEN_US1": "token-of-us1", "TWILIO_AUTH_TOKEN_IE1": "token-of-ie1"}


def block(page: str, language: str) -> str:
    """The page's first block in a language."""
    text = (DOCS / page).read_text(encoding="utf-8")
    found = re.search(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


def test_the_policy_and_its_commands(tmp_path: Path) -> None:
    """The policy on the page has no findings, and check and export do what the page says."""
    policy = block("fallback_app.md", "yaml")
    assert list(findings(read_policy(policy, "fallback.yaml"))) == []
    (tmp_path / "fallback.yaml").write_text(policy)
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    for line in block("fallback_app.md", "console").splitlines():
        done = subprocess.run(
            line.removeprefix("$ "), shell=True, cwd=tmp_path, env={**os.environ, "PATH": path},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
    written = {one.name for one in (tmp_path / "static").iterdir()}
    assert {"README.md", "index.json", "support-blip.en-US.xml", "texts.en-US.xml", "default.en-US.xml"} <= written


def test_it_is_served_as_the_page_says(tmp_path: Path) -> None:
    """The page's command starts it; a call of the support flow is sent back once, and then the phones ring."""
    assert block("fallback_app.md", "sh") == "voicedr fallback serve --policy fallback.yaml\n"
    with running_fallback(block("fallback_app.md", "yaml"), tmp_path, TOKENS) as fallback:
        failed = {"ErrorCode": "11205", "ErrorUrl": "https://primary.example/voice"}
        told = [fallback.webhook("/voice", "token-of-ie1", **failed)[1] for _ in range(2)]
        assert "https://primary.example/voice</Redirect>" in told[0]
        assert "<Number>+14155550150</Number><Sip>sip:duty@pbx.acme.example</Sip>" in told[1]


def test_every_answer_is_on_the_page() -> None:
    """The table of answers has each of them with all of its keys."""
    text = (DOCS / "fallback_app.md").read_text(encoding="utf-8")
    for name, keys in ANSWERS.items():
        row = next(line for line in text.splitlines() if line.startswith("| `") and f"`{name}`" in line.split("|")[1])
        assert all(f"`{key}`" in row for key in keys if key not in ("say", "play")), name


def test_the_kit_as_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first block of the kit's page is an application that answers the provider, and nobody else."""
    for name, value in TOKENS.items():
        monkeypatch.setenv(name, value)
    made: dict[str, Any] = {}
    exec(compile(block("webhook_kit.md", "python"), "webhook_kit.md", "exec"), made)
    good = signed("token-of-ie1", "https://voice.acme.example/call")
    came = asyncio.run(ask(made["app"], *good, server_sees="http://127.0.0.1:8000/call"))
    assert (came.status, "Welcome to the ie1 line" in came.text) == (200, True)
    forged = signed("another", "https://voice.acme.example/call")
    assert asyncio.run(ask(made["app"], *forged)).status == 403


def test_overrides_as_shown() -> None:
    """The session on the kit's page gives what it shows."""
    session = block("webhook_kit.md", "pycon")
    test = doctest.DocTestParser().get_doctest(session, {}, "webhook_kit", "webhook_kit.md", 0)
    result = doctest.DocTestRunner(verbose=False).run(test)
    assert (result.failed, result.attempted) == (0, 4)
