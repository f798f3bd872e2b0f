"""Transfers: Refer asks SIPp to call somewhere else, and SIPp asks the twin.

The rules are those of https://www.twilio.com/docs/voice/twiml/refer and
https://www.twilio.com/docs/voice/api/refer-to-twilio.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from sip_device import HANGS_UP, Stage, alerts, answered, domain_world, invite, on_stage
from sipp_peer import TAKES_THE_CALL, pause, peer, receive, reply, request, response
from switchboard_scene import CALLER, NUMBER, PRIMARY, put_trunk
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.orders import Instructions
from voicedr.twin.world.model import Call
from voicedr.wire.http import Response

NEXT, REFER = "https://app.example/next", "https://app.example/refer"


@pytest.mark.parametrize(
    ("code", "fragment", "told"),
    [
        (202, "SIP/2.0 200 OK", ("completed", "202", "200")),
        (202, "SIP/2.0 486 Busy Here", ("failed", "202", "486")),
        (603, "", ("failed", "603", None)),
    ],
)
def test_refer(tmp_path: Path, code: int, fragment: str, told: tuple[str, str, str | None]) -> None:
    """Refer asks the equipment by REFER in the call's dialog; its NOTIFY says how the new call went."""
    world = domain_world()
    notify = request("NOTIFY", 2, fragment + "\n", "message/sipfrag;version=2.0").replace(
        "Max-Forwards", "Event: refer\nSubscription-State: terminated;reason=noresource\nMax-Forwards"
    )
    follows = (notify, response(200)) if fragment else ()
    refer = '<recv request="REFER"/>', reply(code, "So")
    with peer(tmp_path, *TAKES_THE_CALL, *refer, *follows, receive("BYE"), reply(200, "OK"), calls=1) as sbc:
        answers: dict[str, str | Response] = {
            PRIMARY: "<Refer action='/next'><Sip>sip:other@desk.example</Sip></Refer>", NEXT: "<Hangup/>",
        }  # fmt: skip
        call = Call(world.mint("CA"), "+14155550199", f"sip:desk@{sbc.host}", "outbound-api", "queued", 0.0)
        world.regions["us1"].calls[call.sid] = call

        async def script(stage: Stage) -> None:
            stage.switchboard.begin("us1", call.sid, Instructions(url=PRIMARY))
            assert await asyncio.to_thread(sbc.verdict) == 0, sbc.heard()

        stage = on_stage(tmp_path, world, script, answers)
        assert "Refer-To: <sip:other@desk.example>" in sbc.heard()
    (said,) = stage.app.told(NEXT)
    names = ("ReferCallStatus", "ReferSipResponseCode", "NotifySipResponseCode")
    assert tuple(said.get(name) for name in names) == told


TARGET = "<sip:bob@desk.example?User-to-User=17>"
REFERS = request("REFER", 1).replace("Max-Forwards", f"Refer-To: {TARGET}\nMax-Forwards")


async def _calls(stage: Stage) -> None:
    placed = stage.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=8))
    call = await asyncio.wait_for(stage.switchboard.ended(placed.id), 20)
    assert call.outcome == "served"


def test_a_callee_hands_the_caller_on(tmp_path: Path) -> None:
    """A REFER of whom Dial called is 202, reported as done, and hung up; the caller goes on with referUrl."""
    world = domain_world()
    report = (receive("NOTIFY"), reply(200, "OK"), receive("BYE"), reply(200, "OK"))
    with peer(tmp_path, *TAKES_THE_CALL, pause(100), REFERS, response(202), *report, calls=1) as sbc:
        dial = f"<Dial action='/next' referUrl='/refer'><Sip>sip:desk@{sbc.host}</Sip></Dial>"
        stage = on_stage(tmp_path, world, _calls, {PRIMARY: dial, REFER: "<Pause length='1'/><Hangup/>"})
        assert sbc.verdict() == 0, sbc.heard()
        assert "SIP/2.0 200 OK\n" in sbc.heard().replace("\r", "").partition("Event: refer")[2]
    (said,) = stage.app.told(REFER)
    assert (said["ReferTransferTarget"], said["CallStatus"]) == (TARGET, "in-progress")
    assert stage.app.told(NEXT) == []
    assert sorted(call.status for call in world.regions["us1"].calls.values()) == ["completed", "completed"]
    assert alerts(world) == []


def test_a_dial_without_refer_url(tmp_path: Path) -> None:
    """Without referUrl the REFER is refused, the call goes on, and it is the error 13802."""
    world = domain_world()
    end = (pause(100), request("BYE", 2), response(200))
    with peer(tmp_path, *TAKES_THE_CALL, pause(100), REFERS, response(603), *end, calls=1) as sbc:
        dial = f"<Dial action='/next'><Sip>sip:desk@{sbc.host}</Sip></Dial>"
        stage = on_stage(tmp_path, world, _calls, {PRIMARY: dial, NEXT: "<Hangup/>"})
        assert sbc.verdict() == 0, sbc.heard()
    (said,) = stage.app.told(NEXT)
    assert (said["DialCallStatus"], alerts(world)) == ("completed", ["13802"])


@pytest.mark.parametrize(("mode", "errors"), [("disable-all", ["32218"]), ("enable-all", [])])
def test_trunks_hand_nobody_on(tmp_path: Path, mode: str, errors: list[str]) -> None:
    """A REFER in a trunk's call is refused, which is the error 32218 if it allows none; the call goes on."""
    world = domain_world()
    end = (pause(100), request("BYE", 2), response(200))
    with peer(tmp_path, *TAKES_THE_CALL, pause(100), REFERS, response(603), *end, calls=1) as sbc:
        put_trunk(world, (f"sip:{sbc.host}", 1, 1)).transfer_mode = mode
        on_stage(tmp_path, world, _calls)
        assert sbc.verdict() == 0, sbc.heard()
    assert alerts(world) == errors


def test_a_caller_cannot_hand_on(tmp_path: Path) -> None:
    """A REFER of a caller to a SIP domain, and one without Refer-To, are refused; the call goes on."""
    world = domain_world()
    refer = HANGS_UP.replace("BYE [next_url]", "REFER [next_url]").replace('<recv response="200"/>', "")
    steps = (
        invite(), answered(),
        refer.replace("CSeq: 9 BYE", "CSeq: 5 REFER"), '<recv response="400"/>',
        refer.replace("CSeq: 9 BYE", f"CSeq: 6 REFER\nRefer-To: {TARGET}"), '<recv response="603"/>',
        HANGS_UP,
    )  # fmt: skip

    async def script(stage: Stage) -> None:
        assert await stage.runs_sipp(*steps) == 0, stage.heard()

    on_stage(tmp_path, world, script, {PRIMARY: "<Say>Welcome</Say><Pause length='30'/>"})
    assert [call.status for call in world.regions["us1"].calls.values()] == ["completed"]
