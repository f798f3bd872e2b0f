"""Trunks call SIPp for real: by priority and weight, 4 s to a response, stop codes, disaster recovery, UDP and TCP.

The rules are those of https://www.twilio.com/docs/sip-trunking.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from sipp_peer import (
    TAKES_THE_CALL,
    TALKS_AND_HANGS_UP,
    lossy,
    pause,
    peer,
    receive,
    refuses,
    reply,
    request,
    response,
)
from switchboard_scene import CALLER, NUMBER, SERVES, make_world, put_trunk
from voicedr.twin.calls.caller import Caller
from voicedr.twin.server.certificates import make_certificates
from voicedr.twin.server.sip import edge_addresses, sip_serving
from voicedr.twin.server.wall_clock import WallClock
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import NetworkCall, World
from voicedr.wire.http import Request, Response, Timeouts

RECOVERY = "https://dr.example/voice"
DEAD = "sip:127.99.99.99:5999"

Dials = Callable[[], Awaitable[NetworkCall]]


def calling(world: World, script: Callable[[Dials], Awaitable[None]], *, patience_s: float = 20.0) -> World:
    """Run a script that dials the number of a world whose trunk is really called."""

    async def send(request: Request, timeouts: Timeouts) -> Response:
        return SERVES

    async def main() -> None:
        async with sip_serving(port=0) as sip:
            switchboard = Switchboard(world, WallClock(), send, sip=sip)

            async def dial() -> NetworkCall:
                placed = switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=patience_s))
                return await asyncio.wait_for(switchboard.ended(placed.id), 30)

            await script(dial)
            await asyncio.sleep(0.1)
            await switchboard.close()

    world.settings.setup_s = 0.0
    asyncio.run(main())
    return world


def call_once(world: World, *, patience_s: float = 20.0) -> NetworkCall:
    """One call, to its end."""
    calls: list[NetworkCall] = []

    async def script(dial: Dials) -> None:
        calls.append(await dial())

    calling(world, script, patience_s=patience_s)
    return calls[0]


def codes(world: World) -> list[str]:
    """The error codes in the feed."""
    return [alert.error_code for alert in world.regions["us1"].alerts]


@pytest.mark.parametrize("transport", ["udp", "tcp"])
def test_a_target_takes_the_call_and_hangs_up(tmp_path: Path, transport: str) -> None:
    """INVITE, 180, 200, ACK, BYE and its 200 all go as SIPp wants them; the call is served and logged."""
    world = make_world()
    with peer(tmp_path, *TALKS_AND_HANGS_UP, calls=1, transport=transport[0] + "1") as sbc:
        put_trunk(world, (f"sip:{sbc.host}:{sbc.port};transport={transport}", 1, 1))
        call = call_once(world)
        assert sbc.verdict() == 0
    assert [stretch.what for stretch in call.heard] == ["ringing", "talking"]
    (logged,) = world.regions["us1"].calls.values()
    assert (call.outcome, logged.status, logged.direction) == ("served", "completed", "trunking-originating")
    assert codes(world) == []


def test_what_the_invite_says(tmp_path: Path) -> None:
    """Without a user part the dialled number is the user; with one it is in Diversion; edge and headers are obeyed."""
    world = make_world()
    with peer(tmp_path, *refuses(486, "Busy Here")) as plain, peer(tmp_path, *refuses(486, "Busy Here")) as given:
        put_trunk(world, (f"sip:{plain.host}:{plain.port}", 1, 1))
        call_once(world)
        world = make_world()
        put_trunk(world, (f"sip:pbx@{given.host}:{given.port};edge=dublin?X-Site=north%20one", 1, 1))
        call_once(world)
        first, second = plain.heard(), given.heard()
    assert f"INVITE sip:{NUMBER}@{plain.host}:5060 SIP/2.0" in first
    assert f"From: <sip:{CALLER}@acme.pstn.twilio.com>" in first
    assert f"Contact: <sip:{edge_addresses('ashburn')[0]}:" in first
    assert "Diversion" not in first
    assert f"INVITE sip:pbx@{given.host}:5060 SIP/2.0" in second
    assert f"Diversion: <sip:{NUMBER}@acme.pstn.twilio.com>" in second
    assert "X-Site: north one" in second
    assert f"Contact: <sip:{edge_addresses('dublin')[0]}:" in second


def test_tls(tmp_path: Path) -> None:
    """With transport=tls the call goes over TLS; OpenSSL at the other end hands it to SIPp."""
    world = make_world()
    with peer(tmp_path, *TALKS_AND_HANGS_UP, calls=1, transport="t1") as sbc:
        calls: list[NetworkCall] = []
        _, context = make_certificates(tmp_path)
        versions: list[str | None] = []

        async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            versions.append(writer.get_extra_info("ssl_object").version())
            inner_reader, inner_writer = await asyncio.open_connection(sbc.host, sbc.port)
            await asyncio.gather(_pump(reader, inner_writer), _pump(inner_reader, writer))

        async def script(dial: Dials) -> None:
            front = await asyncio.start_server(relay, sbc.host, 5061, ssl=context)
            try:
                calls.append(await dial())
            finally:
                front.close()

        put_trunk(world, (f"sip:{sbc.host};transport=tls", 1, 1))
        calling(world, script)
        assert sbc.verdict() == 0
        assert "SIP/2.0/TLS 127.60." in sbc.heard()
    assert (calls[0].outcome, versions) == ("served", ["TLSv1.3"])


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(4096):
            writer.write(data)
    except ConnectionError:
        pass
    finally:
        writer.close()


@pytest.mark.parametrize("code", [486, 404, 603])
def test_a_stop_code_ends_the_search(tmp_path: Path, code: int) -> None:
    """These final responses end the call: neither the next target nor disaster recovery is tried."""
    world = make_world()
    with peer(tmp_path, *refuses(code, "No"), calls=1) as first, peer(tmp_path, *TAKES_THE_CALL) as second:
        put_trunk(world, (f"sip:{first.host}", 1, 1), (f"sip:{second.host}", 2, 1), recovery=RECOVERY)
        call = call_once(world)
        assert first.verdict() == 0
        assert second.invites() == 0
    assert call.outcome == ("busy" if code == 486 else "failed")
    assert codes(world) == []


@pytest.mark.parametrize("code", [503, 480, 500])
def test_any_other_failure_moves_on(tmp_path: Path, code: int) -> None:
    """Other final responses are a warning 32011, and the next target is called at once."""
    world = make_world()
    refusing = peer(tmp_path, *refuses(code, "Later"), calls=1)
    with refusing as first, peer(tmp_path, *TALKS_AND_HANGS_UP, calls=1) as second:
        put_trunk(world, (f"sip:{first.host}", 1, 1), (f"sip:{second.host}", 2, 1))
        call = call_once(world)
        assert (first.verdict(), second.verdict()) == (0, 0)
    assert (call.outcome, codes(world)) == ("served", ["32011"])
    assert f"SIP {code}" in world.regions["us1"].alerts[0].alert_text
    assert call.heard[0].for_s < 2


@pytest.mark.slow
def test_weights_and_a_killed_target(tmp_path: Path) -> None:
    """Calls share out by weight; when the first target is killed, they reach the second within 4 s and 1 s more."""
    world = make_world()
    with peer(tmp_path, *TALKS_AND_HANGS_UP) as heavy, peer(tmp_path, *TALKS_AND_HANGS_UP) as light:
        put_trunk(world, (f"sip:{heavy.host}", 1, 70), (f"sip:{light.host}", 1, 30))
        shares: list[int] = []
        moved: list[NetworkCall] = []

        async def script(dial: Dials) -> None:
            before = await asyncio.gather(*(dial() for _ in range(60)))
            assert {call.outcome for call in before} == {"served"}
            shares.extend((heavy.invites(), light.invites()))
            heavy.kill()
            moved.extend(await asyncio.gather(*(dial() for _ in range(20))))

        calling(world, script)
        assert light.invites() == shares[1] + 20
    assert sum(shares) == 60
    assert 28 <= shares[0] <= 56
    assert {call.outcome for call in moved} == {"served"}
    waited = [call.heard[0].for_s for call in moved]
    late = [seconds for seconds in waited if seconds > 2]
    assert late
    assert all(3.9 <= seconds <= 5.0 for seconds in late)
    assert len(late) == codes(world).count("32011")


@pytest.mark.slow
def test_nobody_there_leads_to_disaster_recovery(tmp_path: Path) -> None:
    """A black hole costs 4 s, a refused connection nothing; then the disaster recovery URL serves the call."""
    world = make_world()
    put_trunk(world, (DEAD, 1, 1), (f"{DEAD};transport=tcp", 2, 1), recovery=RECOVERY)
    begun = time.monotonic()
    call = call_once(world)
    assert call.outcome == "served"
    assert codes(world) == ["32011", "32011"]
    texts = [alert.alert_text for alert in world.regions["us1"].alerts]
    assert "no response within 4 s" in texts[0]
    assert "no TCP connection" in texts[1]
    assert 4.0 <= call.heard[0].for_s <= 5.0
    assert time.monotonic() - begun < 12


def test_a_caller_who_gives_up_cancels(tmp_path: Path) -> None:
    """A caller who hangs up while it rings sends CANCEL; SIPp's 487 is acknowledged."""
    world = make_world()
    steps = (
        receive("INVITE"), reply(180, "Ringing"), receive("CANCEL"), reply(200, "OK"),
        reply(487, "Request Terminated", to_invite=True), receive("ACK"),
    )  # fmt: skip
    with peer(tmp_path, *steps, calls=1) as sbc:
        put_trunk(world, (f"sip:{sbc.host}", 1, 1))
        call = call_once(world, patience_s=0.6)
        assert sbc.verdict() == 0
    assert call.outcome == "no-answer"
    assert next(iter(world.regions["us1"].calls.values())).status == "no-answer"


def test_the_caller_hangs_up(tmp_path: Path) -> None:
    """A caller who hangs up after the answer sends BYE, which SIPp answers."""
    world = make_world()
    with peer(tmp_path, *TAKES_THE_CALL, receive("BYE"), reply(200, "OK"), calls=1) as sbc:
        put_trunk(world, (f"sip:{sbc.host}", 1, 1))
        call = call_once(world, patience_s=0.8)
        assert sbc.verdict() == 0
    assert call.outcome == "served"


def test_requests_within_the_call(tmp_path: Path) -> None:
    """OPTIONS, INFO and a re-INVITE of the callee are answered with 200, what is not allowed with 405."""
    world = make_world()
    hold = "v=0\no=sipp 1 2 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\nm=audio 6000 RTP/AVP 0\na=sendonly\n"
    steps = (
        *TAKES_THE_CALL,
        request("OPTIONS", 1), response(200),
        request("INFO", 2, "Signal=5\nDuration=160\n", "application/dtmf-relay"), response(200),
        request("INVITE", 3, hold, "application/sdp"), '<recv response="100" optional="true"/>', response(200),
        request("ACK", 3),
        request("UPDATE", 4), response(405),
        request("BYE", 5), response(200),
    )  # fmt: skip
    with peer(tmp_path, *steps, calls=1) as sbc:
        put_trunk(world, (f"sip:{sbc.host}", 1, 1))
        call = call_once(world)
        assert sbc.verdict() == 0
        assert "a=recvonly" in sbc.heard()
    assert call.outcome == "served"


@pytest.mark.slow
def test_a_network_that_loses_messages(tmp_path: Path) -> None:
    """One in ten answers, ACKs and BYEs is lost, and every call is served all the same."""
    world = make_world()
    steps = (
        receive("INVITE"), reply(180, "Ringing"), lossy(reply(200, "OK", sdp=True, repeated=True), 10),
        lossy(receive("ACK"), 10), pause(100), lossy(request("BYE", 1), 10), response(200),
    )  # fmt: skip
    with peer(tmp_path, *steps, calls=30) as sbc:
        put_trunk(world, (f"sip:{sbc.host}", 1, 1))

        async def script(dial: Dials) -> None:
            calls = await asyncio.gather(*(dial() for _ in range(30)))
            assert {call.outcome for call in calls} == {"served"}

        calling(world, script)
        assert sbc.verdict() == 0
    assert codes(world) == []
