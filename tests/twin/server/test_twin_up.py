"""``voicedr twin up`` as a process: what it says, how it ends, and how it breaks connections."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from typer.testing import CliRunner, Result

from running_twin import RunningTwin, running_twin
from voicedr.cli.twin import twin_app


def _raw(twin: RunningTwin, host: str, timeout_s: float = 5.0) -> bytes:
    """What comes back on a fresh connection; raises as the socket does."""
    port = urlsplit(twin.told["http"]).port
    with socket.create_connection(("127.0.0.1", port or 0), timeout=timeout_s) as connection:
        connection.sendall(f"GET /2010-04-01/x HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        return connection.recv(65536)


def test_says_where_it_is_and_keeps_its_state(tmp_path: Path) -> None:
    """One line of JSON when ready; SIGTERM ends it with 0 and the state is there again at the next start."""
    state = tmp_path / "state.json"
    with running_twin("--state", str(state), "--seed", "9") as twin:
        assert set(twin.told) == {"http", "proxy", "ca", "account_sid", "credentials"}
        assert set(twin.told["credentials"]) == {"us1", "ie1", "au1"}
        assert Path(twin.told["ca"]).read_text().startswith("-----BEGIN CERTIFICATE-----")
        twin.control("PATCH", "/_twin/settings", {"propagation_s": [1, 2]})
        before = twin.control("GET", "/_twin/state")
        assert twin.stop(signal.SIGTERM) == 0
        assert not Path(twin.told["ca"]).exists()
    with running_twin("--state", str(state)) as twin:
        assert twin.control("GET", "/_twin/state") == before
        assert twin.stop(signal.SIGINT) == 0


def test_connections_are_broken(tmp_path: Path) -> None:
    """Refused is a close, a reset is a reset, and a black hole holds the connection and lets it go with the client."""
    with running_twin() as twin:
        assert _raw(twin, "api.twilio.com").startswith(b"HTTP/1.1 401")
        assert _raw(twin, "api.ie1.twilio.com") == b""
        assert _raw(twin, "127.0.0.1").startswith(b"HTTP/1.1 404")
        twin.control("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "mode": "refuse"})
        assert _raw(twin, "api.twilio.com") == b""
        twin.control("DELETE", "/_twin/faults")
        twin.control("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "mode": "black-hole"})
        with pytest.raises(TimeoutError):
            _raw(twin, "api.twilio.com", timeout_s=0.3)
        assert twin.control("GET", "/_twin/requests")["by_region"]["us1"] == 3
        assert twin.stop() == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--account", "missing.yaml"), "missing.yaml cannot be read"),
        (("--account", "bad.yaml"), "bad.yaml:2: numbers[0].e164 is '123'; give a plus and 7 to 15 digits, in quotes"),
        (("--state", "bad.yaml"), "bad.yaml cannot be loaded: it is not JSON"),
        (
            ("--scenario", "none-such"),
            "no scenario of that name; there are edge-flapping, october-outage",
        ),
        (("--scenario", "steps.yaml"), "steps.yaml:2: steps[0].fault cannot be used: there is no fault 'regoin-down'"),
    ],
)
def test_files_that_cannot_be_used(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """A mistake in a file is told with its place; exit code 2, no traceback, nothing started."""
    (tmp_path / "steps.yaml").write_text("steps:\n  - {at_s: 0, fault: regoin-down}\n")
    (tmp_path / "bad.yaml").write_text('numbers:\n  - e164: "123"\n')
    done = _up(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_a_port_in_use() -> None:
    """A port that is taken is named, with the flag that chooses another."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = _up("--port", str(port))
    assert done.returncode == 2
    assert f"port {port} on 127.0.0.1 cannot be used" in done.stderr
    assert "--port" in done.stderr


def test_a_scenario_is_played_from_the_start(tmp_path: Path) -> None:
    """What is due at once is broken as soon as it says that it is ready; later steps are to come."""
    (tmp_path / "mine.yaml").write_text(
        "title: Mine\nsteps:\n  - {at_s: 0, fault: api-errors, with: {rate: 0..1@60}}\n  - {at_s: 3600, heal: all}\n"
    )
    with running_twin("--scenario", "mine.yaml", cwd=tmp_path) as twin:
        deadline = time.monotonic() + 10
        while not twin.control("GET", "/_twin/faults")["faults"] and time.monotonic() < deadline:
            time.sleep(0.02)
        (playing,) = twin.control("GET", "/_twin/scenarios")["scenarios"]
        assert (playing["title"], playing["state"], len(playing["taken"])) == ("Mine", "playing", 1)
        (fault,) = twin.control("GET", "/_twin/faults")["faults"]
        assert fault["params"]["rate"] == {"from": 0, "to": 1, "over_s": 60}


def test_break_heal_and_call() -> None:
    """The conveniences speak to the control API; a mistake is told and exits with 2."""
    with running_twin() as twin:

        def cli(*arguments: str) -> Result:
            return CliRunner().invoke(twin_app, [*arguments, "--at", twin.told["http"]])

        broke = cli("break", "region-down", "region=us1", "mode=refuse", "--for-s", "600")
        assert broke.exit_code == 0, broke.output
        (fault,) = twin.control("GET", "/_twin/faults")["faults"]
        assert fault["id"] == broke.stdout.strip()
        wrong = cli("break", "region-down", "region=mars")
        assert (wrong.exit_code, "one of us1, ie1, au1" in wrong.stderr) == (2, True)
        assert cli("heal", fault["id"]).exit_code == 0
        assert twin.control("GET", "/_twin/faults") == {"faults": []}
        rang = cli("call", "+14155550100", "--json")
        assert rang.exit_code == 0, rang.output
        assert json.loads(rang.stdout)["outcome"] == "not-connected"


def _up(*arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "voicedr.cli.twin", "up", "--json", "--port", "0", "--proxy-port", "0", *arguments]
    began = time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=cwd)
    assert time.monotonic() - began < 60
    return done


def test_it_ends_quietly_while_answers_are_due(twin_with_slow_us1: RunningTwin) -> None:
    """SIGTERM while a delayed answer and a held connection are in flight: exit code 0 and not a word on stderr."""
    twin = twin_with_slow_us1
    port = urlsplit(twin.told["http"]).port or 0
    with (
        socket.create_connection(("127.0.0.1", port), timeout=5) as slow,
        socket.create_connection(("127.0.0.1", port), timeout=5) as held,
    ):
        slow.sendall(b"GET /2010-04-01/x HTTP/1.1\r\nHost: api.twilio.com\r\n\r\n")
        held.sendall(b"GET /2010-04-01/x HTTP/1.1\r\nHost: api.dublin.ie1.twilio.com\r\n\r\n")
        deadline = time.monotonic() + 5
        while sum(twin.control("GET", "/_twin/requests")["by_region"].values()) < 2 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert twin.stop(signal.SIGTERM) == 0
    assert twin.process.stderr is not None
    assert twin.process.stderr.read() == ""


@pytest.fixture
def twin_with_slow_us1() -> Iterator[RunningTwin]:
    with running_twin() as twin:
        twin.control("POST", "/_twin/faults", {"fault": "region-down", "region": "us1", "mode": "slow"})
        twin.control("POST", "/_twin/faults", {"fault": "region-down", "region": "ie1", "mode": "black-hole"})
        yield twin
