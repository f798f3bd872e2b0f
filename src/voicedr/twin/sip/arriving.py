"""A call from the customer's own SIP equipment, from its INVITE to BYE.

proceeding ── ringing: 180 ── answer: 200, repeated until ACK ──> answered ── BYE of either side ──> over
proceeding ── refuse: 3xx-6xx, or its CANCEL: 487 ──> over
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from voicedr.twin.sip import sound
from voicedr.twin.sip.dialog import Dialog, split_addresses
from voicedr.twin.sip.sound import DialogPhone
from voicedr.twin.sip.table import Entry, Table, client_key
from voicedr.twin.sip.transfer import Transfer, ask, refuse_transfers
from voicedr.wire.sip import sdp
from voicedr.wire.sip.client_transactions import NonInviteClient
from voicedr.wire.sip.messages import URI, Request, Response, respond, sequence_of
from voicedr.wire.sip.server_transactions import Answer, InviteServer
from voicedr.wire.sip.timers import Deliver, GaveUp


@dataclass(eq=False)
class Arriving:
    """An INVITE that we let in.

    Attributes:
        gone: Called when the customer's side has ended it.
        phone: What it hears with; None if no sound is sent and taken.
        unacknowledged: It was answered, and its ACK never came.
        transfer: The last one that we asked for.
        on_refer: Whether a REFER of the peer is taken, by what its Refer-To says.
        referred: How many were not.
    """

    entry: Entry
    request: Request
    offered: sdp.Audio | None
    target: URI
    tag: str
    table: Table
    mint: Callable[[str], str]
    now: Callable[[], float]
    allow: str
    on_over: Callable[[Arriving], None]
    gone: Callable[[], None] = field(default=lambda: None)
    phone: DialogPhone | None = None
    digits: str = ""
    answered: bool = False
    unacknowledged: bool = False
    over: bool = False
    transfer: Transfer | None = None
    on_refer: Callable[[str], bool] = field(default=refuse_transfers)
    referred: int = 0
    dialog: Dialog = field(init=False)

    def __post_init__(self) -> None:
        flow = self.entry.flow
        host, port = flow.local
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        routes = [one for value in self.request.headers.getlist("Record-Route") for one in split_addresses(value)]
        self.dialog = Dialog(
            self.request.call_id,
            respond(self.request, 200, tag=self.tag).headers["To"],
            self.request.headers["From"],
            self.target,
            f"<sip:{host}:{port}{transport}>",
            flow,
            routes,
            0,
            sequence_of(self.request),
            (int(self.now()) + 1, 1),
        )

    def ringing(self) -> None:
        """180."""
        self._respond(180)

    def answer(self) -> None:
        """200 with our description, again and again until its ACK comes."""
        if self.over or self.answered:
            return
        self.answered = True
        host = self.entry.flow.local[0]
        if self.offered is None:
            body = sound.offer(self.phone, host, self.dialog.session)
        else:
            body = sound.answer(self.phone, self.offered, host, self.dialog.session)
        response = self._respond(200, body)
        key = ("answer", self.request.call_id, str(sequence_of(self.request)), self.tag)
        self.table.begin(key, Answer(response, self.now()), self.entry.flow, self._unacknowledged)

    def refuse(self, code: int) -> None:
        """A final response that says why not."""
        if not (self.over or self.answered):
            self._respond(code)
            self._end()

    def hang_up(self) -> None:
        """End it: BYE once it was answered, 480 before."""
        if self.over:
            return
        if self.answered:
            request = self.dialog.request("BYE", self.mint("z9hG4bK"))
            hop = self.dialog.hop
            machine = NonInviteClient(request, reliable=hop.reliable)
            self.table.begin(client_key(request), machine, hop, lambda news: None)
            self._end()
        else:
            self.refuse(480)

    def refer(self, uri: str) -> Transfer | None:
        """Ask it to call somewhere else; None if it has not been answered, or is over."""
        if not self.answered or self.over:
            return None
        self.transfer = ask(uri, self.dialog, self.table, self.mint)
        return self.transfer

    def hung_up_by_peer(self) -> None:
        """Its BYE came; before the answer the INVITE fails by it (RFC 3261 section 15.1.2)."""
        if not self.over:
            if not self.answered:
                self._respond(487)
            self._end()
            self.gone()

    def cancelled(self) -> None:
        """Its CANCEL came."""
        if not (self.over or self.answered):
            self._respond(487)
            self._end()
            self.gone()

    def _unacknowledged(self, news: Deliver | GaveUp) -> None:
        if not self.over:
            self.unacknowledged = True
            self.hang_up()
            self.gone()

    def _respond(self, code: int, body: bytes = b"") -> Response:
        headers = [("Contact", self.dialog.contact), ("Allow", self.allow)]
        response = respond(self.request, code, tag=self.tag, headers=headers, body=body)
        machine = self.entry.machine
        if isinstance(machine, InviteServer):
            self.table.carry_out(self.entry, machine.respond(response, self.now()))
        return response

    def _end(self) -> None:
        self.over = True
        if self.phone is not None:
            self.phone.close()
        self.on_over(self)
