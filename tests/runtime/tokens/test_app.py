"""The service over a socket, as its page says: minted, refused, moved, and ended."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

from twilio.jwt.access_token import AccessToken

from running_twin import running_twin
from voicedr.runtime.tokens.settings import read_settings

from .running_tokens import CALLER, ask, block, documented_settings, running_tokens
from .test_access_token import parts


def test_the_page_is_true(tmp_path: Path) -> None:
    """The settings, the request and the answer of the page; what is refused; health, readiness, metrics; the end."""
    settings = documented_settings(tmp_path)
    with running_tokens(settings, "--instance", "a") as (url, process):
        status, told, headers = ask(f"{url}/token", b'{"identity": "alice"}')
        documented = json.loads(block("json"))
        assert (status, set(told), headers["cache-control"]) == (200, set(documented), "no-store")
        assert {k: v for k, v in told.items() if k not in ("token", "expires_at")} == {
            k: v for k, v in documented.items() if k not in ("token", "expires_at")
        }
        assert parts(told["token"])[0]["twr"] == "us1"
        assert ask(f"{url}/token?identity=alice&region=ie1")[1]["region"] == "ie1"
        assert ask(f"{url}/token", b'{"identity": "alice"}', bearer=None)[0] == 401
        assert ask(f"{url}/token", b'{"identity": "alice"}', bearer="x" * 5000)[0] == 401
        assert ask(f"{url}/token", b"{")[0] == 400
        assert ask(f"{url}/token", b'{"identity": ["alice"]}')[0] == 400
        assert ask(f"{url}/token", b'\xff{"identity": "alice"}')[0] == 400
        assert ask(f"{url}/token", b"x" * 5000)[0] == 413
        assert ask(f"{url}/token?identity=alice&region=au1")[0] == 400
        while (last := ask(f"{url}/token?identity=eager"))[0] == 200:
            pass
        assert last[0] == 429
        assert int(last[2]["retry-after"]) >= 1

        (tmp_path / "app.json").write_text('{"region": "ie1", "epoch": 3}')
        status, told, _ = ask(f"{url}/token", b'{"identity": "bob"}')
        assert (told["region"], told["edges"], told["life_s"], told["epoch"]) == (
            "ie1",
            ["dublin", "frankfurt"],
            300,
            3,
        )
        assert ask(f"{url}/health")[1]["instance"] == "a"
        assert ask(f"{url}/ready")[:2] == (200, {"active_region": "ie1", "epoch": 3, "problems": []})
        (tmp_path / "app.json").write_text('{"region": "us1", "epoch": 2}')
        assert "older" in ask(f"{url}/ready")[1]["problems"][0]
        assert ask(f"{url}/token", b'{"identity": "bob"}')[1]["region"] == "ie1", "an old instruction never wins"
        process.send_signal(signal.SIGTERM)
        out, said = process.communicate(timeout=15)
    assert (process.returncode, out, said) == (0, "", "")


def test_wrong_use_is_told(tmp_path: Path) -> None:
    """Broken settings, a missing secret, an address that is taken: exit 2 and words, no traceback."""

    def run(*words: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "voicedr.cli.main", "tokens", *words],
            capture_output=True,
            text=True,
            timeout=30,
            env={"PATH": "/usr/bin", "TOKENS_CALLER": CALLER},
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    settings = str(documented_settings(tmp_path))
    code, said = run("check", settings)
    assert code == 2
    assert "the environment has no US1_SECRET" in said
    code, said = run("serve", str(tmp_path / "none.yaml"))
    assert (code, "cannot be read" in said, "Traceback" in said) == (2, True, False)
    import socket

    with socket.create_server(("127.0.0.1", 0)) as taken:
        code, said = run("serve", settings, "--port", str(taken.getsockname()[1]))
    assert (code, "cannot be listened on" in said) == (2, True)


def test_the_provider_takes_the_tokens_of_each_region(tmp_path: Path) -> None:
    """The twin lets a client in with a token of either Region; not with one signed by another's key."""
    with running_twin() as twin:
        told = twin.control("GET", "/_twin/client")
        keys = told["credentials"]
        settings = documented_settings(
            tmp_path,
            **{
                "AC00000000000000000000000000000001": told["account_sid"],
                "SK00000000000000000000000000000001": keys["us1"]["api_key"],
                "SK00000000000000000000000000000002": keys["ie1"]["api_key"],
                "    application: AP00000000000000000000000000000001\n": "",
                "    application: AP00000000000000000000000000000002\n": "",
            },
        )
        read_settings(settings.read_text(), "t")
        secrets = {"US1_SECRET": keys["us1"]["api_secret"], "IE1_SECRET": keys["ie1"]["api_secret"]}
        with running_tokens(settings, **secrets) as (url, _):
            for region in ("us1", "ie1"):
                token = ask(f"{url}/token?identity=alice&region={region}")[1]["token"]
                assert _judged(twin.told["http"], token) == (
                    0,
                    f"accepted: a client with this token is alice in {region}",
                )
        crossed = AccessToken(
            told["account_sid"], keys["us1"]["api_key"], secrets["US1_SECRET"], region="ie1", identity="a"
        )
        assert _judged(twin.told["http"], str(crossed.to_jwt()))[0] == 1


def _judged(at: str, token: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-m", "voicedr.cli.main", "twin", "token", "--at", at],
        input=token,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode, done.stdout.strip()
