"""A call to the customer's own SIP equipment, from INVITE to BYE.

calling ── 1xx ──> ringing ── 2xx: ACK ──> answered ── BYE of either side ──> over
calling ── nothing in time, or the transport fails ──> over      a late answer is acknowledged and hung up
calling, ringing ── 3xx-6xx ──> over
hang_up: ringing ── CANCEL ──> over at the final response; calling: at the first response; answered: BYE
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from voicedr.twin.sip import sound
from voicedr.twin.sip.dialog import Dialog, made_by
from voicedr.twin.sip.sound import DialogPhone
from voicedr.twin.sip.table import Flow, Table, client_key
from voicedr.twin.sip.transfer import Transfer, ask, refuse_transfers
from voicedr.wire.sip.client_transactions import InviteClient, NonInviteClient
from voicedr.wire.sip.messages import MalformedSip, Request, Response, ack_of_failure, cancel_of, to_tag
from voicedr.wire.sip.timers import Deliver, GaveUp

DIGITS_MAX = 1000


@dataclass(eq=False)
class Leg:
    """What has become of an INVITE that we sent. It is the far end of the call that placed it.

    Attributes:
        answered: It was picked up; stays so when it is over.
        sip_code: The final response, 0 as long as there is none and if there was none in time.
        why: For people: how it failed.
        digits: What the peer keyed by INFO.
        phone: What it hears with; None if no sound is sent and taken.
        final: The final response itself.
        transfer: The last one that we asked for.
        on_refer: Whether a REFER of the peer is taken, by what its Refer-To says.
    """

    invite: Request
    flow: Flow
    contact: str
    table: Table
    mint: Callable[[str], str]
    now: Callable[[], float]
    no_response_s: float
    on_dialog: Callable[[Leg], None]
    on_over: Callable[[Leg], None]
    responded: bool = False
    answered: bool = False
    over: bool = False
    sip_code: int = 0
    why: str = ""
    digits: str = ""
    phone: DialogPhone | None = None
    dialog: Dialog | None = None
    final: Response | None = None
    transfer: Transfer | None = None
    on_refer: Callable[[str], bool] = field(default=refuse_transfers)
    watchers: list[asyncio.Future[None]] = field(default_factory=list)
    _unwanted: bool = False
    _cancelled: bool = False
    _ack: Request | None = None
    _machine: InviteClient | None = None

    @property
    def outcome(self) -> str:
        """How it ended, in one word; empty while it lasts."""
        if not self.over:
            return ""
        return "served" if self.answered else "failed"

    def start(self) -> None:
        """Send the INVITE."""
        self._machine = InviteClient(self.invite, reliable=self.flow.reliable, no_progress_s=self.no_response_s)
        self.table.begin(client_key(self.invite), self._machine, self.flow, self._told)

    def hang_up(self) -> None:
        """End it from this side. Saying it twice is saying it once."""
        if self._unwanted or self.over:
            return
        self._unwanted = True
        if self.answered:
            self._bye()
        elif self.responded:
            self._cancel()

    def hung_up_by_peer(self) -> None:
        """Its BYE came."""
        self._end(self.sip_code, "")

    def refer(self, uri: str) -> Transfer | None:
        """Ask it to call somewhere else; None if it has not been answered, or is over."""
        if self.dialog is None or self.over:
            return None
        self.transfer = ask(uri, self.dialog, self.table, self.mint)
        return self.transfer

    def late(self, response: Response) -> None:
        """A response came after the call was given up: whoever sent it is to be told that nobody is there."""
        if response.code >= 300:
            self.table.transmit(ack_of_failure(self.invite, response), self.flow)
        elif response.code >= 200:
            self._acknowledge(response)
            self._bye()
        elif not self._cancelled:
            self._cancel()

    def _told(self, news: Deliver | GaveUp) -> None:
        if isinstance(news, GaveUp):
            self._end(0, news.why)
        elif isinstance(news.message, Response):
            self._responded(news.message)

    def _responded(self, response: Response) -> None:
        self.responded = True
        if response.code < 200:
            if self._unwanted:
                self._cancel()
        elif response.code >= 300:
            self.final = response
            self._end(response.code, f"SIP {response.code} {response.phrase}".rstrip())
        elif self.dialog is not None or self.over:
            self._acknowledge(response)
        else:
            self.sip_code, self.final = response.code, response
            self._acknowledge(response)
            if self.dialog is None:
                self._end(0, "its answer has no Contact that can be read")
            elif self._unwanted:
                self._bye()
            else:
                self.answered = True
                if self.phone is not None:
                    sound.learn(self.phone, response.body)
                    self.phone.begins()
                self.on_dialog(self)
                self._wake()

    def _acknowledge(self, response: Response) -> None:
        """ACK a 2xx, the same way each time it comes. One from another fork is acknowledged and hung up."""
        if self.dialog is not None and to_tag(response) != self.dialog.remote.rpartition("tag=")[2].partition(";")[0]:
            self._end_fork(response)
            return
        if self.dialog is None:
            try:
                self.dialog = made_by(self.invite, response, self.flow, self.contact, (int(self.now()) + 1, 1))
            except MalformedSip:
                return
            self._ack = self.dialog.request("ACK", self.mint("z9hG4bK"), sequence=self.dialog.local_sequence)
        if self._ack is not None:
            self.table.transmit(self._ack, self.dialog.hop)

    def _end_fork(self, response: Response) -> None:
        try:
            fork = made_by(self.invite, response, self.flow, self.contact, (1, 1))
        except MalformedSip:
            return
        self.table.transmit(fork.request("ACK", self.mint("z9hG4bK"), sequence=fork.local_sequence), fork.hop)
        self._send(fork.request("BYE", self.mint("z9hG4bK")), fork.hop)

    def _bye(self) -> None:
        if self.dialog is not None:
            self._send(self.dialog.request("BYE", self.mint("z9hG4bK")), self.dialog.hop)
        self._end(self.sip_code, "")

    def _cancel(self) -> None:
        if self._cancelled:
            return
        self._cancelled = True
        self._send(cancel_of(self.invite), self.flow)
        if self._machine is not None:
            self._machine.cancelled(self.now())
            entry = self.table.find(client_key(self.invite))
            if entry is not None:
                self.table.carry_out(entry, [])

    def _send(self, request: Request, flow: Flow) -> None:
        """Send a request whose answer changes nothing: the call is over on this side either way."""
        machine = NonInviteClient(request, reliable=flow.reliable)
        self.table.begin(client_key(request), machine, flow, lambda news: None)

    def _end(self, code: int, why: str) -> None:
        if self.over:
            return
        self.over, self.sip_code, self.why = True, code, why
        if self.phone is not None:
            self.phone.close()
        self.on_over(self)
        self._wake()

    def _wake(self) -> None:
        watchers, self.watchers = self.watchers, []
        for watcher in watchers:
            if not watcher.done():
                watcher.set_result(None)
