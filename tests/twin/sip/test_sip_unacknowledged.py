"""An answer that is never acknowledged: hung up after 32 s, and logged (https://www.twilio.com/docs/api/errors/32022)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from sip_device import DOMAIN, domain_world
from sip_samples import INVITE, octets
from switchboard_scene import NUMBER, PRIMARY, STATUS, App, put_trunk
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin.calls.arrival import Desk
from voicedr.twin.calls.commands import Device, Invite, Registration, SipFarEnd
from voicedr.twin.sip.agent import Agent
from voicedr.twin.sip.table import Flow
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import Party, World
from voicedr.wire.http import Response
from voicedr.wire.sip.messages import Request
from voicedr.wire.sip.messages import Response as SipResponse

WAY = Flow("udp", ("127.60.10.1", 5060), ("127.0.0.9", 5070))
OUTSIDE = "+442079460123"


class Wound:
    """An agent whose clock is the virtual one, and which calls nobody."""

    def __init__(self, clock: VirtualClock) -> None:
        self.sent: list[str] = []
        numbers = count(1)
        self.agent = Agent(self._transmit, lambda prefix: f"{prefix}{next(numbers)}", clock.monotonic_s)
        self._clock = clock

    def _transmit(self, message: Request | SipResponse, flow: Flow) -> None:
        self.sent.append(message.method if isinstance(message, Request) else str(message.code))

    def calls(self, sip_url: str) -> bool:
        """Nobody is really called."""
        return False

    def invite(self, order: Invite) -> SipFarEnd:
        """It never comes to that."""
        raise AssertionError(order)

    def registered(self, user: str, domain: str) -> tuple[Device, ...]:
        """Nobody."""
        return ()

    def registrations(self) -> list[Registration]:
        """None."""
        return []

    def serve(self, desk: Desk) -> None:
        """Ask this desk."""
        self.agent.desk = desk

    async def wind(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(round(seconds * 4)):
            await self._clock.sleep(0.25)
            self.agent.due()


def a_trunk(world: World) -> str:
    """A trunk that lets everybody here in; gives what is called."""
    trunk = put_trunk(world)
    trunk.ip_access_control_lists["AL1"] = 0.0
    world.parties[OUTSIDE] = Party(after_s=0.1, talks_s=300)
    return f"{OUTSIDE}@acme.pstn.twilio.com"


def a_domain(world: World) -> str:
    """A SIP domain does, too."""
    return f"sales@{DOMAIN}"


@pytest.mark.parametrize("place", [a_trunk, a_domain])
def test_it_is_hung_up_and_logged(place: Callable[[World], str]) -> None:
    """The 200 is repeated for 32 s, then the call is hung up and is the error 32022 of that call."""
    world = domain_world()
    callee = place(world)
    app = App({PRIMARY: "<Say>Hello</Say><Pause length='300'/>", STATUS: Response(204)})

    async def main(clock: VirtualClock) -> Wound:
        app.clock = clock
        sip = Wound(clock)
        switchboard = Switchboard(world, clock, app, sip=sip)
        text = INVITE.replace("+14155550100@127.0.0.9:5070", callee).replace("+16465550123@caller", f"{NUMBER}@caller")
        sip.agent.receive(octets(text), WAY)
        await sip.wind(31)
        assert [call.status for call in world.regions["us1"].calls.values()] == ["in-progress"]
        await sip.wind(5)
        await switchboard.close()
        return sip

    sip = run_virtual(main)
    assert sip.sent[:2] == ["100", "180"]
    assert (sip.sent.count("200"), "BYE" in sip.sent) == (11, True)
    (call,) = world.regions["us1"].calls.values()
    (alert,) = world.regions["us1"].alerts
    assert (alert.error_code, alert.log_level, alert.resource_sid) == ("32022", "error", call.sid)
    assert call.status == "completed"
