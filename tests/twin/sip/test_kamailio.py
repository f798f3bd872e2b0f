"""Kamailio, which we did not write, between SIPp and the twin: it finds the twin by its names, and survives deaths.

The rules are those of https://www.twilio.com/docs/sip-trunking: every address of an edge takes calls, and after 4 s
without a response the next is tried; the twin does the same with a customer's targets.
"""

from __future__ import annotations

import asyncio
import csv
import os
import random
import shutil
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from kamailio_peer import Kamailio, kamailio, kamailio_running
from sip_scene import OUTSIDE, SipTwin, sip_twin, trunk_world
from sipp_peer import TALKS_AND_HANGS_UP, Peer, address, peer, sipp
from switchboard_scene import CALLER, NUMBER, T0
from voicedr.twin import faults
from voicedr.twin.calls.caller import Caller
from voicedr.twin.server.names import names_serving
from voicedr.twin.server.private_hosts import PrivateHosts, private_hosts
from voicedr.twin.server.sip import edge_addresses
from voicedr.twin.sip.names import Resolved, resolve
from voicedr.twin.world.model import NetworkCall, OriginationUrl, World

LATE_S = 5.0
"""4 s without a response, and 1 s more for what follows."""

CALLS = """<?xml version="1.0"?>
<scenario name="pbx"><send retrans="500" start_rtd="1"><![CDATA[
INVITE sip:{to}@{kamailio} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
From: <sip:{caller}@[local_ip]>;tag=[pid]t[call_number]
To: <sip:{to}@{kamailio}>
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

]]></send>
<recv response="100" optional="true"/><recv response="180" optional="true"/><recv response="183" optional="true"/>
<recv response="{code}" rtd="1"{rrs}/>
<send><![CDATA[
ACK {next} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch={branch}
{routes}[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 1 ACK
Max-Forwards: 70
Content-Length: 0

]]></send>{more}</scenario>
"""
BYE = """
<send retrans="500"><![CDATA[
BYE [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
[routes]
[last_From:]
[last_To:]
Call-ID: [call_id]
CSeq: 2 BYE
Max-Forwards: 70
Content-Length: 0

]]></send><recv response="200"/>"""


PHONE = tuple(
    step.replace('<recv request="INVITE">', '<recv request="INVITE" rrs="true">')
    .replace("[last_Via:]\n", "[last_Via:]\n[last_Record-Route:]\n")
    .replace("Max-Forwards: 70\n", "[routes]\nMax-Forwards: 70\n")
    for step in TALKS_AND_HANGS_UP
)
"""It takes the call and hangs up, by the way that the call came."""


@dataclass
class Load:
    """SIPp, which places calls at a steady pace."""

    process: asyncio.subprocess.Process
    directory: Path
    calls: int

    async def verdict(self, for_s: float) -> int:
        """Its exit code: 0 if every call went through every step."""
        return await asyncio.wait_for(self.process.wait(), for_s)

    def waited(self) -> list[float]:
        """Seconds from each INVITE to its answer."""
        (file,) = self.directory.glob("*_rtt.csv")
        with file.open() as rows:
            return [float(row["response_time_ms"]) / 1000 for row in csv.DictReader(rows, delimiter=";")]


@asynccontextmanager
async def load(
    directory: Path, kamailio: Kamailio, *, calls: int, per_s: float, code: int = 200, hangs_up: bool = True
) -> AsyncIterator[Load]:
    """Place so many calls through Kamailio, each of which is to get this final response."""
    scenario = directory / "pbx.xml"
    answered = code == 200
    scenario.write_text(
        CALLS.format(
            to=OUTSIDE,
            caller=NUMBER,
            kamailio=f"{kamailio.host}:{kamailio.port}",
            code=code,
            rrs=' rrs="true"' if answered else "",
            next="[next_url]" if answered else f"sip:{OUTSIDE}@{kamailio.host}:{kamailio.port}",
            branch="[branch]" if answered else "[branch-1]",
            routes="[routes]\n" if answered else "",
            more=BYE if answered and hangs_up else "",
        )
    )
    process = await asyncio.create_subprocess_exec(
        sipp(), f"{kamailio.host}:{kamailio.port}", "-sf", str(scenario), "-i", address(), "-m", str(calls),
        "-r", str(per_s), "-nostdin", "-trace_rtt", "-rtt_freq", "1", "-trace_err", "-error_file", "errors.log",
        cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield Load(process, directory, calls)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


@dataclass
class Names:
    """Where the twin's names are the only ones, and the address that came first in each answer."""

    hosts: PrivateHosts
    firsts: list[str]


@asynccontextmanager
async def with_names(twin: SipTwin, directory: Path) -> AsyncIterator[Names]:
    """A place for programs in which the twin's names are the only ones."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("a private /etc/resolv.conf needs root and unshare(1)")

    places = twin.sip.known_places()
    firsts: list[str] = []

    def answer(name: str, kind: str, order: Sequence[int]) -> Resolved:
        resolved = resolve(twin.world, places, name, kind, order, twin.now())
        if kind == "A" and resolved.answers:
            firsts.append(str(resolved.answers[0].data[0]))
        return resolved

    async with names_serving(answer) as names:
        if names.port != 53:
            pytest.skip("port 53 of every address is taken")
        overlay = directory / "overlay"
        overlay.mkdir()
        async with private_hosts("http://127.0.0.1:9", overlay, f"{names.address}:53") as hosts:
            yield Names(hosts, firsts)


def free_port() -> int:
    """For SIP on all addresses at once: the same number on each, so that a name and a port lead to all."""
    return random.randrange(20_000, 30_000, 2)


def ringing(world: World) -> bool:
    """Whether a call is between its first response and its answer."""
    return any(call.status in ("queued", "ringing") for call in world.regions["us1"].calls.values())


@pytest.mark.slow
@pytest.mark.parametrize(("ttl_s", "share"), [(600, 1.0), (0, 0.25)])
def test_an_address_dies(tmp_path: Path, ttl_s: int, share: float) -> None:
    """With the edge's name and DNS failover no call is lost when an address goes silent, and none is beyond 4 s + 1 s.

    Kamailio stays with the first address as long as it may keep the answer: then every call is late. If it has to ask
    for each call, it is the dead address's share.
    """
    kamailio()
    world, _ = trunk_world()
    world.settings.dns_ttl_s = ttl_s
    port, calls = free_port(), 60
    before: list[int] = []
    found: list[float] = []

    async def main() -> None:
        async with sip_twin(world, tmp_path, port=port) as twin, with_names(twin, tmp_path) as names:
            route = f'$ru = "sip:" + $rU + "@acme.pstn.ashburn.twilio.com:{port}";'
            with kamailio_running(tmp_path, route, inside=names.hosts.inside) as sbc:
                # Without BYE: a call that is up on the dead address is lost with it, and this is about placing calls.
                async with load(tmp_path, sbc, calls=calls, per_s=12, hangs_up=False) as pbx:
                    async with asyncio.timeout(20):
                        # A moment in which no call is being set up.
                        while len(world.regions["us1"].calls) < 15 or ringing(world):  # noqa: ASYNC110
                            await asyncio.sleep(0.001)
                    before.append(len(world.regions["us1"].calls))
                    victim = edge_addresses("ashburn").index(names.firsts[-1]) + 1
                    faults.begin(world, "sip-address-down", {"edge": "ashburn", "number": str(victim)}, twin.now())
                    assert await pbx.verdict(30) == 0, (tmp_path / "errors.log").read_text()[-2000:]
                    found.extend(pbx.waited())

    asyncio.run(main())
    assert len(found) == calls
    late = [seconds for seconds in found if seconds > 1]
    assert all(3.5 <= seconds <= LATE_S for seconds in late), late
    met = len(late) / (calls - before[0])
    assert 0.9 * share <= met <= 1.0 if share == 1.0 else 0.05 <= met <= 0.6, met
    assert [call.status for call in world.regions["us1"].calls.values()] == ["in-progress"] * calls


@pytest.mark.slow
def test_the_outbound_proxy_by_naptr_and_srv(tmp_path: Path) -> None:
    """With the edge as outbound proxy Kamailio finds the free ports by NAPTR and SRV, and uses several addresses."""
    kamailio()
    world, _ = trunk_world()

    async def main() -> None:
        async with sip_twin(world, tmp_path) as twin, with_names(twin, tmp_path) as names:
            route = '$ru = "sip:" + $rU + "@acme.pstn.twilio.com"; $du = "sip:pstn.ashburn.twilio.com";'
            with kamailio_running(tmp_path, route, inside=names.hosts.inside) as sbc:
                async with load(tmp_path, sbc, calls=10, per_s=20) as pbx:
                    assert await pbx.verdict(20) == 0, (tmp_path / "errors.log").read_text()[-2000:]

    asyncio.run(main())
    assert [call.status for call in world.regions["us1"].calls.values()] == ["completed"] * 10


@pytest.mark.slow
@pytest.mark.parametrize(("transport", "code"), [("tls", 200), ("udp", 403)])
def test_secure_trunking(tmp_path: Path, transport: str, code: int) -> None:
    """A secure trunk takes Kamailio's calls by TLS, checked against the twin's authority; by UDP they get 403."""
    kamailio(tls=True)
    world, _ = trunk_world(secure=True)
    port = free_port()

    async def main() -> None:
        async with sip_twin(world, tmp_path, port=port) as twin, with_names(twin, tmp_path) as names:
            at = f"{port + 1};transport=tls" if transport == "tls" else str(port)
            route = f'$ru = "sip:" + $rU + "@acme.pstn.ashburn.twilio.com:{at}";'
            with kamailio_running(tmp_path, route, inside=names.hosts.inside, ca_file=twin.ca_file) as sbc:
                async with load(tmp_path, sbc, calls=5, per_s=10, code=code) as pbx:
                    log = sbc.log.read_text()
                    assert await pbx.verdict(20) == 0, (tmp_path / "errors.log").read_text()[-2000:] + log

    asyncio.run(main())
    store = world.regions["us1"]
    assert [call.status for call in store.calls.values()] == (["completed"] * 5 if code == 200 else [])
    assert [alert.error_code for alert in store.alerts] == ([] if code == 200 else ["32209"] * 5)


@pytest.mark.slow
def test_a_target_by_tls(tmp_path: Path) -> None:
    """The twin calls Kamailio by TLS, and the BYE comes back by TLS to the address and port of the Contact."""
    kamailio(tls=True)
    port = free_port()
    calls: list[NetworkCall] = []

    async def main() -> None:
        world, trunk = trunk_world()
        async with sip_twin(world, tmp_path, port=port) as twin:
            with (
                peer(tmp_path, *PHONE) as phone,
                kamailio_running(tmp_path, f'$du = "sip:{phone.host}:{phone.port}";', ca_file=twin.ca_file) as sbc,
            ):
                target = OriginationUrl("OU1", f"sip:{sbc.host}:{sbc.port + 1};transport=tls", 1, 1, True, "", T0, T0)
                trunk.origination_urls["OU1"] = target
                for _ in range(3):
                    placed = twin.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=20))
                    calls.append(await asyncio.wait_for(twin.switchboard.ended(placed.id), 30))
                heard = phone.heard()
        assert f"Contact: <sip:{edge_addresses('ashburn')[0]}:{port + 1};transport=tls>" in heard

    asyncio.run(main())
    assert [call.outcome for call in calls] == ["served"] * 3
    # The phone hung up: the caller did not wait for the end of their patience.
    assert all(call.heard[-1].what == "talking" and call.heard[-1].for_s < 5 for call in calls)


@dataclass
class Targets:
    """Two Kamailios, each before its own SIPp."""

    proxies: list[Kamailio] = field(default_factory=list)
    phones: list[Peer] = field(default_factory=list)


@pytest.mark.slow
def test_the_first_target_is_killed(tmp_path: Path) -> None:
    """Calls to the trunk's first target move to the second when it is killed: none is lost or beyond 4 s + 1 s."""
    kamailio()
    there = Targets()
    before: list[NetworkCall] = []
    after: list[NetworkCall] = []
    with ExitStack() as stack:
        for _ in range(2):
            phone = stack.enter_context(peer(tmp_path, *PHONE))
            there.phones.append(phone)
            route = f'$du = "sip:{phone.host}:{phone.port}";'
            there.proxies.append(stack.enter_context(kamailio_running(tmp_path, route)))
        first, second = there.proxies
        world, _ = trunk_world((f"sip:{first.host}:{first.port}", 1, 1), (f"sip:{second.host}:{second.port}", 2, 1))

        async def main() -> None:
            async with sip_twin(world, tmp_path) as twin:

                async def call() -> NetworkCall:
                    placed = twin.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=20))
                    return await asyncio.wait_for(twin.switchboard.ended(placed.id), 30)

                async def steady(count: int) -> list[NetworkCall]:
                    placed = []
                    for _ in range(count):
                        placed.append(asyncio.create_task(call()))
                        await asyncio.sleep(0.1)
                    return await asyncio.gather(*placed)

                before.extend(await steady(10))
                first.kill()
                after.extend(await steady(30))

        asyncio.run(main())
        assert [phone.invites() for phone in there.phones] == [10, 30]
    assert {call.outcome for call in (*before, *after)} == {"served"}
    assert all(call.heard[0].for_s < 2 for call in before)
    assert all(3.9 <= call.heard[0].for_s <= LATE_S for call in after), [call.heard[0].for_s for call in after]
    assert [alert.error_code for alert in world.regions["us1"].alerts] == ["32011"] * 30
