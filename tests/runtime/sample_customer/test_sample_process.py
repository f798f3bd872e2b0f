"""The sample application as a process of its own, over real HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest

from voicedr.wire.signatures import sign

TOKENS = {"us1": "token-of-us1", "ie1": "token-of-ie1"}
COMMAND = [sys.executable, "-m", "voicedr.runtime.sample_customer"]


@pytest.fixture(scope="module")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], str, Path]]:
    """A standby process on a free port, its URL, and its context document."""
    directory = tmp_path_factory.mktemp("acme")
    context, tokens, operator = directory / "context.json", directory / "tokens.json", directory / "operator"
    context.write_text('{"region": "us1", "epoch": 1}')
    tokens.write_text(json.dumps(TOKENS))
    operator.write_text("operator\n")
    started = subprocess.Popen(
        [
            *(*COMMAND, "--role", "standby", "--region", "ie1", "--stop-on-eof"),
            *("--context", context, "--auth-tokens", tokens, "--operator-token", operator),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    try:
        ready = json.loads(started.stdout.readline())
        assert ready["pid"] == started.pid
        yield started, ready["url"], context
    finally:
        started.kill()
        started.communicate()


def ask(url: str, headers: dict[str, str] | None = None, body: bytes | None = None) -> tuple[int, str]:
    """Status and body of one request."""
    try:
        with urlopen(Request(url, body, headers or {}), timeout=10) as response:
            return response.status, response.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def webhook(url: str, token: str) -> tuple[int, str]:
    """A signed webhook."""
    params = {"CallSid": "CA" + "0" * 32, "To": "+14155550100", "From": "+14155551234"}
    return ask(url, {"X-Twilio-Signature": sign(token, url, tuple(params.items()))}, urlencode(params).encode())


def health(url: str) -> Any:
    """What the process says of itself."""
    return json.loads(ask(url + "/health")[1])


def test_it_serves_the_provider_and_nobody_else(process: tuple[subprocess.Popen[str], str, Path]) -> None:
    """A webhook signed with any configured Region's token gets TwiML, another 403; a menu's query is signed too."""
    _, url, _ = process
    for token in TOKENS.values():
        status, body = webhook(url + "/voice/support-line", token)
        assert status == 200
        assert "<Gather" in body
    assert webhook(url + "/voice/support-line/menu?asked=1", TOKENS["ie1"])[0] == 200
    assert webhook(url + "/voice/support-line", "somebody's")[0] == 403
    assert ask(url + "/voice/support-line")[0] == 403


def test_it_follows_the_context_document(process: tuple[subprocess.Popen[str], str, Path]) -> None:
    """The next request after a switch sees the new Region."""
    _, url, context = process
    assert health(url) == {"region": "ie1", "active_region": "us1", "epoch": 1, "instance": "standby-ie1"}
    new = context.with_suffix(".new")
    new.write_text('{"region": "ie1", "epoch": 2}')
    os.replace(new, context)
    assert health(url)["active_region"] == "ie1"


def test_the_operator_switch_works_over_http(process: tuple[subprocess.Popen[str], str, Path]) -> None:
    """The standby can be made to answer badly, and healed."""
    _, url, _ = process
    for status in (503, 200):
        body = json.dumps({"status": status}).encode()
        assert ask(url + "/_operator/answer", {"Authorization": "Bearer operator"}, body)[0] == 200
        assert webhook(url + "/voice/sales", TOKENS["us1"])[0] == status


@pytest.mark.parametrize("end", ["sigterm", "sigint", "eof"])
def test_it_ends_cleanly(tmp_path: Path, end: str) -> None:
    """SIGTERM, SIGINT, and the end of whoever held its standard input end it with code 0 and without a complaint."""
    started = subprocess.Popen(
        [*COMMAND, "--role", "fallback", "--stop-on-eof"],
        env=os.environ | {"ACME_AUTH_TOKENS": json.dumps(TOKENS)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert started.stdout is not None
    assert started.stdin is not None
    try:
        url = json.loads(started.stdout.readline())["url"]
        assert health(url)["instance"] == "fallback-none"
        if end == "eof":
            started.stdin.close()
        else:
            started.send_signal(signal.SIGTERM if end == "sigterm" else signal.SIGINT)
        assert started.wait(10) == 0
        assert started.stderr is not None
        assert started.stderr.read() == ""
    finally:
        started.kill()
        started.wait()
        for pipe in (started.stdin, started.stdout, started.stderr):
            if pipe is not None:
                pipe.close()


@pytest.mark.parametrize(
    ("arguments", "tokens", "says"),
    [
        (["--role", "primary"], '{"us1": "a"}', "say which, e.g. --region us1"),
        (["--role", "fallback"], "", "no auth tokens"),
        (["--role", "fallback"], "{us1: a}", "not auth tokens by Region"),
        (["--role", "fallback"], '{"us1": ""}', "an auth token is empty"),
        (["--role", "fallback", "--auth-tokens", "/nowhere/tokens.json"], "", "cannot be read"),
        (["--role", "fallback", "--port", "70000"], '{"us1": "a"}', "is no port"),
    ],
)
def test_wrong_use_is_explained(
    arguments: list[str], tokens: str, says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistake in what it is given ends with code 2, one line, and the next step."""
    from voicedr.runtime.sample_customer.__main__ import main

    monkeypatch.setenv("ACME_AUTH_TOKENS", tokens)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert says in error
    assert error.count("\n") == 1


def test_an_address_in_use_is_explained(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that somebody else has ends it with code 2 and the way on."""
    from voicedr.runtime.sample_customer.__main__ import main

    monkeypatch.setenv("ACME_AUTH_TOKENS", json.dumps(TOKENS))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main(["--role", "fallback", "--port", str(port)]) == 2
    assert f"127.0.0.1:{port} cannot be listened on" in capsys.readouterr().err


def test_an_input_that_never_ends_cannot_be_watched() -> None:
    """With /dev/null as standard input, --stop-on-eof is refused at once instead of never working."""
    ended = subprocess.run(
        [*COMMAND, "--role", "fallback", "--stop-on-eof"],
        env=os.environ | {"ACME_AUTH_TOKENS": json.dumps(TOKENS)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ended.returncode == 2
    assert "leave --stop-on-eof out" in ended.stderr
