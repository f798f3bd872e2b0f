"""A call from the customer's own SIP equipment, from its INVITE to BYE.

proceeding ── ringing: 180 ── answer: 200, repeated until ACK ──> answered ── BYE of either side ──> over
proceeding ── refuse: 3xx-6xx, or its CANCEL: 487 ──> over
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from voicedr.twin.sip.dialog import Dialog, split_addresses
from voicedr.twin.sip.table import Entry, Table, client_key
from voicedr.wire.sip import sdp
from voicedr.wire.sip.client_transactions import NonInviteClient
from voicedr.wire.sip.messages import URI, Request, Response, respond, sequence_of
from voicedr.wire.sip.server_transactions import Answer, InviteServer
from voicedr.wire.sip.timers import Deliver, GaveUp

DISCARD_PORT = 9
"""Where a description says that audio goes that nobody takes (RFC 863)."""


@dataclass(eq=False)
class Arriving:
    """An INVITE that we let in.

    Attributes:
        gone: Called when the customer's side has ended it.
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
    digits: str = ""
    answered: bool = False
    over: bool = False
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
        host, (number, version) = self.entry.flow.local[0], self.dialog.session
        if self.offered is None:
            body = sdp.offer(sdp.Audio(host, DISCARD_PORT, direction="inactive"), number, version)
        else:
            body = sdp.answer(self.offered, host, DISCARD_PORT, number, inactive=True, version=version)
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
        self.on_over(self)
