"""The provider's SIP user agent: it places calls on trunks and takes calls from them. Never a proxy.

No sockets here: messages come in by ``receive``, go out by ``transmit``; ``due`` is called when ``next_at`` says so.
No audio is sent or taken: every description we give says ``inactive``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from contextlib import suppress

from voicedr.twin.calls.commands import Invite
from voicedr.twin.calls.termination import Arrival, Desk, Refused, Silence
from voicedr.twin.sip.arriving import DISCARD_PORT, Arriving
from voicedr.twin.sip.dialog import Dialog, via
from voicedr.twin.sip.leg import DIGITS_MAX, Leg
from voicedr.twin.sip.table import TRANSACTIONS_MAX, Entry, Flow, Key, Table, client_key, server_key
from voicedr.wire.sip import sdp
from voicedr.wire.sip.digest import BadDigest, Challenge, Credentials, read_credentials
from voicedr.wire.sip.messages import (
    MAX_FORWARDS,
    URI,
    Address,
    MalformedSip,
    Request,
    Response,
    complete,
    from_tag,
    parse,
    respond,
    seen_from,
    sequence_of,
    to_tag,
)
from voicedr.wire.sip.server_transactions import Answer, InviteServer, NonInviteServer
from voicedr.wire.sip.timers import Deliver, GaveUp, Timers

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO"
NONCE_S = 300.0
"""How long a nonce is good. Assumption."""

NONCES_MAX = 10_000

GIVEN_UP_MAX = 10_000

_SIGNAL = re.compile(r"^\s*Signal\s*=\s*([0-9A-D*#])\s*$", re.MULTILINE | re.IGNORECASE)


class Agent:
    """All calls over SIP.

    Args:
        transmit: Puts a message on a way; a way that does not work is told by ``broken``.
        mint: Gives a new unique text that begins with what it is given.
        now: A clock that only rises.
    """

    def __init__(
        self,
        transmit: Callable[[Request | Response, Flow], None],
        mint: Callable[[str], str],
        now: Callable[[], float],
    ) -> None:
        self._table = Table(transmit, now)
        self._mint = mint
        self._now = now
        self._legs: dict[tuple[str, str], Leg | Arriving] = {}
        """Dialogs that last, by Call-ID and our tag."""
        self._given_up: dict[tuple[str, str], tuple[float, Leg]] = {}
        self._arriving: dict[Key, Arriving] = {}
        """Not answered yet, by their INVITE's transaction."""
        self._nonces: dict[str, float] = {}
        """Those we gave, and until when each is good; the oldest first."""
        self.desk: Desk | None = None
        """Who decides about calls from outside; without one they are refused."""
        self.malformed = 0
        """Messages dropped because they could not be read."""

    @property
    def next_at(self) -> float | None:
        """When ``due`` is to be called."""
        return self._table.next_at

    def due(self) -> None:
        """Do what has become due."""
        self._table.due()

    def broken(self, flow: Flow, why: str) -> None:
        """A way does not work: what waits on it fails now."""
        self._table.broken(flow, why)

    def invite(self, order: Invite, target: URI, headers: Iterable[tuple[str, str]], flow: Flow) -> Leg:
        """Call this URI on this way; the INVITE has these headers besides its own."""
        host, port = flow.local
        tag = self._mint("")
        request = Request("INVITE", target)
        add = request.headers.add
        add("Via", via(flow, self._mint("z9hG4bK")))
        add("From", str(Address(URI("sip", order.domain, user=order.from_))) + f";tag={tag}")
        add("To", str(Address(URI("sip", target.host, user=target.user, port=target.port))))
        add("Call-ID", f"{self._mint('')}@{host}")
        add("CSeq", "1 INVITE")
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        contact = f"<sip:{host}:{port}{transport}>"
        add("Contact", contact)
        add("Max-Forwards", str(MAX_FORWARDS))
        add("Allow", ALLOW)
        for name, value in headers:
            add(name, value)
        complete(request, sdp.offer(sdp.Audio(host, DISCARD_PORT, direction="inactive"), 1), "application/sdp")
        leg = Leg(
            request, flow, contact, self._table, self._mint, self._now, order.no_response_s, self._answered, self._over
        )
        leg.start()
        return leg

    def receive(self, data: bytes, flow: Flow) -> None:
        """Take a message that came on a way."""
        try:
            message = parse(data)
        except MalformedSip:
            self.malformed += 1
            return
        if isinstance(message, Response):
            self._response(message)
            return
        seen_from(message, *flow.remote)
        entry = self._table.find(server_key(message))
        if entry is not None and not isinstance(entry.machine, Answer):
            if isinstance(entry.machine, InviteServer | NonInviteServer):
                self._table.carry_out(entry, entry.machine.receive(message, self._now()))
            if message.method != "ACK" or not to_tag(message):
                return
        if message.method == "ACK":
            self._acknowledged(message)
        elif len(self._table) < TRANSACTIONS_MAX:
            self._begin(message, flow)

    def _response(self, response: Response) -> None:
        entry = self._table.find(client_key(response))
        if entry is not None and not isinstance(entry.machine, InviteServer | NonInviteServer | Answer):
            self._table.carry_out(entry, entry.machine.receive(response, self._now()))
        elif response.cseq.method == "INVITE":
            _, leg = self._given_up.get((response.call_id, from_tag(response)), (0.0, None))
            if leg is not None:
                leg.late(response)

    def _begin(self, request: Request, flow: Flow) -> None:
        if request.method == "INVITE" and not to_tag(request) and self.desk is not None:
            self._arrives(request, flow, self.desk)
            return
        machine: InviteServer | NonInviteServer
        if request.method == "INVITE":
            machine = InviteServer(request, reliable=flow.reliable)
        else:
            machine = NonInviteServer(request, reliable=flow.reliable)
        entry = self._table.begin(server_key(request), machine, flow, lambda news: None)
        if request.method == "CANCEL":
            invite = server_key(request, "INVITE")
            self._reply(entry, request, 481 if self._table.find(invite) is None else 200)
            if (cancelled := self._arriving.get(invite)) is not None:
                cancelled.cancelled()
        elif to_tag(request):
            self._within_dialog(entry, request)
        elif request.method == "OPTIONS":
            self._reply(entry, request, 200, ("Allow", ALLOW), ("Accept", "application/sdp"))
        elif request.method == "INVITE":
            self._reply(entry, request, 403)
        else:
            self._reply(entry, request, 405, ("Allow", ALLOW))

    def _arrives(self, request: Request, flow: Flow, desk: Desk) -> None:
        """A call from outside: who sends it, and whether it is let in, is decided before anything is answered."""
        verdict = desk.admit(self._arrival(request, flow))
        if isinstance(verdict, Silence):
            return
        machine = InviteServer(request, reliable=flow.reliable)
        entry = self._table.begin(server_key(request), machine, flow, lambda news: None)
        contacts = _contacts(request)
        try:
            offered = sdp.parse(request.body) if request.body else None
        except sdp.BadSdp:
            self._reply(entry, request, 488)
            return
        if isinstance(verdict, Refused):
            headers = []
            if verdict.realm:
                headers.append(("Proxy-Authenticate", Challenge(verdict.realm, self._nonce()).header()))
            self._reply(entry, request, verdict.code, *headers)
        elif required := request.headers.getlist("Require"):
            self._reply(entry, request, 420, ("Unsupported", ", ".join(required)))
        elif not contacts:
            self._reply(entry, request, 400)
        else:
            tag = self._mint("")
            arriving = Arriving(
                entry, request, offered, contacts[0].uri, tag, self._table, self._mint, self._now, ALLOW, self._ended
            )
            self._arriving[entry.key] = self._legs[(request.call_id, tag)] = arriving
            arriving.gone = desk.connect(verdict, arriving)

    def _arrival(self, request: Request, flow: Flow) -> Arrival:
        callers = [request.from_address.uri.user or ""]
        for name in ("Remote-Party-ID", "P-Asserted-Identity"):
            for value in request.headers.getlist(name):
                try:
                    callers.append(Address.parse(value).uri.user or "")
                except (ValueError, TypeError):
                    continue
        shown: Credentials | None = None
        with suppress(BadDigest):
            shown = read_credentials(request.headers.get("Proxy-Authorization") or "")
        if shown is not None and self._nonces.get(shown.nonce, 0.0) < self._now():
            shown = None
        host, user = request.uri.host, request.uri.user or ""
        named = tuple(one for one in callers if one)
        return Arrival(host, user, named, flow.remote[0], flow.transport, request.method, shown)

    def _nonce(self) -> str:
        while len(self._nonces) >= NONCES_MAX:
            del self._nonces[next(iter(self._nonces))]
        nonce = self._mint("")
        self._nonces[nonce] = self._now() + NONCE_S
        return nonce

    def _ended(self, arriving: Arriving) -> None:
        self._arriving.pop(arriving.entry.key, None)
        self._legs.pop((arriving.request.call_id, arriving.tag), None)

    def _within_dialog(self, entry: Entry, request: Request) -> None:
        leg = self._legs.get((request.call_id, to_tag(request)))
        if leg is None or leg.dialog is None:
            self._reply(entry, request, 481)
            return
        if sequence_of(request) <= leg.dialog.remote_sequence:
            self._reply(entry, request, 500)  # Out of order (RFC 3261 section 12.2.2).
            return
        leg.dialog.remote_sequence = sequence_of(request)
        match request.method:
            case "BYE":
                self._reply(entry, request, 200)
                leg.hung_up_by_peer()
            case "INVITE" if not leg.answered:
                self._reply(entry, request, 491)
            case "INVITE":
                self._renegotiate(entry, request, leg, leg.dialog)
            case "INFO":
                keyed = _SIGNAL.search(request.body.decode("ascii", "replace"))
                if keyed is not None and len(leg.digits) < DIGITS_MAX:
                    leg.digits += keyed[1].upper()
                self._reply(entry, request, 200)
            case "OPTIONS":
                self._reply(entry, request, 200, ("Allow", ALLOW), ("Accept", "application/sdp"))
            case _:
                self._reply(entry, request, 405, ("Allow", ALLOW))

    def _renegotiate(self, entry: Entry, request: Request, leg: Leg | Arriving, dialog: Dialog) -> None:
        """Answer a re-INVITE: hold, a new address, or only the question whether we are still there."""
        host = dialog.flow.local[0]
        number, version = dialog.session
        try:
            if request.body:
                body = sdp.answer(sdp.parse(request.body), host, DISCARD_PORT, number, inactive=True, version=version)
            else:
                body = sdp.offer(sdp.Audio(host, DISCARD_PORT, direction="inactive"), number, version)
        except sdp.BadSdp:
            self._reply(entry, request, 488)
            return
        contacts = _contacts(request)
        if contacts:
            dialog.target = contacts[0].uri
        response = respond(request, 200, headers=[("Contact", dialog.contact), ("Allow", ALLOW)], body=body)
        if isinstance(entry.machine, InviteServer):
            self._table.carry_out(entry, entry.machine.respond(response, self._now()))

        def unacknowledged(news: Deliver | GaveUp) -> None:
            leg.hang_up()  # RFC 3261 section 13.3.1.4.

        key = ("answer", request.call_id, str(sequence_of(request)), to_tag(request))
        self._table.begin(key, Answer(response, self._now()), entry.flow, unacknowledged)

    def _acknowledged(self, ack: Request) -> None:
        entry = self._table.find(("answer", ack.call_id, str(sequence_of(ack)), to_tag(ack)))
        if entry is not None and isinstance(entry.machine, Answer):
            entry.machine.acknowledged()
            self._table.carry_out(entry, [])

    def _reply(self, entry: Entry, request: Request, code: int, *headers: tuple[str, str]) -> None:
        response = respond(request, code, tag=self._mint(""), headers=headers)
        if isinstance(entry.machine, InviteServer | NonInviteServer):
            self._table.carry_out(entry, entry.machine.respond(response, self._now()))

    def _answered(self, leg: Leg) -> None:
        self._legs[(leg.invite.call_id, from_tag(leg.invite))] = leg

    def _over(self, leg: Leg) -> None:
        key = (leg.invite.call_id, from_tag(leg.invite))
        self._legs.pop(key, None)
        if leg.sip_code == 0:
            now = self._now()
            for old in [key for key, (until, _) in self._given_up.items() if until < now]:
                del self._given_up[old]
            if len(self._given_up) < GIVEN_UP_MAX:
                self._given_up[key] = (now + Timers().long_s, leg)


def _contacts(request: Request) -> list[Address]:
    try:
        return request.contact
    except (ValueError, TypeError):
        return []
