"""Dial and REST calls reach SIPp: registered devices, equipment that asks for a login, redirects, transfers.

The rules are those of https://www.twilio.com/docs/voice/twiml/sip, https://www.twilio.com/docs/voice/api/sip-registration
and https://www.twilio.com/docs/voice/twiml/refer.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Awaitable, Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sip_device import (
    DOMAIN,
    HANGS_UP,
    PASSWORD,
    USER,
    Stage,
    alerts,
    answered,
    domain_world,
    invite,
    on_stage,
    registers,
)
from sipp_peer import (
    TAKES_THE_CALL,
    TALKS_AND_HANGS_UP,
    Peer,
    address,
    pause,
    peer,
    receive,
    refuses,
    reply,
    request,
    response,
)
from switchboard_scene import CALLER, NUMBER, PRIMARY, put_trunk
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.orders import Instructions
from voicedr.twin.server.sip import edge_addresses
from voicedr.twin.world.model import Call, NetworkCall, World
from voicedr.wire.http import Response
from voicedr.wire.sip.digest import answer, read_challenge

NEXT = "https://app.example/next"
ALICE = f"sip:{USER}@{DOMAIN}"
IS_CANCELLED = (
    receive("INVITE"), reply(180, "Ringing"), receive("CANCEL"), reply(200, "OK"),
    reply(487, "Request Terminated", to_invite=True, repeated=True), receive("ACK"),
)  # fmt: skip
HEARS_BYE = (*TAKES_THE_CALL, receive("BYE"), reply(200, "OK"))


def moved(contact: str) -> tuple[str, ...]:
    """Answer a call with 302, and get the ACK of it."""
    step = reply(302, "Moved Temporarily", repeated=True)
    old = "Contact: <sip:sbc@[local_ip]:[local_port];transport=[transport]>"
    return receive("INVITE"), step.replace(old, f"Contact: {contact}"), receive("ACK")


SAYS_BYE = (pause(100), request("BYE", 1), response(200))


def asks_for_login(*then: str) -> tuple[str, ...]:
    """Ask for a login by 401, judge it (SIPp does), and take the call only if it is right."""
    judged = (
        '<recv request="INVITE"><action><ereg regexp=".*" search_in="hdr" header="CSeq:" assign_to="cseq"/>'
        f'<verifyauth assign_to="ok" username="{USER}" password="{PASSWORD}"/></action></recv>'
        '<nop test="ok" next="1"/>'
    )
    return (
        receive("INVITE"), challenge(401, "WWW-Authenticate"), receive("ACK"), judged,
        reply(403, "Wrong", repeated=True), receive("ACK"), '<nop next="2"/>', '<label id="1"/>',
        *TAKES_THE_CALL[1:], *then, '<label id="2"/>', '<Reference variables="ok"/>',
    )  # fmt: skip


def challenge(code: int, header: str) -> str:
    """Ask for a login."""
    asked = f'{header}: Digest realm="pbx", nonce="n1", algorithm=MD5, qop="auth"\nContact:'
    return reply(code, "Login", repeated=True).replace("Contact:", asked, 1)


def dial(noun: str, **attributes: str) -> dict[str, str | Response]:
    """TwiML that dials this, and tells how it went."""
    said = "".join(f" {name}='{value}'" for name, value in attributes.items())
    return {PRIMARY: f"<Dial action='/next'{said}>{noun}</Dial>", NEXT: "<Hangup/>"}


async def one_call(stage: Stage, *, patience_s: float = 20.0) -> NetworkCall:
    """Somebody dials the number, to the end."""
    placed = stage.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=patience_s))
    return await asyncio.wait_for(stage.switchboard.ended(placed.id), 30)


async def registered(stage: Stage, where: str, edge: str = "ashburn", user: str = USER) -> None:
    """Register a device at this address, whose phone is yet to be started there."""
    host = DOMAIN if edge == "ashburn" else f"acme.sip.{edge}.twilio.com"
    code = await stage.runs_sipp(*registers(host, user=user), edge=edge, host=where, port=5060)
    assert code == 0, stage.heard()


def dialled(
    directory: Path, world: World, answers: dict[str, str | Response], before: Callable[[Stage], Awaitable[None]]
) -> dict[str, str]:
    """One call that dials; gives what the action was told."""

    async def script(stage: Stage) -> None:
        await before(stage)
        await one_call(stage)

    stage = on_stage(directory, world, script, answers)
    (said,) = stage.app.told(NEXT)
    return said


async def nothing(stage: Stage) -> None:
    """Nothing comes before the call."""


def leg(world: World) -> Call:
    """The leg that was dialled."""
    (found,) = [call for call in world.regions["us1"].calls.values() if call.direction == "outbound-dial"]
    return found


def test_all_devices_of_a_user_ring(tmp_path: Path) -> None:
    """Devices of three edges ring together, each from its own edge; one answers, and the others get CANCEL."""
    world = domain_world()
    places = [(address(), "ashburn"), (address(), "dublin"), (address(), "tokyo")]
    heard: list[str] = []

    async def script(stage: Stage) -> None:
        for where, edge in places:
            await registered(stage, where, edge)
        with ExitStack() as stack:
            rings = (receive("INVITE"), reply(180, "Ringing"), pause(300))
            answers = (*rings, reply(200, "OK", sdp=True, repeated=True, to_invite=True), receive("ACK"), pause(100),
                       request("BYE", 1), response(200))  # fmt: skip
            phones = [
                stack.enter_context(peer(tmp_path, *steps, calls=1, host=where))
                for steps, (where, _) in zip((IS_CANCELLED, answers, IS_CANCELLED), places, strict=True)
            ]
            call = await one_call(stage)
            assert call.outcome == "served"
            assert [phone.verdict() for phone in phones] == [0, 0, 0], [phone.heard() for phone in phones]
            heard.extend(phone.heard() for phone in phones)

    stage = on_stage(tmp_path, world, script, dial(f"<Sip>{ALICE}</Sip>"))
    (said,) = stage.app.told(NEXT)
    assert (said["DialCallStatus"], said["DialSipResponseCode"], said["DialBridged"]) == ("completed", "200", "true")
    assert f"Call-ID: {said['DialSipCallId']}" in heard[1]
    for text, (where, edge) in zip(heard, places, strict=True):
        assert f"INVITE sip:{USER}@{where}:5060" in text
        assert f"To: <sip:{USER}@{DOMAIN}>" in text
        assert f"Via: SIP/2.0/UDP {edge_addresses(edge)[0]}:" in text
    assert (leg(world).to, leg(world).status, alerts(world)) == (ALICE, "completed", [])


@pytest.mark.parametrize(
    ("to", "code", "level"),
    [
        (ALICE, "32009", "warning"),
        (f"sip:{USER}@acme.sip.dublin.twilio.com", "32220", "error"),
        (f"sip:{USER}@acme.sip.us1.twilio.com", "32221", "error"),
        (f"sip:{DOMAIN}", "32223", "error"),
        (f"sip:{USER}@other.sip.twilio.com", "32214", "warning"),
    ],
)
def test_users_that_cannot_be_dialled(tmp_path: Path, to: str, code: str, level: str) -> None:
    """Nobody registered, an edge in the name, no user, another's domain: nobody rings, the Dial has failed, and why."""
    world = domain_world()

    async def bob_is_there(stage: Stage) -> None:
        await registered(stage, address(), user="bob")

    said = dialled(tmp_path, world, dial(f"<Sip>{to}</Sip>"), bob_is_there)
    assert said["DialCallStatus"] == "failed"
    assert "DialSipResponseCode" not in said
    assert [(one.error_code, one.log_level) for one in world.regions["us1"].alerts] == [(code, level)]
    assert leg(world).status == "failed"


def test_a_legacy_name_rings_its_edge(tmp_path: Path) -> None:
    """Dialled by the legacy us1 name, the devices that registered in ashburn ring, and no others."""
    world = domain_world()
    here, there = address(), address()

    async def script(stage: Stage) -> None:
        await registered(stage, here)
        await registered(stage, there, "dublin")
        with (
            peer(tmp_path, *refuses(486, "Busy Here"), calls=1, host=here) as rings,
            peer(tmp_path, *refuses(486, "Busy Here"), host=there) as not_asked,
        ):
            await one_call(stage)
            assert rings.verdict() == 0
            assert not_asked.invites() == 0

    stage = on_stage(tmp_path, world, script, dial(f"<Sip>sip:{USER}@acme.sip.us1.twilio.com</Sip>"))
    (said,) = stage.app.told(NEXT)
    assert (said["DialCallStatus"], said["DialSipResponseCode"], alerts(world)) == ("busy", "486", [])


def test_a_device_behind_a_connection(tmp_path: Path) -> None:
    """A device that registered by TCP, with a Contact nobody can reach, is called on its own connection."""
    world = domain_world()
    got: list[bytes] = []

    async def script(stage: Stage) -> None:
        host, _, port = stage.sip.addresses()["dublin"][2].partition(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        await logs_in(reader, writer)
        placed = stage.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=2))
        got.append(await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5))
        await asyncio.wait_for(stage.switchboard.ended(placed.id), 10)
        writer.close()

    on_stage(tmp_path, world, script, dial(f"<Sip>{ALICE}</Sip>"))
    assert got[0].startswith(b"INVITE sip:alice@192.0.2.7:5060;transport=tcp SIP/2.0")


async def logs_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Register alice on a connection, with a password."""
    shown = ""
    for sequence in (1, 2):
        text = (
            f"REGISTER sip:{DOMAIN} SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.7:5060;branch=z9hG4bKr{sequence}\r\n"
            f"From: <{ALICE}>;tag=d\r\nTo: <{ALICE}>\r\nCall-ID: behind-nat\r\nCSeq: {sequence} REGISTER\r\n"
            f"Contact: <sip:alice@192.0.2.7:5060;transport=tcp>\r\nMax-Forwards: 70\r\n{shown}Content-Length: 0\r\n\r\n"
        )
        writer.write(text.encode())
        told = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 5)).decode()
        if sequence == 1:
            asked = [line for line in told.split("\r\n") if line.startswith("WWW-Authenticate: ")]
            challenge = read_challenge(asked[-1].partition(": ")[2])
            assert challenge.algorithm == "SHA-256"
            met = answer(
                challenge, username=USER, password=PASSWORD, method="REGISTER", uri=f"sip:{DOMAIN}", cnonce="c"
            )
            shown = f"Authorization: {met.header()}\r\n"
        else:
            assert told.startswith("SIP/2.0 200"), told


def test_equipment_is_really_called(tmp_path: Path) -> None:
    """The INVITE leaves from the edge that the URI names, says its headers, and its answer's headers are told."""
    world = domain_world()
    extra = [one.replace("Contact:", "X-Agent: 7\nContact:", 1) if "SIP/2.0 200" in one else one
             for one in TALKS_AND_HANGS_UP[:4]]  # fmt: skip
    with peer(tmp_path, *extra, *TALKS_AND_HANGS_UP[4:], calls=1) as sbc:
        noun = f"<Sip>sip:desk@{sbc.host}:5060;edge=frankfurt?X-Case=4711&amp;X-Name=Jo%20Ann</Sip>"
        said = dialled(tmp_path, world, dial(noun, callerId="+14155550100"), nothing)
        assert sbc.verdict() == 0
        text = sbc.heard()
    assert f"INVITE sip:desk@{sbc.host}:5060 SIP/2.0" in text
    assert f"Contact: <sip:{edge_addresses('frankfurt')[0]}:" in text
    assert "From: <sip:+14155550100@" in text
    assert ("X-Case: 4711" in text, "X-Name: Jo Ann" in text, "Diversion" in text) == (True, True, False)
    assert (said["DialCallStatus"], said["DialSipResponseCode"], said["DialSipHeader_X-Agent"]) == (
        "completed", "200", "7",
    )  # fmt: skip
    assert f"Call-ID: {said['DialSipCallId']}" in text


@pytest.mark.parametrize(
    ("code", "status", "errors"),
    [(486, "busy", []), (480, "no-answer", ["32011"]), (404, "failed", []), (503, "failed", ["32011"])],
)
def test_equipment_refuses(tmp_path: Path, code: int, status: str, errors: list[str]) -> None:
    """Its response is told to the action; what is no ordinary end of a call is the warning 32011."""
    world = domain_world()
    with peer(tmp_path, *refuses(code, "No"), calls=1) as sbc:
        said = dialled(tmp_path, world, dial(f"<Sip>sip:desk@{sbc.host}</Sip>"), nothing)
        assert sbc.verdict() == 0
    assert (said["DialCallStatus"], said["DialSipResponseCode"]) == (status, str(code))
    assert alerts(world) == errors


@pytest.mark.parametrize(("password", "status"), [(PASSWORD, "completed"), ("wrong", "failed")])
def test_equipment_asks_for_a_login(tmp_path: Path, password: str, status: str) -> None:
    """username and password of the noun meet its challenge, once; SIPp judges whether the digest is right."""
    world = domain_world()
    with peer(tmp_path, *asks_for_login(*SAYS_BYE), calls=1) as sbc:
        noun = f"<Sip username='{USER}' password='{password}'>sip:desk@{sbc.host}</Sip>"
        said = dialled(tmp_path, world, dial(noun), nothing)
        assert sbc.verdict() == 0, sbc.heard()
        assert sbc.invites() == 1
    assert said["DialCallStatus"] == status
    assert PASSWORD not in "".join(one.alert_text for one in world.regions["us1"].alerts)


def test_a_proxy_asks_for_a_login(tmp_path: Path) -> None:
    """A 407 is met by Proxy-Authorization, with the digest that RFC 2617 section 3.2.2 says."""
    steps = (receive("INVITE"), challenge(407, "Proxy-Authenticate"), receive("ACK"), *TALKS_AND_HANGS_UP)
    with peer(tmp_path, *steps, calls=1) as sbc:
        noun = f"<Sip username='{USER}' password='{PASSWORD}'>sip:desk@{sbc.host}</Sip>"
        said = dialled(tmp_path, domain_world(), dial(noun), nothing)
        assert sbc.verdict() == 0, sbc.heard()
        (shown,) = re.findall(r"Proxy-Authorization: Digest (.*)", sbc.heard())
    fields = {name: value.strip('"') for name, value in re.findall(r'(\w+)=("[^"]*"|[^,]+)', shown)}
    first, second = _md5(f"{USER}:pbx:{PASSWORD}"), _md5(f"INVITE:sip:desk@{sbc.host}")
    assert fields["response"] == _md5(f"{first}:n1:{fields['nc']}:{fields['cnonce']}:auth:{second}")
    assert said["DialCallStatus"] == "completed"


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def test_without_a_login_the_challenge_is_final(tmp_path: Path) -> None:
    """Equipment that asks for a login which the noun does not have has refused."""
    world = domain_world()
    with peer(tmp_path, *refuses(407, "Login"), calls=1) as sbc:
        said = dialled(tmp_path, world, dial(f"<Sip>sip:desk@{sbc.host}</Sip>"), nothing)
    assert (said["DialCallStatus"], said["DialSipResponseCode"], alerts(world)) == ("failed", "407", ["32011"])


def test_a_caller_hangs_up_on_a_dial(tmp_path: Path) -> None:
    """A caller who leaves while SIP rings has it cancelled; one who leaves while they talk has it hung up."""
    for steps in (IS_CANCELLED, HEARS_BYE):
        world = domain_world()
        with peer(tmp_path, *steps, calls=1) as sbc:

            async def script(stage: Stage) -> None:
                await one_call(stage, patience_s=0.8)

            on_stage(tmp_path, world, script, dial(f"<Sip>sip:desk@{sbc.host}</Sip>"))
            assert sbc.verdict() == 0, sbc.heard()


def test_from_a_sip_domain_to_a_device(tmp_path: Path) -> None:
    """One device calls the domain, its TwiML dials another, which answers; the caller's BYE ends both."""
    world = domain_world()
    where = address()

    async def script(stage: Stage) -> None:
        await registered(stage, where)
        with peer(tmp_path, *HEARS_BYE, calls=1, host=where) as phone:
            assert await stage.runs_sipp(invite(), answered(), pause(400), HANGS_UP) == 0, stage.heard()
            assert phone.verdict() == 0, phone.heard()
            assert "From: <sip:alice@acme.sip.twilio.com>" in phone.heard()

    on_stage(tmp_path, world, script, dial(f"<Sip>{ALICE}</Sip>", answerOnBridge="true"))
    inbound, outbound = world.regions["us1"].calls.values()
    assert (inbound.status, outbound.status, outbound.parent_sid) == ("completed", "completed", inbound.sid)


def test_rest_calls_sip(tmp_path: Path) -> None:
    """A call that REST makes to equipment rings it with the login given, runs its TwiML, and hangs up after it."""
    world = domain_world()
    steps = asks_for_login(receive("BYE"), reply(200, "OK"))
    with peer(tmp_path, *steps, calls=1) as sbc:
        told = Instructions(twiml="<Response><Say>Hi</Say></Response>", sip_login=(USER, PASSWORD))
        call = rest_call(tmp_path, world, f"sip:desk@{sbc.host}", told, sbc)
    assert (call.status, alerts(world)) == ("completed", [])


def test_whom_rest_called_hangs_up(tmp_path: Path) -> None:
    """When equipment that REST called hangs up, the TwiML ends."""
    world = domain_world()
    with peer(tmp_path, *TALKS_AND_HANGS_UP, calls=1) as sbc:
        told = Instructions(twiml="<Response><Say>Hi</Say><Pause length='60'/></Response>")
        call = rest_call(tmp_path, world, f"sip:desk@{sbc.host}", told, sbc)
    assert call.status == "completed"
    assert call.answered_at is not None
    assert call.ended_at is not None
    assert call.ended_at - call.answered_at < 10


def rest_call(directory: Path, world: World, to: str, told: Instructions, sbc: Peer) -> Call:
    """A call created by REST, until SIPp has done all its steps."""
    call = Call(world.mint("CA"), "+14155550199", to, "outbound-api", "queued", 0.0)
    world.regions["us1"].calls[call.sid] = call

    async def script(stage: Stage) -> None:
        stage.switchboard.begin("us1", call.sid, told)
        assert await asyncio.to_thread(sbc.verdict) == 0, sbc.heard()

    on_stage(directory, world, script)
    return call


def redirected(directory: Path, contact: str, steps: tuple[str, ...], host: str) -> tuple[World, list[Any]]:
    """A trunk's target says 302 to this Contact, where these steps are."""
    world = domain_world()
    with peer(directory, *moved(contact), calls=1) as first, peer(directory, *steps, host=host) as second:
        put_trunk(world, (f"sip:{first.host};edge=dublin", 1, 1))
        calls: list[NetworkCall] = []

        async def script(stage: Stage) -> None:
            calls.append(await one_call(stage, patience_s=6.0))

        on_stage(directory, world, script)
        assert first.verdict() == 0, first.heard()
        return world, [calls[0].outcome, second.heard(), second.invites()]


def test_a_redirect_is_followed(tmp_path: Path) -> None:
    """A 302 of a trunk's target is followed to its first Contact, from the same edge."""
    host = address()
    contact = f"<sip:late@{host}>;q=0.1, <sip:never@127.99.99.99>"
    world, (outcome, heard, invites) = redirected(tmp_path, contact, TALKS_AND_HANGS_UP, host)
    assert (outcome, invites, alerts(world)) == ("served", 1, [])
    assert f"INVITE sip:late@{host} SIP/2.0" in heard
    assert f"Contact: <sip:{edge_addresses('dublin')[0]}:" in heard


@pytest.mark.parametrize(
    "contact",
    ["<sip:late@{host}>", "<sip:late@acme.sip.twilio.com>", "<sip:late@192.0.2.7>"],
    ids=["refused there, too", "the provider's own", "elsewhere"],
)
def test_a_redirect_that_leads_nowhere(tmp_path: Path, contact: str) -> None:
    """A redirect to the provider, off this machine, or that is redirected again, is the error 32219."""
    host = address()
    world, (outcome, _, invites) = redirected(
        tmp_path, contact.replace("{host}", host), moved(f"<sip:again@{host}>"), host
    )
    assert outcome == "failed"
    assert alerts(world) == ["32219", "32011"]
    assert invites == ("{host}" in contact)
