"""``voicedr twin up --sip``: a twin in its own process calls SIPp, and its edges answer SIPp's OPTIONS."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from running_twin import running_twin
from sipp_peer import TALKS_AND_HANGS_UP, address, peer, sipp
from voicedr.cli.twin import twin_app
from voicedr.twin.world.model import EDGES

OPTIONS = """<?xml version="1.0"?>
<scenario name="probe"><send retrans="500"><![CDATA[
OPTIONS sip:[remote_ip]:[remote_port] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:sbc@[local_ip]>;tag=[pid]t[call_number]
To: <sip:[remote_ip]>
Call-ID: [call_id]
CSeq: 1 OPTIONS
Contact: <sip:sbc@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Length: 0

]]></send><recv response="200"/></scenario>
"""


def test_a_call_and_a_probe(tmp_path: Path) -> None:
    """A call to a number on a trunk rings the SBC under its name; every edge has four addresses that answer OPTIONS."""
    with peer(tmp_path, *TALKS_AND_HANGS_UP, calls=1) as sbc:
        account = tmp_path / "account.yaml"
        account.write_text(
            json.dumps(
                {
                    "numbers": [{"e164": "+14155550100", "voice": {"us1": {"trunk": "SBCs"}}}],
                    "trunks": {
                        "us1": [
                            {
                                "friendly_name": "SBCs",
                                "domain_name": "acme.pstn.twilio.com",
                                "origination_urls": [{"sip_url": "sip:sbc1.acme.example:5070"}],
                            }
                        ]
                    },
                }
            )
        )
        host = f"sbc1.acme.example={sbc.host}:{sbc.port}"
        options = ("--account", str(account), "--sip", "--sip-port", "0", "--sip-host", host)
        with running_twin(*options) as twin:
            call = twin.control("POST", "/_twin/calls?wait=1", {"from": "+16465550123", "to": "+14155550100"})
            assert (call["outcome"], sbc.verdict()) == ("served", 0)
            assert "a=sendrecv" in sbc.heard()
            edges = twin.told["sip"]
            assert list(edges) == list(EDGES)
            assert {len(places) for places in edges.values()} == {4}
            scenario = tmp_path / "options.xml"
            scenario.write_text(OPTIONS)
            for transport, place in (("u1", edges["dublin"][3]), ("t1", edges["ashburn"][1])):
                probe = subprocess.run(
                    [sipp(), place, "-sf", str(scenario), "-i", address(), "-t", transport, "-m", "3", "-nostdin",
                     "-timeout", "5"],
                    cwd=tmp_path, stdin=subprocess.DEVNULL, capture_output=True, timeout=20, check=False,
                )  # fmt: skip
                assert probe.returncode == 0, probe.stdout[-2000:]


@pytest.mark.parametrize(("flag", "told"), [("--sound", True), ("--no-sound", False)])
def test_nobody_can_speak(flag: str, told: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where espeak-ng is not installed the start says so, unless no sound is wanted."""
    monkeypatch.setenv("PATH", "/nowhere")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ports = ["--port", str(taken.getsockname()[1]), "--proxy-port", "0", "--sip-port", "0"]
        done = CliRunner().invoke(twin_app, ["up", "--sip", *ports, flag])
    assert done.exit_code == 2
    assert ("espeak-ng is not installed" in done.output) == told


def test_a_host_that_is_not_on_this_machine() -> None:
    """An address that others can reach is refused before anything starts, with what to write instead."""
    done = subprocess.run(
        [sys.executable, "-m", "voicedr.cli.twin", "up", "--sip-host", "sbc.example=192.0.2.1"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "127.x.y.z" in done.stderr
    assert "Traceback" not in done.stderr
