"""SIPp calls a SIP domain: who is let in, what the application is told, and how the call ends.

The rules are those of https://www.twilio.com/docs/voice/api/sending-sip and
https://www.twilio.com/docs/voice/api/sip-twiml.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from sip_device import (
    DOMAIN,
    HANGS_UP,
    IS_HUNG_UP,
    PASSWORD,
    USER,
    Stage,
    alerts,
    answered,
    domain_of,
    domain_world,
    invite,
    on_stage,
    refused,
)
from sipp_peer import pause
from switchboard_scene import FALLBACK, PRIMARY, STATUS, T0
from voicedr.twin import faults
from voicedr.twin.calls.orders import Change
from voicedr.twin.world.model import RouteChange, RouteEntry, World
from voicedr.wire.http import Response

DUBLIN = "acme.sip.dublin.twilio.com"
STAYS = "<Say>Welcome</Say><Pause length='30'/>"


def calls(
    directory: Path,
    world: World,
    *steps: str,
    answers: dict[str, str | Response] | None = None,
    edge: str = "ashburn",
    place: int = 0,
    transport: str = "u1",
    for_s: float = 10,
    expect: int = 0,
) -> Stage:
    """One SIPp call with these steps, which has to go as it says."""

    async def script(stage: Stage) -> None:
        code = await stage.runs_sipp(*steps, edge=edge, place=place, transport=transport, for_s=for_s)
        assert code == expect, stage.heard()

    return on_stage(directory, world, script, answers)


@pytest.mark.parametrize(
    ("host", "edge", "place", "transport"), [(DOMAIN, "ashburn", 0, "u1"), (DUBLIN, "dublin", 3, "t1")]
)
def test_the_twiml_is_run(tmp_path: Path, host: str, edge: str, place: int, transport: str) -> None:
    """180, the webhook with the INVITE's own words, 200, and the caller's BYE; the end is told and logged."""
    world = domain_world()
    headers = "X-Account: 17\nX-Queue: gold\n"
    steps = (invite(host, headers=headers), answered(), pause(200), HANGS_UP)
    stage = calls(tmp_path, world, *steps, answers={PRIMARY: STAYS}, edge=edge, place=place,
                  transport=transport)  # fmt: skip
    (said,) = stage.app.told(PRIMARY)
    sent = stage.heard()
    assert (said["To"], said["From"], said["CallStatus"]) == (f"sip:sales@{host}", "sip:alice@pbx.example", "ringing")
    assert (said["SipDomain"], said["SipDomainSid"]) == (DOMAIN, domain_of(world).sid)
    assert f"Call-ID: {said['SipCallId']}" in sent
    assert said["SipSourceIp"].startswith("127.1")
    assert (said["SipHeader_X-Account"], said["SipHeader_X-Queue"]) == ("17", "gold")
    assert "SipUsername" not in said
    assert sent.index("SIP/2.0 180") < sent.index("SIP/2.0 200")
    (logged,) = world.regions["us1"].calls.values()
    assert (logged.status, logged.direction, logged.from_) == ("completed", "inbound", "sip:alice@pbx.example")
    assert [told["CallStatus"] for told in stage.app.told(STATUS)] == ["completed"]
    (network,) = world.network_calls.values()
    assert (network.outcome, network.region, alerts(world)) == ("served", "us1", [])


def test_the_twiml_ends_the_call(tmp_path: Path) -> None:
    """When the TwiML is over, SIPp gets BYE."""
    calls(tmp_path, domain_world(), invite(), answered(), IS_HUNG_UP, answers={PRIMARY: "<Say>Bye</Say>"})


def test_rest_ends_the_call(tmp_path: Path) -> None:
    """A call that REST completes is hung up: SIPp gets BYE."""
    world = domain_world()

    async def script(stage: Stage) -> None:
        async def ends() -> None:
            calls = world.regions["us1"].calls
            for _ in range(250):
                if any(call.status == "in-progress" for call in calls.values()):
                    break
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.1)
            (sid,) = calls
            stage.switchboard.modify("us1", sid, Change(status="completed"))

        code, _ = await asyncio.gather(stage.runs_sipp(invite(), answered(), IS_HUNG_UP), ends())
        assert code == 0, stage.heard()

    on_stage(tmp_path, world, script, {PRIMARY: STAYS})
    assert [call.status for call in world.regions["us1"].calls.values()] == ["completed"]


@pytest.mark.parametrize(("reason", "code", "status"), [("busy", 486, "busy"), ("rejected", 404, "no-answer")])
def test_reject(tmp_path: Path, reason: str, code: int, status: str) -> None:
    """Reject is 486 or 404, and the call was never answered."""
    world = domain_world()
    stage = calls(tmp_path, world, invite(), refused(code), answers={PRIMARY: f"<Reject reason='{reason}'/>"})
    (logged,) = world.regions["us1"].calls.values()
    assert (logged.status, logged.answered_at) == (status, None)
    assert "SIP/2.0 200" not in stage.heard()


def test_fallback(tmp_path: Path) -> None:
    """A VoiceUrl that fails gives way to the fallback, while SIPp hears ringing."""
    answers: dict[str, str | Response] = {PRIMARY: Response(500), FALLBACK: STAYS}
    stage = calls(tmp_path, domain_world(), invite(), answered(), HANGS_UP, answers=answers)
    (said,) = stage.app.told(FALLBACK)
    assert (said["ErrorCode"], said["SipDomain"]) == ("11200", DOMAIN)


def test_both_lists_are_enforced(tmp_path: Path) -> None:
    """With both lists mapped an address that is listed is still asked for its password by 407; the name is told."""
    world = domain_world(passwords=True)
    steps = (invite(), refused(407), invite(sequence=2, password=PASSWORD), answered(2), HANGS_UP)
    stage = calls(tmp_path, world, *steps, answers={PRIMARY: STAYS})
    (said,) = stage.app.told(PRIMARY)
    assert said["SipUsername"] == USER
    assert "Proxy-Authenticate: Digest" in stage.heard()
    assert alerts(world) == []


def test_the_right_password_from_elsewhere(tmp_path: Path) -> None:
    """An address that is in no list is refused before it is asked for anything."""
    world = domain_world(network="10.0.0.0", passwords=True)
    calls(tmp_path, world, invite(), refused(403))
    assert (alerts(world), world.regions["us1"].calls) == (["32201"], {})


def test_a_wrong_password(tmp_path: Path) -> None:
    """A wrong password is refused, and is the error 32202."""
    world = domain_world(network="", passwords=True)
    steps = (invite(), refused(407), invite(sequence=2, password="wrong"), refused(403, sequence=2))
    calls(tmp_path, world, *steps)
    assert (alerts(world), world.regions["us1"].calls) == (["32202"], {})


def secure(world: World) -> None:
    """The domain wants TLS."""
    domain_of(world).secure = True


def voiceless(world: World) -> None:
    """The domain has no VoiceUrl."""
    domain_of(world).voice.voice_url = ""


def gone(world: World) -> None:
    """There is no such domain."""
    world.regions["us1"].sip_domains.clear()


def unlisted(world: World) -> None:
    """The domain has no list."""
    domain_of(world).auth_type = ""


@pytest.mark.parametrize(
    ("change", "code", "error", "level"),
    [(secure, 403, ["32209"], "error"), (voiceless, 404, [], ""), (gone, 404, ["32002"], "warning"),
     (unlisted, 403, ["32200"], "error")],
)  # fmt: skip
def test_who_is_not_let_in(
    tmp_path: Path, change: Callable[[World], None], code: int, error: list[str], level: str
) -> None:
    """A domain that is not there, takes nothing, or wants TLS refuses; nothing is asked, nothing is logged but why."""
    world = domain_world()
    change(world)
    stage = calls(tmp_path, world, invite(), refused(code))
    assert (alerts(world), world.regions["us1"].calls, stage.app.asked) == (error, {}, [])
    assert [alert.log_level for alert in world.regions["us1"].alerts] == [level] * len(error)


def test_max_forwards(tmp_path: Path) -> None:
    """An INVITE that may not be forwarded any more is 483, and the warning 32006."""
    world = domain_world()
    calls(tmp_path, world, invite(forwards=0), refused(483))
    assert (alerts(world), world.regions["us1"].calls) == (["32006"], {})


def test_the_route_decides(tmp_path: Path) -> None:
    """The call is processed in the Region of the domain's route, whichever edge it came in at."""
    world = domain_world(regions=("us1", "ie1"))
    route = RouteEntry("QQ1", "SipDomains", DOMAIN, "", T0, [RouteChange(T0, "ie1", T0, "ie1")])
    world.routes[("SipDomains", DOMAIN)] = route
    calls(tmp_path, world, invite(), answered(), HANGS_UP, answers={PRIMARY: STAYS})
    assert [len(world.regions[region].calls) for region in ("us1", "ie1")] == [0, 1]


def test_a_region_that_is_down_says_nothing(tmp_path: Path) -> None:
    """No response at all comes from a Region that is down, so equipment tries elsewhere."""
    world = domain_world()
    faults.begin(world, "region-down", {"region": "us1", "mode": "black-hole"}, 0.0)
    stage = calls(tmp_path, world, invite(), '<recv response="100"/>', for_s=1.2, expect=-9)
    assert stage.heard().count("INVITE sip:") >= 2
    assert "SIP/2.0 1" not in stage.heard()


def test_cancel(tmp_path: Path) -> None:
    """A caller who goes away before the answer sends CANCEL: 487, and the call was not answered."""
    world = domain_world()
    cancel = (
        '<recv response="100" optional="true"/><recv response="180"/><send retrans="500"><![CDATA[\n'
        f"CANCEL sip:sales@{DOMAIN} SIP/2.0\nVia: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch-3]\n"
        "[last_From:]\nTo: <sip:sales@acme.sip.twilio.com>\nCall-ID: [call_id]\nCSeq: 1 CANCEL\nMax-Forwards: 70\n"
        'Content-Length: 0\n\n]]></send><recv response="200"/><recv response="487"/>'
    )
    calls(tmp_path, world, invite(), cancel, answers={PRIMARY: "<Dial answerOnBridge='true'>+442079460123</Dial>"})
    (network,) = world.network_calls.values()
    assert network.outcome == "no-answer"
