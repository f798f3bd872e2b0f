"""SIPp sends calls to a trunk for the public network: who is let in, and what becomes of the call.

The rules are those of https://www.twilio.com/docs/sip-trunking.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from sipp_peer import address, sipp
from sipp_trunk_caller import (
    CANCEL,
    FAILED_ACK,
    HANGS_UP,
    OUTSIDE,
    PASSWORD,
    TRYING,
    answered,
    invite,
    open_trunk,
    refused,
    world_with,
)
from switchboard_scene import NUMBER, SERVES
from voicedr.twin import faults
from voicedr.twin.server.sip import sip_serving
from voicedr.twin.server.wall_clock import WallClock
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import Party, World
from voicedr.wire.http import Request, Response, Timeouts


def sends(
    directory: Path,
    world: World,
    *steps: str,
    transport: str = "u1",
    calls: int = 1,
    place: int = 0,
    pace: float = 1000.0,
    for_s: float = 10,
) -> int:
    """Run SIPp against the ashburn edge; its exit code is 0 if every call went through every step."""
    scenario = directory / "calls.xml"
    scenario.write_text(f'<?xml version="1.0"?>\n<scenario name="pbx">{"".join(steps)}</scenario>')
    codes: list[int] = []

    async def send(request: Request, timeouts: Timeouts) -> Response:
        return SERVES

    async def main() -> None:
        async with sip_serving(port=0) as sip:
            switchboard = Switchboard(world, WallClock(), send, sip=sip)
            process = await asyncio.create_subprocess_exec(
                sipp(), sip.addresses()["ashburn"][place], "-sf", str(scenario), "-i", address(), "-t", transport,
                "-m", str(calls), "-nostdin", "-r", "10",
                "-trace_msg", "-message_file", "messages.log",
                cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            try:
                codes.append(await asyncio.wait_for(process.wait(), for_s))
            except TimeoutError:
                process.kill()
                codes.append(await process.wait())
            await asyncio.sleep(0.2)
            await switchboard.close()

    world.settings.setup_s = 0.0
    world.settings.termination_calls_per_second = pace
    asyncio.run(main())
    return codes[0]


def alerts(world: World) -> list[str]:
    """The error codes in the feed."""
    return [alert.error_code for alert in world.regions["us1"].alerts]


@pytest.mark.parametrize(("transport", "place", "edge"), [("u1", 0, "ashburn."), ("t1", 3, "")])
def test_a_call_goes_out(tmp_path: Path, transport: str, place: int, edge: str) -> None:
    """A listed address calls out through any address of the edge: 180, 200, and BYE ends it; it is in the log."""
    world = world_with()
    trunk = open_trunk(world)
    steps = (invite(edge=edge), answered(), HANGS_UP)
    assert sends(tmp_path, world, *steps, transport=transport, place=place) == 0
    (logged,) = world.regions["us1"].calls.values()
    assert (logged.direction, logged.status, logged.trunk_sid) == ("trunking-terminating", "completed", trunk.sid)
    assert (logged.from_, logged.to) == (NUMBER, OUTSIDE)
    assert alerts(world) == []


def test_the_other_end_hangs_up(tmp_path: Path) -> None:
    """When whoever was called hangs up, SIPp gets BYE and answers it."""
    world = world_with(Party(after_s=0.1, talks_s=0.3))
    open_trunk(world)
    end = (
        '<recv request="BYE"/><send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n'
        "[last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>"
    )
    assert sends(tmp_path, world, invite(), answered(), end) == 0
    assert [call.status for call in world.regions["us1"].calls.values()] == ["completed"]


def test_credentials_are_asked_for(tmp_path: Path) -> None:
    """With a credential list the first INVITE gets 407, and the right password lets the second in."""
    world = world_with()
    open_trunk(world, passwords=True)
    steps = (invite(), refused(407), invite(sequence=2, authorized=PASSWORD), answered(2), HANGS_UP)
    assert sends(tmp_path, world, *steps, calls=3) == 0
    assert [call.status for call in world.regions["us1"].calls.values()] == ["completed"] * 3


def test_a_wrong_password(tmp_path: Path) -> None:
    """A wrong password is refused and is the error 32202."""
    world = world_with()
    open_trunk(world, passwords=True)
    steps = (invite(), refused(407), invite(sequence=2, authorized="wrong"), refused(403, sequence=2))
    assert sends(tmp_path, world, *steps) == 0
    assert (alerts(world), world.regions["us1"].calls) == (["32202"], {})


def unlist(world: World) -> None:
    """The trunk has no list."""
    next(iter(world.regions["us1"].trunks.values())).ip_access_control_lists.clear()


def secure(world: World) -> None:
    """Secure Trunking is on."""
    next(iter(world.regions["us1"].trunks.values())).secure = True


def elsewhere(world: World) -> None:
    """Another network is listed."""
    world.regions["us1"].ip_access_control_lists["AL1"].addresses["IP1"].ip_address = "10.0.0.0"


@pytest.mark.parametrize(
    ("change", "to", "caller", "code", "error"),
    [
        (None, "442079460123", NUMBER, 400, []),
        (None, OUTSIDE, "+12025550199", 403, ["32204"]),
        (unlist, OUTSIDE, NUMBER, 403, ["32200"]),
        (elsewhere, OUTSIDE, NUMBER, 403, ["32201"]),
        (secure, OUTSIDE, NUMBER, 403, ["32209"]),
    ],
)
def test_who_is_not_let_in(
    tmp_path: Path, change: Callable[[World], None] | None, to: str, caller: str, code: int, error: list[str]
) -> None:
    """A number without plus is 400; strangers and strange caller IDs are refused with an error; nothing is logged."""
    world = world_with()
    open_trunk(world)
    if change is not None:
        change(world)
    assert sends(tmp_path, world, invite(to, caller), refused(code, to)) == 0
    assert (alerts(world), world.regions["us1"].calls) == (error, {})


@pytest.mark.parametrize(
    ("party", "code", "status"),
    [(Party(busy=True, after_s=0.1), 486, "busy"), (Party(sip_code=404, after_s=0.1), 404, "failed")],
)
def test_whoever_is_called_does_not_answer(tmp_path: Path, party: Party, code: int, status: str) -> None:
    """Busy and failed calls come back as their SIP response."""
    world = world_with(party)
    open_trunk(world)
    assert sends(tmp_path, world, invite(), refused(code)) == 0
    assert [call.status for call in world.regions["us1"].calls.values()] == [status]


def test_a_number_of_the_account(tmp_path: Path) -> None:
    """A number of the account is called through the network, and arrives in the Region that its route says."""
    world = world_with()
    open_trunk(world)
    number = world.numbers[NUMBER]
    world.regions["us1"].numbers[number.sid].trunk_sid = ""
    assert sends(tmp_path, world, invite(NUMBER), answered(), HANGS_UP) == 0
    assert sorted(call.direction for call in world.regions["us1"].calls.values()) == ["inbound", "trunking-terminating"]


def test_cancel(tmp_path: Path) -> None:
    """CANCEL while it rings gets its own 200, and the INVITE 487."""
    world = world_with(Party(after_s=20))
    open_trunk(world)
    steps = (
        invite(edge=""), TRYING, '<recv response="180"/>', CANCEL, '<recv response="200"/>', '<recv response="487"/>',
        FAILED_ACK.format(to=OUTSIDE, sequence=1, edge="").replace("[branch-1]", "[branch-6]"),
    )  # fmt: skip
    assert sends(tmp_path, world, *steps) == 0
    assert [call.status for call in world.regions["us1"].calls.values()] == ["canceled"]


def test_the_pace_of_a_trunk(tmp_path: Path) -> None:
    """A call that comes sooner after the last than the trunk's pace allows is refused, and is the error 32001."""
    world = world_with()
    open_trunk(world)
    steps = (invite(), answered(), HANGS_UP, invite(sequence=11), refused(503, sequence=11))
    assert sends(tmp_path, world, *steps, pace=0.01) == 0
    assert (alerts(world), len(world.regions["us1"].calls)) == (["32001"], 1)


def test_a_region_that_is_down_says_nothing(tmp_path: Path) -> None:
    """No response at all comes from a Region that is down, which is what makes equipment try elsewhere after 4 s."""
    world = world_with()
    open_trunk(world)
    faults.begin(world, "region-down", {"region": "us1", "mode": "black-hole"}, 0.0)
    sends(tmp_path, world, invite(), '<recv response="100"/>', for_s=1.2)
    messages = (tmp_path / "messages.log").read_text()
    assert messages.count("INVITE sip:") >= 2
    assert "SIP/2.0 1" not in messages
    assert world.regions["us1"].calls == {}
