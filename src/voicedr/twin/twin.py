"""A provider that you can break: its REST API, its calls and its faults behind one function.

``answer`` takes any request that reaches the twin. A provider's host in ``Host`` is the provider's API; ``/_twin/...``
anywhere else is the twin's own. Sockets, if there are any, are the server's: under a virtual clock the same object is
called directly.
"""

from __future__ import annotations

from voicedr.twin.api.ask import ModifyCall, Order, PlaceCall, Stir
from voicedr.twin.api.broken import Broken
from voicedr.twin.api.handle import handle, split_url, tunnel
from voicedr.twin.api.traffic import Traffic
from voicedr.twin.calls.commands import SipDialler
from voicedr.twin.calls.orders import RecordingChanged
from voicedr.twin.clock import Clock
from voicedr.twin.control.access import Access
from voicedr.twin.control.control import Control
from voicedr.twin.scenarios.performance import Scenarios
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import World
from voicedr.wire.http import Failure, Request, Response, Send, no_response
from voicedr.wire.websocket import OpenSocket


class Twin:
    """The whole of it. Close it when done: calls and load stop then.

    Args:
        world: Its state. Nobody else changes it while the twin is open.
        clock: Time, real or virtual.
        send: How its webhooks reach the application.
        open_socket: How its media streams reach the application; without it they fail.
        sip: Calls SIP equipment for real; without it trunks' targets are simulated.
    """

    def __init__(
        self,
        world: World,
        clock: Clock,
        send: Send,
        *,
        sip: SipDialler | None = None,
        open_socket: OpenSocket | None = None,
    ) -> None:
        self.world = world
        self.switchboard = Switchboard(world, clock, send, sip=sip, open_socket=open_socket)
        self._clock = clock
        self._traffic = Traffic(queued_s=self.switchboard.queued_s)
        self.scenarios = Scenarios(world, clock, self.switchboard)
        self._control = Control(world, clock, self.switchboard, self.scenarios)

    async def answer(self, request: Request) -> Response | Broken:
        """Answer a request, or say how the exchange breaks; whoever holds the socket waits and breaks it."""
        host, path, query = split_url(request)
        if not is_provider(host):
            return await self._control.answer(request, path, query)
        self._traffic.at_once += 1
        try:
            answer = handle(self.world, request, self._clock.now().timestamp(), self._traffic)
            for order in answer.orders:
                self._carry_out(order)
            if answer.delay_s > 0:
                await self._clock.sleep(answer.delay_s)
            return answer.response
        finally:
            self._traffic.at_once -= 1

    async def respond(self, request: Request) -> Response:
        """Answer a request within this process.

        Raises:
            NoResponse: If the exchange breaks. For a time-out it is raised at once: the caller's budget is the wait.
        """
        answer = await self.answer(request)
        if isinstance(answer, Response):
            return answer
        if answer.failure not in (Failure.READ_TIMEOUT, Failure.CONNECT_TIMEOUT):
            await self._clock.sleep(answer.after_s)
        raise no_response(answer.failure)

    def tunnel(self, host: str) -> Failure | None:
        """How a connection to a host fails before anything is sent; None if it is made."""
        return tunnel(self.world, host, self._clock.now().timestamp())

    def reached_by(self, access: Access | None) -> None:
        """Say how official clients reach it, for those who ask the control API; None when they no longer can."""
        self._control.access = access

    async def close(self) -> None:
        """End every scenario, every call and every load."""
        await self.scenarios.close()
        await self.switchboard.close()

    def _carry_out(self, order: Order) -> None:
        match order:
            case PlaceCall():
                self.switchboard.begin(order.region, order.call_sid, order.instructions)
            case ModifyCall():
                self.switchboard.modify(order.region, order.call_sid, order.change)
            case RecordingChanged():
                self.switchboard.recording_changed(order)
            case Stir():
                self.switchboard.stir(order.sid)


def is_provider(host: str) -> bool:
    """True for a name under the provider's domain, with or without a port."""
    return host.partition(":")[0].lower().rstrip(".").endswith(".twilio.com")
