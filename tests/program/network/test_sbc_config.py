"""Configurations for SBCs: Kamailio loads ours and fails over with it; the others are checked by their structure."""

from __future__ import annotations

import asyncio
import configparser
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from xml.etree import ElementTree

import pytest

from kamailio_peer import kamailio
from sipp_peer import TAKES_THE_CALL, address, peer, receive, reply, sipp
from sipp_trunk_caller import OUTSIDE
from voicedr.program.network.published import published_ranges
from voicedr.program.network.sbc import read_sbc
from voicedr.program.network.sbc_config import LOADED, WRITERS, sbc_config
from voicedr.program.network.topology import BrokenTopology, Topology, topology
from voicedr.twin.server.names import names_serving
from voicedr.twin.sip.names import Record, Resolved

TRUNK, EDGES = "acme.pstn.twilio.com", ("dublin", "frankfurt")
NAMES = ("acme.pstn.dublin.twilio.com", "acme.pstn.frankfurt.twilio.com")


def made(transport: str = "udp", user: bool = True, **options: str) -> Topology:
    """A topology of two edges."""
    known = {"user": "pbx", "password": "env:VOICE_PASSWORD"} if user else {}
    return topology(TRUNK, EDGES, transport=transport, **known, **options)


def files(plan: Topology, program: str) -> dict[str, str]:
    """A program's files by name."""
    return {one.name: one.text for one in sbc_config(plan, program)}


@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
@pytest.mark.parametrize("program", WRITERS)
def test_ours_passes_our_own_audit(program: str, transport: str) -> None:
    """Both edges by name in order, no address pinned; the password is a reference; who was not loaded says so."""
    found = files(made(transport), program)
    every = "\n".join(found.values())
    edges: list[str] = []
    for name, text in found.items():
        if any(host in text for host in NAMES):
            read = read_sbc(text, name)
            edges += read.edges
            assert read.pinned == ()
    assert edges == list(EDGES)
    assert "VOICE_PASSWORD" in every
    assert ("NOT LOADED" in every) == (program not in LOADED)
    for one in published_ranges().chosen():
        if one.transport == transport:
            address, _, length = one.prefixes[0].partition("/")
            assert re.search(rf"{re.escape(address)}[/ :]{length}", every), one
    assert files(made(transport), program) == found


@pytest.mark.parametrize("user", [True, False])
@pytest.mark.parametrize("transport", ["udp", "tcp", "tls"])
def test_kamailio_loads_it(tmp_path: Path, transport: str, user: bool) -> None:
    """`kamailio -c` finds no fault in it, whatever the transport."""
    program = kamailio(tls=transport == "tls")
    for name, text in files(made(transport, user, listen="127.0.0.1"), "kamailio").items():
        own = text.replace("/etc/kamailio", str(tmp_path))
        (tmp_path / name).write_text(own.replace("/etc/ssl/certs/ca-certificates.crt", str(tmp_path / "sbc.crt")))
    if transport == "tls":
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=sbc.acme.example",
             "-keyout", str(tmp_path / "sbc.key"), "-out", str(tmp_path / "sbc.crt")],
            capture_output=True, timeout=30, check=True,
        )  # fmt: skip
    command = [program, "-c", "-f", str(tmp_path / "kamailio.cfg"), "-Y", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    (tmp_path / "kamailio.cfg").write_text((tmp_path / "kamailio.cfg").read_text().replace("t_relay", "t_delay"))
    assert subprocess.run(command, capture_output=True, timeout=20, check=False).returncode != 0


def test_asterisk_is_strictly_parsed() -> None:
    """Sections with settings alone; every reference leads to a section; the dialplan goes from edge to edge."""
    found = files(made(), "asterisk")
    text = re.sub(r"^#include .*$", "", found["pjsip.conf"], flags=re.MULTILINE)
    # Sections of one name and another type are usual there, and are none of configparser's.
    text = re.sub(r"\[(voice-\w+)\]\ntype=aor", r"[\1:aor]\ntype=aor", text)
    parser = configparser.ConfigParser(
        delimiters=("=",), comment_prefixes=(";",), inline_comment_prefixes=(" ;",), strict=False, interpolation=None
    )
    parser.read_string(text)
    for edge in EDGES:
        endpoint = parser[f"voice-{edge}"]
        assert parser[f"{endpoint['aors']}:aor"]["contact"] == f"sip:acme.pstn.{edge}.twilio.com"
        assert parser[f"{endpoint['aors']}:aor"]["qualify_frequency"] == "15"
        assert parser[endpoint["outbound_auth"]]["type"] == "auth"
        assert parser[endpoint["transport"]]["type"] == "transport"
    assert f"voice-{EDGES[0]}" == parser["voice-provider"]["endpoint"]
    assert parser["system"]["timer_b"] == "4000"
    dialled = re.findall(r"Dial\(PJSIP/\$\{EXTEN\}@voice-(\w+),", found["extensions.conf"])
    assert dialled == list(EDGES)


def test_freeswitch_is_well_formed_and_joined() -> None:
    """Each file is XML; the bridge names the gateways that there are, in order; the ACL is the profile's; 4 s."""
    found = {name: ElementTree.fromstring(text) for name, text in files(made(), "freeswitch").items()}
    profile = found["sip_profiles/voice_provider.xml"].find("profile")
    assert profile is not None
    gateways = [one.get("name") for one in profile.iter("gateway")]
    settings = {one.get("name"): one.get("value") for one in profile.findall("settings/param")}
    actions = found["dialplan/default/00_voice_provider.xml"].iter("action")
    bridge = next(one.get("data") for one in actions if one.get("application") == "bridge")
    assert bridge is not None
    assert [leg.split("/")[2] for leg in bridge.partition("}")[2].split("|")] == gateways
    lists = found["autoload_configs/voice_provider_acl.xml"].findall("list")
    assert [one.get("name") for one in lists] == [settings["apply-inbound-acl"]]
    assert settings["timer-T1X64"] == "4000"


def test_opensips_is_joined() -> None:
    """Braces match, every route that is called is there, and the sets are those that the routes count to."""
    found = files(made(), "opensips")
    script = re.sub(r'"[^"]*"|#[^\n]*', "", found["opensips.cfg"])
    assert script.count("{") == script.count("}")
    assert set(re.findall(r"route\((\w+)\)", script)) <= set(re.findall(r"^route\[(\w+)\]", script, re.MULTILINE))
    rows = found["dbtext/dispatcher"].splitlines()[1:]
    assert [re.split(r"(?<!\\):", row)[1] for row in rows] == ["1", "2"]
    assert "$avp(set) < 2" in script


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"domain": "acme.pstn.dublin.twilio.com"}, "without an edge"),
        ({"domain": "acme.example"}, "termination domain"),
        ({"domain": 'a";exec("x").pstn.twilio.com'}, "termination domain"),
        ({"edges": ("dublin",)}, "at least 2"),
        ({"edges": ("dublin", "dublin")}, "each once"),
        ({"edges": ()}, "at least 2"),
        ({"listen": "sbc.example"}, "IPv4"),
        ({"listen": "2001:db8::1"}, "IPv4"),
        ({"listen": "203.0.113.10:99999"}, "IPv4"),
        ({"user": "pbx"}, "needs a password"),
        ({"user": 'p"x', "password": "env:X"}, "letters"),
        ({"user": "pbx", "password": "Correct-Horse-1"}, "never the password itself"),
    ],
)
def test_a_topology_that_cannot_be(words: dict[str, object], said: str) -> None:
    """It is refused in words, and a password that was given by mistake is not repeated."""
    asked: dict[str, object] = {"domain": TRUNK, "edges": EDGES} | words
    with pytest.raises(BrokenTopology, match=said) as caught:
        topology(**asked)  # type: ignore[arg-type]
    assert "Correct-Horse" not in str(caught.value)


CALLER = """<?xml version="1.0"?><scenario name="pbx"><send retrans="500"><![CDATA[
INVITE sip:{to}@{sbc} SIP/2.0
Via: SIP/2.0/UDP [local_ip]:[local_port];branch=[branch]
From: <sip:pbx@[local_ip]>;tag=[pid]t[call_number]
To: <sip:{to}@{sbc}>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:pbx@[local_ip]:[local_port]>
Max-Forwards: 70
Content-Type: application/sdp
Content-Length: [len]

v=0
o=pbx 1 1 IN IP4 [local_ip]
s=-
c=IN IP4 [local_ip]
t=0 0
m=audio 6000 RTP/AVP 0

]]></send><recv response="100" optional="true"/><recv response="180" optional="true"/>
<recv response="{code}" {rrs}/></scenario>
"""


def call(directory: Path, sbc: str, host: str, code: int) -> float:
    """Place a call from an address, and wait for this response; seconds until then."""
    scenario = directory / f"caller-{code}.xml"
    scenario.write_text(CALLER.format(to=OUTSIDE, sbc=f"{sbc}:5060", code=code, rrs=""))
    began = time.monotonic()
    done = subprocess.run(
        [sipp(), f"{sbc}:5060", "-sf", str(scenario), "-i", host, "-m", "1", "-nostdin",
         "-timeout", "12s", "-trace_err"],
        cwd=directory, capture_output=True, timeout=15, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, (done.stdout[-1500:], done.stderr[-500:])
    return time.monotonic() - began


CHALLENGED = reply(407, "Proxy Authentication Required").replace(
    "Contact:", 'Proxy-Authenticate: Digest realm="sip.twilio.com",nonce="abc",qop="auth",algorithm=MD5\nContact:'
)


@contextmanager
def running(directory: Path, plan: Topology, server: str) -> Iterator[None]:
    """Kamailio with our files, where one name server is the only one."""
    for name, text in files(plan, "kamailio").items():
        (directory / name).write_text(text.replace("/etc/kamailio", str(directory)))
    (directory / "resolv.conf").write_text(f"nameserver {server}\noptions attempts:1 timeout:1\n")
    overlay = 'mount --bind "$1" /etc/resolv.conf && shift && exec "$@"'
    options = ["-DD", "-E", "-m", "32", "-M", "8", "-Y", str(directory), "-P", str(directory / "pid")]
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", overlay, "sh",
               str(directory / "resolv.conf"), kamailio(), "-f", str(directory / "kamailio.cfg"), *options]  # fmt: skip
    with (directory / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            env={**os.environ, "VOICE_PASSWORD": "Correct-Horse-1"},
        )  # fmt: skip
        try:
            time.sleep(1)
            assert process.poll() is None, (directory / "log").read_text()[-3000:]
            yield
        finally:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def with_names(where: dict[str, str], told: Callable[[str], None]) -> None:
    """Say where a name server is in which these names are the only ones."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a private /etc/resolv.conf needs root and unshare(1)")

    def answer(name: str, kind: str, order: Sequence[int]) -> Resolved:
        host = where.get(name.rstrip("."))
        if host is None:
            return Resolved("nxdomain")
        return Resolved("noerror", (Record(name, "A", 600, (host,)),) if kind == "A" else ())

    async def main() -> None:
        async with names_serving(answer) as names:
            if names.port != 53:
                pytest.skip("port 53 of every address is taken")
            await asyncio.to_thread(told, names.address)

    asyncio.run(main())


@pytest.mark.slow
def test_the_next_edge_gets_the_call_after_four_seconds(tmp_path: Path) -> None:
    """The first edge is silent: the call is at the second after 4 s, by its name; who is neither is refused at once."""
    sbc, inside, silent, alive = (address() for _ in range(4))

    def told(server: str) -> None:
        plan = made("udp", False, listen=sbc, inside=f"{inside}:5070")
        with (
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nobody,
            peer(tmp_path, *TAKES_THE_CALL[:3], host=alive) as edge,
        ):
            nobody.bind((silent, 5060))
            with running(tmp_path, plan, server):
                assert call(tmp_path, sbc, address(), 403) < 2
                waited = call(tmp_path, sbc, inside, 200)
            assert 3.8 < waited < 6
            assert f"INVITE sip:{OUTSIDE}@{NAMES[1]}" in edge.heard()
            first = nobody.recv(4096).decode()
            assert first.startswith((f"INVITE sip:{OUTSIDE}@{NAMES[0]}", "OPTIONS"))

    with_names(dict(zip(NAMES, (silent, alive), strict=True)), told)


def test_a_challenge_is_answered_with_the_password_of_the_environment(tmp_path: Path) -> None:
    """The provider's 407 gets a digest of the trunk's user; the call is then taken."""
    sbc, inside, edge_address = (address() for _ in range(3))
    steps = (receive("INVITE"), CHALLENGED, receive("ACK"), *TAKES_THE_CALL[:3])

    def told(server: str) -> None:
        plan = made("udp", True, listen=sbc, inside=f"{inside}:5070")
        with peer(tmp_path, *steps, host=edge_address) as edge, running(tmp_path, plan, server):
            assert call(tmp_path, sbc, inside, 200) < 3
            heard = edge.heard()
        assert 'Proxy-Authorization: Digest username="pbx"' in heard
        assert "Correct-Horse" not in heard

    with_names(dict.fromkeys(NAMES, edge_address), told)


def test_a_password_that_is_refused_is_not_given_for_ever(tmp_path: Path) -> None:
    """A second 407 is the caller's answer."""
    sbc, inside, edge_address = (address() for _ in range(3))
    steps = (receive("INVITE"), CHALLENGED, receive("ACK"), receive("INVITE"), CHALLENGED, receive("ACK"))

    def told(server: str) -> None:
        plan = made("udp", True, listen=sbc, inside=f"{inside}:5070")
        with peer(tmp_path, *steps, host=edge_address) as edge, running(tmp_path, plan, server):
            assert call(tmp_path, sbc, inside, 407) < 3
            assert edge.heard().count("Proxy-Authorization: Digest") == 1

    with_names(dict.fromkeys(NAMES, edge_address), told)
