"""``voicedr twin exec``: what the command is given, how it ends, and what is said when it cannot be run."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from running_twin import RunningTwin, running_twin
from voicedr.cli.twin import twin_app

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


@pytest.fixture(scope="module")
def twin() -> Iterator[RunningTwin]:
    with running_twin("--seed", "4") as running:
        yield running


def started(*arguments: str, **more: str) -> subprocess.Popen[str]:
    """The command, begun."""
    return subprocess.Popen(
        [sys.executable, "-m", "voicedr.cli.twin", "exec", *arguments],
        env={**os.environ, **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def done(*arguments: str, **more: str) -> tuple[int, str, str]:
    """Its exit code, and what it printed on both."""
    process = started(*arguments, **more)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_the_environment_of_a_region(twin: RunningTwin) -> None:
    """Proxy, authority, that Region's credentials, Region and edge; what was there for another provider is gone."""
    before = {"TWILIO_REGION": "au1", "TWILIO_PROFILE": "real", "ALL_PROXY": "http://10.0.0.1:1", "SSL_CERT_DIR": "/x"}
    code, out, _ = done("--at", twin.told["http"], "--region", "ie1", "--", sys.executable, "-c", SHOW, **before)
    assert code == 0
    got: dict[str, Any] = json.loads(out)
    key = twin.told["credentials"]["ie1"]
    wanted = {
        **dict.fromkeys(("HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"), twin.told["proxy"]),
        "NO_PROXY": "127.0.0.1,localhost,::1",
        "TWILIO_ACCOUNT_SID": twin.told["account_sid"],
        "TWILIO_AUTH_TOKEN": key["auth_token"],
        "TWILIO_API_KEY": key["api_key"],
        "TWILIO_API_SECRET": key["api_secret"],
        "TWILIO_REGION": "ie1",
        "TWILIO_EDGE": "dublin",
        "VOICEDR_TWIN": twin.told["http"],
    }
    assert {name: got.get(name) for name in wanted} == wanted
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS", "CURL_CA_BUNDLE"):
        assert got[name].endswith("/ca.pem")
        assert not Path(got[name]).exists(), "it is there for the time of the command only"
    assert not {"TWILIO_PROFILE", "ALL_PROXY", "SSL_CERT_DIR"} & set(got)


def test_a_twin_for_the_time_of_the_command(tmp_path: Path) -> None:
    """--account and --seed start one; without a Region it is us1's credentials; it is gone when the command is."""
    account = tmp_path / "account.yaml"
    account.write_text('numbers:\n  - e164: "+14155550177"\n')
    ask = (
        "import json, os, urllib.request as u; b = u.build_opener(u.ProxyHandler({}));"
        "s = json.load(b.open(os.environ['VOICEDR_TWIN'] + '/_twin/state'));"
        "print(json.dumps([os.environ['VOICEDR_TWIN'], list(s['numbers']), 'TWILIO_REGION' in os.environ]))"
    )
    code, out, err = done("--account", str(account), "--seed", "9", "--", sys.executable, "-c", ask)
    assert (code, err) == (0, "")
    address, numbers, has_region = json.loads(out)
    assert (numbers, has_region) == (["+14155550177"], False)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])), timeout=5)


def test_how_it_ends(twin: RunningTwin) -> None:
    """The command's own exit code; 128 and the signal's number; a command that is not there is 127 and said."""
    at = ("--at", twin.told["http"], "--")
    assert done(*at, "sh", "-c", "exit 7")[0] == 7
    assert done(*at, "sh", "-c", "kill -9 $$")[0] == 128 + 9
    code, _, err = done(*at, "/no/such/command")
    assert (code, "/no/such/command was not found" in err) == (127, True)
    process = started(*at, sys.executable, "-c", "import time; print('here', flush=True); time.sleep(60)")
    assert process.stdout is not None
    assert process.stdout.readline() == "here\n"
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=50)
    assert process.returncode == 128 + signal.SIGTERM
    assert time.monotonic() - began < 40, "it was told to end, and did not wait for its sleep"


def test_what_cannot_be(tmp_path: Path) -> None:
    """A Region that is none, an account file that is none, a twin that is not there: exit code 2, nothing run."""
    for arguments, told in (
        (("--region", "mars"), "--region is 'mars'; give one of us1, ie1, au1"),
        (("--account", "missing.yaml"), "missing.yaml cannot be read"),
        (("--at", "https://api.twilio.com"), "the twin is on this machine"),
        (("--at", "http://127.0.0.1:1"), "the twin at http://127.0.0.1:1 does not answer"),
    ):
        ended = CliRunner().invoke(twin_app, ["exec", *arguments, "--", "touch", str(tmp_path / "ran")])
        assert ended.exit_code == 2
        assert told in ended.stderr
        assert not (tmp_path / "ran").exists()


def test_names_without_root(twin: RunningTwin, monkeypatch: pytest.MonkeyPatch) -> None:
    """--hosts without root is refused, with the way that needs none."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    ended = CliRunner().invoke(twin_app, ["exec", "--at", twin.told["http"], "--hosts", "--", "true"])
    assert ended.exit_code == 2
    assert "leave --hosts out for a client that reads HTTPS_PROXY" in ended.stderr


def test_names_of_its_own(twin: RunningTwin) -> None:
    """Only the command sees the names, no others resolve for it, and a dead Region is dead; /etc is untouched."""
    _needs_a_mount_namespace()
    script = """
for name in api.twilio.com api.dublin.ie1.twilio.com api.roaming.ie1.twilio.com api.ie1.twilio.com example.com; do
  curl -sS -o /dev/null -m 5 -w "%{http_code} " "https://$name/" 2>/dev/null; printf '%s ' $?
done
"""
    before = Path("/etc/hosts").read_text()
    fault = twin.control("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "mode": "refuse"})
    try:
        first = started("--at", twin.told["http"], "--hosts", "--", "sh", "-c", script)
        second = started("--at", twin.told["http"], "--hosts", "--", "sh", "-c", script)
        for process in (first, second):
            out, err = process.communicate(timeout=120)
            assert process.returncode == 0, err
            refused, answered, mismatched, unknown, other = zip(*[iter(out.split())] * 2, strict=True)
            assert refused == ("000", "35"), "the handshake is cut off"
            assert answered[1] == "0"
            assert mismatched == ("000", "60")
            assert unknown == other == ("000", "6")
    finally:
        twin.control("DELETE", f"/_twin/faults/{fault['id']}")
    assert Path("/etc/hosts").read_text() == before


def _needs_a_mount_namespace() -> None:
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode != 0:
        pytest.skip(
            "--hosts needs Linux, root and a mount namespace: run this test as root on a machine that gives one"
        )
