"""The fallback as a process: rude clients, a real twin, and its end."""

from __future__ import annotations

import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from fallback_process import RunningFallback, running_fallback
from running_twin import running_twin

TOKENS = {"TOKEN_US1": "token-of-us1", "TOKEN_IE1": "token-of-ie1"}
POLICY = """\
fallback: 1
auth_tokens: {us1: "env:TOKEN_US1", ie1: "env:TOKEN_IE1"}
default: {do: message, say: Please call again.}
"""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> RunningFallback:
    """One for all rude clients."""
    with running_fallback(POLICY, tmp_path_factory.mktemp("fallback"), TOKENS) as fallback:
        yield fallback


def answered(fallback: RunningFallback) -> None:
    """A caller is answered, and at once."""
    begun = time.monotonic()
    status, body = fallback.webhook("/voice", TOKENS["TOKEN_IE1"], ErrorCode="11200", ErrorUrl="https://a.example/")
    assert (status, "Please call again." in body) == (200, True)
    assert time.monotonic() - begun < 2.0


def test_it_answers_and_tells(running: RunningFallback) -> None:
    """A signed webhook is answered, counted and logged; pages need no signature."""
    answered(running)
    assert running.ask(f"{running.url}/ready")[0] == 200
    assert 'errors_total{class="http",host="a.example"}' in running.ask(f"{running.url}/metrics")[1]
    assert running.line("answered")["route"] == "default"


def test_a_form_of_a_hundred_megabytes(running: RunningFallback) -> None:
    """It is refused by its length, or while it comes if it says none; memory stays where it is."""
    before = running.resident_kib()
    for framing in (b"Content-Length: 104857600", b"Transfer-Encoding: chunked"):
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as client:
            client.sendall(b"POST /voice HTTP/1.1\r\nHost: a\r\n" + framing + b"\r\n\r\n")
            piece = b"10000\r\n" + b"x" * 65_536 + b"\r\n" if b"chunked" in framing else b"x" * 65_536
            got = b""
            try:
                for _ in range(1600):
                    client.sendall(piece)
            except OSError:
                pass  # it does not want the rest
            try:
                got = client.recv(100)
            except OSError:
                got = b"HTTP/1.1 413"  # what it said was lost to the reset; that it left is what counts
            assert got[:12] == b"HTTP/1.1 413"
    assert running.resident_kib() - before < 20_000
    answered(running)


def test_a_head_without_end(running: RunningFallback) -> None:
    """Headers beyond the limit end the connection, in one piece or in many, and memory stays where it is."""
    before = running.resident_kib()
    for size in (200_000, 4000):
        with socket.create_connection(("127.0.0.1", running.port), timeout=10) as client:
            got = b""
            try:
                client.sendall(b"POST /voice HTTP/1.1\r\nHost: a\r\n")
                for at in range(5000):
                    client.sendall(b"X-%d: " % at + b"x" * size + b"\r\n")
                got = client.recv(100)
            except OSError:
                got = b"HTTP/1.1 431"
            assert got[:12] in (b"HTTP/1.1 431", b"")
    assert running.resident_kib() - before < 20_000
    answered(running)


@pytest.mark.parametrize(
    "sent",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n", b"\x00" * 1000,
        b"POST /voice HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef",
        b"POST /voice HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"GET /%ff%fe/..%2f..%2fetc/passwd HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET /voice HTTP/1.1\r\nX-Twilio-Signature: \xff\xfe\r\n\r\n",
        b"GET /voice HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    ],
)  # fmt: skip
def test_what_is_no_request(running: RunningFallback, sent: bytes) -> None:
    """It gets a 4xx or nothing, never a 5xx, and the next caller is answered."""
    with socket.create_connection(("127.0.0.1", running.port), timeout=5) as client:
        client.sendall(sent)
        client.shutdown(socket.SHUT_WR)
        try:
            got = client.recv(200)
        except OSError:
            got = b""
    assert got == b"" or got[9:10] == b"4", got
    answered(running)


def test_many_slow_clients_hold_up_nobody(running: RunningFallback) -> None:
    """A hundred heads and a hundred bodies that do not come: callers beside them are answered at once."""
    clients = []
    for at in range(200):
        client = socket.create_connection(("127.0.0.1", running.port), timeout=5)
        head = b"POST /voice HTTP/1.1\r\nHost: a\r\nContent-Length: 500\r\n" + (b"\r\n" if at % 2 else b"")
        client.sendall(head)
        clients.append(client)
    answered(running)
    with clients[1] as waiting:
        waiting.settimeout(8)
        assert waiting.recv(100)[:12] == b"HTTP/1.1 408"
    for client in clients:
        client.close()


def test_it_ends_when_told(tmp_path: Path) -> None:
    """SIGTERM ends it with code 0 and a last line; a port that is taken, a missing secret and a bad policy have 2."""
    with running_fallback(POLICY, tmp_path, TOKENS) as fallback:
        taken = _serve(tmp_path, "--port", str(fallback.port))
        assert (taken.returncode, "cannot be listened on" in taken.stderr) == (2, True)
        fallback.process.send_signal(signal.SIGTERM)
        assert fallback.process.wait(10) == 0
    assert fallback.lines()[-1]["event"] == "ended"
    missing = _serve(tmp_path, environ={"TOKEN_US1": "x"})
    assert (missing.returncode, "env:TOKEN_IE1" in missing.stderr) == (2, True)
    (tmp_path / "fallback.yaml").write_text("fallback: 1\ndefault: {do: message, say: x}\n")
    refused = _serve(tmp_path)
    assert (refused.returncode, "--unsigned" in refused.stderr) == (4, True)
    (tmp_path / "fallback.yaml").write_text("fallback: 1\n")
    broken = _serve(tmp_path)
    assert (broken.returncode, "Traceback" in broken.stderr) == (2, False)


def test_alerts_reach_an_address(tmp_path: Path) -> None:
    """Through Apprise, in the background, to an address that is nowhere in the policy."""
    came: list[dict[str, str]] = []

    class Hook(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    hook = http.server.HTTPServer(("127.0.0.1", 0), Hook)
    threading.Thread(target=hook.serve_forever, daemon=True).start()
    policy = POLICY + 'alerts: {to: ["env:HOOK"], window_s: 60}\n'
    environ = TOKENS | {"HOOK": f"json://127.0.0.1:{hook.server_port}/"}
    with running_fallback(policy, tmp_path, environ) as fallback:
        for _ in range(5):
            fallback.webhook("/voice", TOKENS["TOKEN_US1"], ErrorCode="11205", ErrorUrl="https://primary.example/v")
    hook.shutdown()
    assert came[0]["title"] == "The fallback answers calls: error 11205 at primary.example"
    assert "answered by route default" in came[0]["message"]
    assert len(came) == 1


def test_the_twin_calls_it(tmp_path: Path) -> None:
    """A running twin, a primary that nobody runs: the caller hears our message; then it runs, and is heard again."""
    with running_twin(cwd=tmp_path) as twin:
        tokens = {f"TOKEN_{name.upper()}": twin.told["credentials"][name]["auth_token"] for name in ("us1", "ie1")}
        primary = http.server.HTTPServer(("127.0.0.1", 0), Primary, bind_and_activate=False)
        primary.server_bind()  # a port that refuses, until it is listened on
        with running_fallback(POLICY, tmp_path, tokens) as fallback:
            number = twin.official(f"""
one = client("us1").incoming_phone_numbers.list(limit=1)[0]
one.update(voice_url="http://127.0.0.1:{primary.server_port}/voice", voice_fallback_url="{fallback.url}/voice",
           voice_application_sid="", trunk_sid="")
print(json.dumps(one.phone_number))
""")
            body = {"from": "+16465550123", "to": number, "caller": {"hangs_up_after_s": 5}}
            dead = twin.control("POST", "/_twin/calls?wait=1", body)
            assert "Please call again." in json.dumps(dead["heard"]), dead
            line = fallback.line("answered")
            assert (line["called"], line["token"], line["call"]) == (number, "us1", dead["call_sid"])
            primary.server_activate()
            threading.Thread(target=primary.serve_forever, daemon=True).start()
            alive = twin.control("POST", "/_twin/calls?wait=1", body)
            assert "The primary is back" in json.dumps(alive["heard"])
            primary.shutdown()


class Primary(http.server.BaseHTTPRequestHandler):
    """An application that answers once it is served."""

    timeout = 1

    def do_POST(self) -> None:
        """Answer."""
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b"<Response><Say>The primary is back</Say></Response>"
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def test_it_can_be_installed_alone() -> None:
    """Importing it loads nothing of voicedr but the runtime and the wire formats, and only its four packages."""
    program = (
        "import sys; import voicedr.cli.fallback\n"
        "rooms = {name.split('.')[1] for name in sys.modules if name.startswith('voicedr.')}\n"
        "import voicedr.runtime.fallback, voicedr.runtime.fallback.serving, voicedr.runtime.fallback.export\n"
        "import voicedr.runtime.fallback.findings\n"
        "rooms |= {name.split('.')[1] for name in sys.modules if name.startswith('voicedr.')}\n"
        "print(sorted(rooms - {'cli', 'runtime', 'wire'}))\n"
        "print(sorted({'aiohttp', 'sqlalchemy', 'cryptography', 'jinja2', 'apprise', 'jsonschema', 'dnslib'}"
        " & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=True)
    assert done.stdout.splitlines() == ["[]", "[]"]


def _serve(folder: Path, *options: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """One that is not to start."""
    arguments = ["-m", "voicedr.cli.fallback", "serve", "--policy", str(folder / "fallback.yaml"), *options]
    without = {name: value for name, value in os.environ.items() if not name.startswith("TOKEN_")}
    return subprocess.run(
        [sys.executable, *arguments],
        env={**without, **(TOKENS if environ is None else environ)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
