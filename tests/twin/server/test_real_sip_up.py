"""``voicedr twin up --sip`` with its own ports, found by name: 5060, 5061, 53; and what a command resolves."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import pytest

from running_twin import RunningTwin, running_twin
from sip_scene import ask_by_udp, by_stream, trusting
from voicedr.twin.server.names import ADDRESSES
from voicedr.twin.server.sip import edge_addresses
from voicedr.twin.world.model import EDGES

NAMES = ("acme.pstn.ashburn.twilio.com", "acme.pstn.dublin.twilio.com", "lobby.sip.sydney.twilio.com")


def _can_bind(port: int) -> bool:
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((edge_addresses("ashburn")[0], port))
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def twin() -> Iterator[RunningTwin]:
    """On the usual ports. One at a time on a machine."""
    with (Path(tempfile.gettempdir()) / "voicedr-usual-sip-ports.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (_can_bind(5060) and _can_bind(5061)):
            pytest.skip("something else has SIP's ports on 127.60.10.1: end it")
        with running_twin("--sip") as running:
            yield running


def addresses_of(twin: RunningTwin, name: str) -> list[str]:
    """What the twin's name server says."""
    host, _, port = twin.told["dns"].rpartition(":")
    answer = dns.query.udp(dns.message.make_query(name, "A"), host, port=int(port), timeout=5)
    return [item.address for rrset in answer.answer for item in rrset]


def test_the_usual_ports(twin: RunningTwin) -> None:
    """Every edge's four addresses have 5060 for UDP and TCP and 5061 for TLS, and are told so."""
    expected = {edge: [f"{address}:5060" for address in edge_addresses(edge)] for edge in EDGES}
    assert twin.told["sip"] == expected
    assert twin.told["sip_tls"] == {
        edge: [place.replace(":5060", ":5061") for place in places] for edge, places in expected.items()
    }


def test_found_by_name(twin: RunningTwin) -> None:
    """Each address that a name leads to answers OPTIONS by UDP and TCP at 5060, and by TLS at 5061 under that name."""

    async def probe(name: str, address: str) -> list[Any]:
        by_udp = await ask_by_udp((address, 5060), "OPTIONS")
        async with by_stream((address, 5060)) as tcp, by_stream(
            (address, 5061), tls=trusting(Path(twin.told["ca"])), name=name
        ) as tls:  # fmt: skip
            return [by_udp.codes, await tcp.ask("OPTIONS"), await tls.ask("OPTIONS")]

    for name in NAMES:
        found = addresses_of(twin, name)
        assert len(set(found)) == 4
        for address in found:
            assert asyncio.run(probe(name, address)) == [[200], 200, 200]


def test_a_fault_by_the_control_api(twin: RunningTwin) -> None:
    """Broken from outside, the names of an edge are lost and an address is silent; healed, both are there."""
    place = (edge_addresses("tokyo")[1], 5060)
    begun = [
        twin.control("POST", "/_twin/faults", {"fault": "edge-name-lost", "edge": "tokyo"})["id"],
        twin.control("POST", "/_twin/faults", {"fault": "sip-address-down", "edge": "tokyo", "number": 2})["id"],
    ]
    assert addresses_of(twin, "acme.pstn.tokyo.twilio.com") == []
    assert asyncio.run(ask_by_udp(place, "OPTIONS", wait_s=0.4)).codes == []
    for one in begun:
        twin.control("DELETE", f"/_twin/faults/{one}")
    assert len(addresses_of(twin, "acme.pstn.tokyo.twilio.com")) == 4
    assert asyncio.run(ask_by_udp(place, "OPTIONS")).codes == [200]


def resolving(twin: RunningTwin, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a command under ``voicedr twin exec --hosts``."""
    return subprocess.run(
        [sys.executable, "-m", "voicedr.cli.twin", "exec", "--at", twin.told["http"], "--hosts", "--", *command],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


LOOKS_UP = """
import json, socket, sys
found = {}
for name in sys.argv[1:]:
    try:
        found[name] = sorted({one[4][0] for one in socket.getaddrinfo(name, 5060, socket.AF_INET)})
    except OSError as exc:
        found[name] = str(exc)
print(json.dumps(found))
"""


def test_what_a_command_resolves(twin: RunningTwin) -> None:
    """As root, the system's own look-up finds the names for SIP and for REST at this machine, and no stranger's."""
    _needs_root(twin)
    done = resolving(twin, sys.executable, "-c", LOOKS_UP, *NAMES, "api.dublin.ie1.twilio.com", "example.com")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    for name, edge in zip(NAMES, ("ashburn", "dublin", "sydney"), strict=True):
        assert found[name] == sorted(edge_addresses(edge))
    assert found["api.dublin.ie1.twilio.com"][0].startswith("127.")
    assert "127." not in found["example.com"]
    dig = shutil.which("dig")
    if dig is not None:
        told = resolving(twin, dig, "+short", "+time=2", "_sip._udp.pstn.dublin.twilio.com", "SRV").stdout.split("\n")
        assert sorted(told)[1:] == [f"10 10 5060 sip{number}.dublin.twilio.com." for number in (1, 2, 3, 4)]


def test_a_name_server_at_another_port(tmp_path: Path) -> None:
    """Where resolv.conf cannot name the port, the command runs and what is missing is said."""
    with running_twin("--sip", "--sip-port", "0", "--dns-port", "0") as other:
        assert other.told["dns"].startswith(f"{ADDRESSES[0]}:")
        if os.geteuid() != 0 or shutil.which("unshare") is None:
            pytest.skip("a private /etc/resolv.conf needs root and unshare(1)")
        done = resolving(other, sys.executable, "-c", LOOKS_UP, NAMES[0], "api.twilio.com")
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)
        assert "127." not in found[NAMES[0]]
        assert found["api.twilio.com"][0].startswith("127.")
        assert "do not resolve in this command" in done.stderr


@pytest.mark.parametrize("option", ["--dns-port", "--sip-tls-port"])
def test_a_port_that_is_taken(option: str) -> None:
    """A port that somebody has is said with the option that chooses another; nothing was started."""
    address = ADDRESSES[0] if option == "--dns-port" else edge_addresses("tokyo")[2]
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as taken:
        taken.bind((address, 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "voicedr.cli.twin", "up", "--port", "0", "--proxy-port", "0", "--sip",
             "--sip-port", "0", option, str(port)],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 2
    assert f"{address}:{port}" in done.stderr
    assert option in done.stderr
    assert "othing was started" in done.stderr
    assert "Traceback" not in done.stderr


def _needs_root(twin: RunningTwin) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a private /etc/resolv.conf needs root and unshare(1)")
    if not twin.told["dns"].endswith(":53"):
        pytest.skip("port 53 of every address is taken")
