"""Requests we sent, until their fate is known: RFC 3261 section 17.1, with the state Accepted of RFC 6026.

INVITE
    calling ── 1xx ──> proceeding ── 2xx ──> accepted ── M ──> terminated      A repeats the INVITE (UDP), B gives up
    calling, proceeding ── 3xx-6xx: ACK ──> completed ── D ──> terminated      a repeated 3xx-6xx is acknowledged again
others
    trying ── 1xx ──> proceeding; both ── final ──> completed ── K ──> terminated      E repeats (UDP), F gives up

Pure: ``start``, ``receive``, ``due`` and ``failed`` take the time and give effects; ``next_at`` says when ``due`` is to
be called. Times are seconds of one rising clock.
"""

from __future__ import annotations

from enum import Enum

from voicedr.wire.sip.messages import Request, Response, ack_of_failure
from voicedr.wire.sip.timers import Deliver, Effect, GaveUp, Timers, Transmit, earliest, is_due


class ClientState(Enum):
    """How a client transaction stands. Calling is also what others call trying."""

    CALLING = "calling"
    PROCEEDING = "proceeding"
    COMPLETED = "completed"
    ACCEPTED = "accepted"
    TERMINATED = "terminated"


class InviteClient:
    """An INVITE that was sent.

    Args:
        no_progress_s: Give up if not even a provisional response came by then, instead of timer B's 64 × T1.
    """

    def __init__(
        self, request: Request, *, reliable: bool, timers: Timers | None = None, no_progress_s: float | None = None
    ) -> None:
        self.request = request
        self.state = ClientState.CALLING
        self._reliable = reliable
        self._timers = timers or Timers()
        self._patience_s = self._timers.long_s if no_progress_s is None else no_progress_s
        self._interval_s = self._timers.t1_s
        self._repeat_at: float | None = None
        self._give_up_at: float | None = None
        self._end_at: float | None = None

    @property
    def next_at(self) -> float | None:
        """When something is due next."""
        return earliest(self._repeat_at, self._give_up_at, self._end_at)

    def start(self, now: float) -> list[Effect]:
        """Send it."""
        if not self._reliable:
            self._repeat_at = now + self._interval_s
        self._give_up_at = now + self._patience_s
        return [Transmit(self.request)]

    def receive(self, response: Response, now: float) -> list[Effect]:
        """A response of this transaction came."""
        if self.state in (ClientState.CALLING, ClientState.PROCEEDING):
            self._repeat_at = None
            if response.code < 200:
                if self.state is ClientState.CALLING:
                    self._give_up_at = None
                self.state = ClientState.PROCEEDING
                return [Deliver(response)]
            self._give_up_at = None
            if response.code < 300:
                self._end_at = now + self._timers.long_s
                self.state = ClientState.ACCEPTED
                return [Deliver(response)]
            if self._reliable:
                self._terminate()
            else:
                self._end_at = now + self._timers.long_s
                self.state = ClientState.COMPLETED
            return [Transmit(ack_of_failure(self.request, response)), Deliver(response)]
        if self.state is ClientState.COMPLETED and response.code >= 300:
            return [Transmit(ack_of_failure(self.request, response))]
        if self.state is ClientState.ACCEPTED and 200 <= response.code < 300:
            return [Deliver(response)]
        return []

    def cancelled(self, now: float) -> None:
        """A CANCEL was sent: a final response is waited for no longer than 64 × T1 (section 9.1)."""
        if self.state is ClientState.PROCEEDING:
            self._give_up_at = now + self._timers.long_s

    def failed(self, why: str) -> list[Effect]:
        """The transport cannot deliver."""
        waiting = self.state in (ClientState.CALLING, ClientState.PROCEEDING)
        self._terminate()
        return [GaveUp(why)] if waiting else []

    def due(self, now: float) -> list[Effect]:
        """Do what has become due."""
        if is_due(self._give_up_at, now):
            waited_for = "final response" if self.state is ClientState.PROCEEDING else "response"
            self._terminate()
            patience_s = self._patience_s if waited_for == "response" else self._timers.long_s
            return [GaveUp(f"no {waited_for} within {patience_s:g} s")]
        if is_due(self._end_at, now):
            self._terminate()
            return []
        if is_due(self._repeat_at, now):
            self._interval_s *= 2
            self._repeat_at = now + self._interval_s
            return [Transmit(self.request)]
        return []

    def _terminate(self) -> None:
        self.state = ClientState.TERMINATED
        self._repeat_at = self._give_up_at = self._end_at = None


class NonInviteClient:
    """Any other request that was sent; not ACK, which has no transaction."""

    def __init__(self, request: Request, *, reliable: bool, timers: Timers | None = None) -> None:
        self.request = request
        self.state = ClientState.CALLING
        self._reliable = reliable
        self._timers = timers or Timers()
        self._interval_s = self._timers.t1_s
        self._repeat_at: float | None = None
        self._give_up_at: float | None = None
        self._end_at: float | None = None

    @property
    def next_at(self) -> float | None:
        """When something is due next."""
        return earliest(self._repeat_at, self._give_up_at, self._end_at)

    def start(self, now: float) -> list[Effect]:
        """Send it."""
        if not self._reliable:
            self._repeat_at = now + self._interval_s
        self._give_up_at = now + self._timers.long_s
        return [Transmit(self.request)]

    def receive(self, response: Response, now: float) -> list[Effect]:
        """A response of this transaction came."""
        if self.state not in (ClientState.CALLING, ClientState.PROCEEDING):
            return []
        if response.code < 200:
            self.state = ClientState.PROCEEDING
            return [Deliver(response)]
        self._repeat_at = self._give_up_at = None
        if self._reliable:
            self._terminate()
        else:
            self.state = ClientState.COMPLETED
            self._end_at = now + self._timers.t4_s
        return [Deliver(response)]

    def failed(self, why: str) -> list[Effect]:
        """The transport cannot deliver."""
        waiting = self.state in (ClientState.CALLING, ClientState.PROCEEDING)
        self._terminate()
        return [GaveUp(why)] if waiting else []

    def due(self, now: float) -> list[Effect]:
        """Do what has become due."""
        if is_due(self._give_up_at, now):
            self._terminate()
            return [GaveUp(f"no final response within {self._timers.long_s:g} s")]
        if is_due(self._end_at, now):
            self._terminate()
            return []
        if is_due(self._repeat_at, now):
            proceeding = self.state is ClientState.PROCEEDING
            self._interval_s = self._timers.t2_s if proceeding else min(self._interval_s * 2, self._timers.t2_s)
            self._repeat_at = now + self._interval_s
            return [Transmit(self.request)]
        return []

    def _terminate(self) -> None:
        self.state = ClientState.TERMINATED
        self._repeat_at = self._give_up_at = self._end_at = None
