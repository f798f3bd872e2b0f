"""Requests we received, until their response has arrived: RFC 3261 section 17.2, with the state Accepted of RFC 6026.

INVITE
    proceeding ── 2xx sent ──> accepted ── L ──> terminated           the 2xx is repeated by ``Answer``, until ACK
    proceeding ── 3xx-6xx sent ──> completed ── ACK ──> confirmed ── I ──> terminated     G repeats it (UDP), H gives up
others
    trying ── 1xx sent ──> proceeding; both ── final sent ──> completed ── J ──> terminated

A request that comes again gets the last response again; it is never delivered twice.
"""

from __future__ import annotations

from enum import Enum

from voicedr.wire.sip.messages import Request, Response, respond
from voicedr.wire.sip.timers import Deliver, Effect, GaveUp, Timers, Transmit, earliest, is_due


class ServerState(Enum):
    """How a server transaction stands."""

    TRYING = "trying"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    CONFIRMED = "confirmed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class InviteServer:
    """An INVITE that was received. 100 is sent at once."""

    def __init__(self, request: Request, *, reliable: bool, timers: Timers | None = None) -> None:
        self.request = request
        self.state = ServerState.PROCEEDING
        self._reliable = reliable
        self._timers = timers or Timers()
        self._last: Response | None = None
        self._interval_s = self._timers.t1_s
        self._repeat_at: float | None = None
        self._give_up_at: float | None = None
        self._end_at: float | None = None

    @property
    def next_at(self) -> float | None:
        """When something is due next."""
        return earliest(self._repeat_at, self._give_up_at, self._end_at)

    def start(self, now: float) -> list[Effect]:
        """It came for the first time."""
        self._last = respond(self.request, 100)
        return [Transmit(self._last), Deliver(self.request)]

    def receive(self, request: Request, now: float) -> list[Effect]:
        """The INVITE came again, or the ACK of a failure."""
        if request.method == "ACK":
            if self.state is ServerState.COMPLETED:
                self._repeat_at = self._give_up_at = None
                if self._reliable:
                    self._terminate()
                else:
                    self.state = ServerState.CONFIRMED
                    self._end_at = now + self._timers.t4_s
            return []
        repeats = self.state in (ServerState.PROCEEDING, ServerState.COMPLETED)
        return [Transmit(self._last)] if repeats and self._last is not None else []

    def respond(self, response: Response, now: float) -> list[Effect]:
        """Send a response. After a final one only further 2xx of the same answer are sent."""
        if self.state is ServerState.ACCEPTED and 200 <= response.code < 300:
            return [Transmit(response)]
        if self.state is not ServerState.PROCEEDING:
            return []
        self._last = response
        if 200 <= response.code < 300:
            self.state = ServerState.ACCEPTED
            self._end_at = now + self._timers.long_s
        elif response.code >= 300:
            self.state = ServerState.COMPLETED
            self._give_up_at = now + self._timers.long_s
            if not self._reliable:
                self._repeat_at = now + self._interval_s
        return [Transmit(response)]

    def failed(self, why: str) -> list[Effect]:
        """The transport cannot deliver."""
        over = self.state is ServerState.TERMINATED
        self._terminate()
        return [] if over else [GaveUp(why)]

    def due(self, now: float) -> list[Effect]:
        """Do what has become due."""
        if is_due(self._give_up_at, now):
            self._terminate()
            return [GaveUp(f"no ACK within {self._timers.long_s:g} s")]
        if is_due(self._end_at, now):
            self._terminate()
            return []
        if is_due(self._repeat_at, now) and self._last is not None:
            self._interval_s = min(self._interval_s * 2, self._timers.t2_s)
            self._repeat_at = now + self._interval_s
            return [Transmit(self._last)]
        return []

    def _terminate(self) -> None:
        self.state = ServerState.TERMINATED
        self._repeat_at = self._give_up_at = self._end_at = None


class NonInviteServer:
    """Any other request that was received."""

    def __init__(self, request: Request, *, reliable: bool, timers: Timers | None = None) -> None:
        self.request = request
        self.state = ServerState.TRYING
        self._reliable = reliable
        self._timers = timers or Timers()
        self._last: Response | None = None
        self._end_at: float | None = None

    @property
    def next_at(self) -> float | None:
        """When something is due next."""
        return self._end_at

    def start(self, now: float) -> list[Effect]:
        """It came for the first time."""
        return [Deliver(self.request)]

    def receive(self, request: Request, now: float) -> list[Effect]:
        """It came again."""
        return [] if self._last is None or self.state is ServerState.TERMINATED else [Transmit(self._last)]

    def respond(self, response: Response, now: float) -> list[Effect]:
        """Send a response; after a final one nothing more is sent."""
        if self.state not in (ServerState.TRYING, ServerState.PROCEEDING):
            return []
        self._last = response
        if response.code < 200:
            self.state = ServerState.PROCEEDING
        elif self._reliable:
            self.state = ServerState.TERMINATED
        else:
            self.state = ServerState.COMPLETED
            self._end_at = now + self._timers.long_s
        return [Transmit(response)]

    def failed(self, why: str) -> list[Effect]:
        """The transport cannot deliver."""
        self.state, self._end_at = ServerState.TERMINATED, None
        return []

    def due(self, now: float) -> list[Effect]:
        """Do what has become due."""
        if is_due(self._end_at, now):
            self.state, self._end_at = ServerState.TERMINATED, None
        return []


class Answer:
    """A 2xx to an INVITE, repeated until its ACK comes, on any transport (RFC 3261 section 13.3.1.4)."""

    def __init__(self, response: Response, now: float, timers: Timers | None = None) -> None:
        self._timers = timers or Timers()
        self._response = response
        self._interval_s = self._timers.t1_s
        self._repeat_at: float | None = now + self._interval_s
        self._give_up_at: float | None = now + self._timers.long_s

    @property
    def next_at(self) -> float | None:
        """When something is due next; None once it was acknowledged or given up."""
        return earliest(self._repeat_at, self._give_up_at)

    def acknowledged(self) -> None:
        """Its ACK came."""
        self._repeat_at = self._give_up_at = None

    def due(self, now: float) -> list[Effect]:
        """Do what has become due."""
        if is_due(self._give_up_at, now):
            self.acknowledged()
            return [GaveUp(f"no ACK within {self._timers.long_s:g} s of the answer")]
        if is_due(self._repeat_at, now):
            self._interval_s = min(self._interval_s * 2, self._timers.t2_s)
            self._repeat_at = now + self._interval_s
            return [Transmit(self._response)]
        return []
