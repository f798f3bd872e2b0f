"""Each part that customers run installs alone: a wheel, a fresh environment, the part's extra, its page's example.

What is installed is checked too: none of the disaster recovery program's packages come along.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import pytest

from running_twin import running_twin

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
UV = Path(sys.executable).with_name("uv")
INSTALL_S_MAX = 180.0
PROGRAMS_OWN = ("sqlalchemy", "aiohttp", "jinja2", "jsonschema", "dnslib")


@dataclass
class Alone:
    """An environment with one part in it."""

    python: Path
    folder: Path

    def run(self, *words: str, env: dict[str, str] | None = None, code: int = 0) -> str:
        """Run its Python, or a program of its own; the exit code is held to what is expected."""
        kept = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "COLUMNS": "200"}
        command = [str(self.python.with_name(words[0])), *words[1:]]
        done = subprocess.run(
            command, env=kept | (env or {}), cwd=self.folder, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == code, f"{words}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a release uploads, built from this tree."""
    out = tmp_path_factory.mktemp("wheel")
    built = subprocess.run(
        [UV, "build", "--quiet", "--wheel", "--out-dir", out, ROOT],
        capture_output=True,
        text=True,
        timeout=INSTALL_S_MAX,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    (found,) = out.glob("*.whl")
    return found


@pytest.fixture
def alone(request: pytest.FixtureRequest, wheel: Path, tmp_path: Path) -> Alone:
    """A fresh environment with the part that the test names."""
    extra = request.param
    place = tmp_path / "venv"
    wanted = f"voicedr[{extra}] @ {wheel.as_uri()}" if extra else f"voicedr @ {wheel.as_uri()}"
    for words in (
        ("venv", "--quiet", "--python", sys.executable, str(place)),
        (
            "pip",
            "install",
            "--quiet",
            "--python",
            str(place / "bin" / "python"),
            "-c",
            str(ROOT / "constraints.txt"),
            wanted,
        ),
    ):
        done = subprocess.run([UV, *words], capture_output=True, text=True, timeout=INSTALL_S_MAX, check=False)
        assert done.returncode == 0, done.stderr
    made = Alone(place / "bin" / "python", tmp_path)
    for name in PROGRAMS_OWN:
        made.run("python", "-c", f"import {name}", code=1)
    return made


def block(page: str, language: str, n: int = 0) -> str:
    """The n-th block of a page in a language."""
    return (ROOT / "docs" / page).read_text().split(f"```{language}\n")[n + 1].split("```")[0]


@pytest.mark.parametrize("alone", [""], indirect=True)
def test_nothing_but_the_base_says_what_to_install(alone: Alone) -> None:
    """Without an extra, ``voicedr`` says which one its commands need: exit 2, no traceback."""
    for command, extra in (
        ("ready", "program"),
        ("sip", "sip"),
        ("fallback", "fallback"),
        ("tokens", "tokens"),
        ("region", "context"),
    ):
        said = alone.run("voicedr", command, code=2)
        assert f"voicedr[{extra}]" in said
        assert "Traceback" not in said


@pytest.mark.parametrize("alone", ["edge"], indirect=True)
def test_the_edge_client_alone(alone: Alone) -> None:
    """Its session needs the standard library alone, and talks to the twin as the page says."""
    with running_twin() as twin:
        key = twin.control("GET", "/_twin/client")["credentials"]["us1"]
        env = {
            "TWILIO_ACCOUNT_SID": twin.told["account_sid"],
            "TWILIO_API_KEY": key["api_key"],
            "TWILIO_API_SECRET": key["api_secret"],
            "HTTPS_PROXY": twin.told["proxy"],
            "SSL_CERT_FILE": twin.told["ca"],
        }
        assert alone.run("python", "-c", block("edge_client.md", "python", 1), env=env) == "200 ashburn\n"


@pytest.mark.parametrize("alone", ["webhooks"], indirect=True)
def test_the_webhook_kit_alone(alone: Alone) -> None:
    """The page's app refuses a stranger and answers the provider."""
    driver = """
import asyncio, base64, hashlib, hmac
async def ask(signature):
    said = []
    headers = [(b"host", b"voice.acme.example"), (b"x-twilio-signature", signature)]
    scope = {"type": "http", "method": "GET", "path": "/voice", "raw_path": b"/voice", "query_string": b"CallSid=CA1",
             "headers": headers, "scheme": "https", "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 2)}
    async def receive():
        return {"type": "http.request", "body": b"", "more_body": False}
    async def send(message):
        said.append(message)
    await app(scope, receive, send)
    return said[0]["status"], b"".join(one.get("body", b"") for one in said)
url = b"https://voice.acme.example/voice?CallSid=CA1"
good = base64.b64encode(hmac.new(b"t" * 32, url, hashlib.sha1).digest())
print(asyncio.run(ask(b"forged"))[0], *asyncio.run(ask(good)))
"""
    env = {"TWILIO_AUTH_TOKEN_US1": "t" * 32, "TWILIO_AUTH_TOKEN_IE1": "i" * 32}
    said = alone.run("python", "-c", block("webhook_kit.md", "python") + driver, env=env)
    assert said.startswith("403 200 ")
    assert "Welcome to the us1 line" in said


@pytest.mark.parametrize("alone", ["fallback"], indirect=True)
def test_the_fallback_app_alone(alone: Alone) -> None:
    """The page's policy is checked and exported by a program of this part alone."""
    (alone.folder / "fallback.yaml").write_text(block("fallback_app.md", "yaml"))
    alone.run("voicedr", "fallback", "check", "fallback.yaml")
    alone.run("voicedr", "fallback", "export", "fallback.yaml", "--to", "static")
    assert list((alone.folder / "static").glob("*.xml"))


@pytest.mark.parametrize("alone", ["tokens"], indirect=True)
def test_the_token_service_alone(alone: Alone) -> None:
    """The page's settings are good, and a missing secret is told."""
    (alone.folder / "tokens.yaml").write_text(block("tokens.md", "yaml"))
    env = {"TOKENS_CALLER": "c", "US1_SECRET": "u" * 32, "IE1_SECRET": "i" * 32}
    assert "No mistake" in alone.run("voicedr", "tokens", "check", "tokens.yaml", env=env)
    assert "US1_SECRET" in alone.run("voicedr", "tokens", "check", "tokens.yaml", code=2)


@pytest.mark.parametrize("alone", ["sip"], indirect=True)
def test_the_sip_kit_alone(alone: Alone) -> None:
    """It finds somebody who answers, and somebody who does not."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as answerer:
        answerer.bind(("127.0.0.1", 0))
        thread = threading.Thread(target=_answer_once, args=(answerer,), daemon=True)
        thread.start()
        target = f"sip:127.0.0.1:{answerer.getsockname()[1]}"
        assert "127.0.0.1" in alone.run("voicedr", "sip", "probe", target)
        thread.join(timeout=5)
    alone.run("voicedr", "sip", "probe", target, code=1)


@pytest.mark.parametrize("alone", ["context"], indirect=True)
def test_the_region_context_alone(alone: Alone) -> None:
    """The page's application follows the document that the page's commands write."""
    place = alone.folder / "support-app.json"
    example = block("region_context.md", "python").replace("/var/lib/voicedr", str(alone.folder))
    example = example.replace("/var/lib/support-app/region.json", str(alone.folder / "kept.json"))
    env = {"US1_SECRET": "u" * 32, "IE1_SECRET": "i" * 32}
    for region in ("us1", "ie1"):
        alone.run("voicedr", "region", "switch", f"file:{place}", "--to", region)
        assert alone.run("python", "-c", example, env=env).startswith(f"{region} ")


def _answer_once(answerer: socket.socket) -> None:
    request, sender = answerer.recvfrom(65535)
    kept = [
        line
        for line in request.decode().split("\r\n")
        if line.split(":")[0] in ("Via", "From", "To", "Call-ID", "CSeq")
    ]
    tagged = [line + ";tag=1" if line.startswith("To:") else line for line in kept]
    answerer.sendto("\r\n".join(["SIP/2.0 200 OK", *tagged, "Content-Length: 0", "", ""]).encode(), sender)
