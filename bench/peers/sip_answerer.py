"""Our SIP stack with nothing behind it: every call is let in and answered at once.

``python -m bench.peers.sip_answerer`` writes where it listens, and serves until SIGTERM.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable

import uvloop

from voicedr.twin.calls.arrival import Admission, Admitted, Arrival, Refused, Registrant, Silence, SipCaller
from voicedr.twin.faults.effects import SipEffect
from voicedr.twin.server.collector import settle
from voicedr.twin.server.sip import sip_serving
from voicedr.twin.world.model import Trunk

TRUNK = Trunk("TK" + "0" * 32, "bare", "acme.pstn.twilio.com", "", "POST", False, "", 0.0, 0.0)


class Bare:
    """A desk that knows nobody and refuses nothing."""

    def admit(self, arrival: Arrival) -> Silence | Refused | Admission:
        """Let it in."""
        return Admitted("us1", TRUNK, arrival.user, "")

    def connect(self, admitted: Admission, caller: SipCaller) -> Callable[[], None]:
        """Answer."""
        caller.answer()
        return lambda: None

    def at_address(self, edge: str, number: int, key: str) -> SipEffect | None:
        """Nothing is broken."""
        return None

    def register(self, arrival: Arrival) -> Silence | Refused | Registrant:
        """Nobody registers."""
        return Refused(403)

    def warn(self, registrant: Registrant, code: int, text: str) -> None:
        """Nobody registers."""


async def main() -> None:
    """Serve until SIGTERM."""
    ended = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ended.set)
    async with sip_serving(port=0, sound=False) as sip:
        sip.serve(Bare())
        settle()
        sys.stdout.write(json.dumps({"sip": sip.addresses()}) + "\n")
        sys.stdout.flush()
        await ended.wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
