"""The provider's SIP user agent: it places calls, takes calls, and registers devices. Never a proxy.

No sockets here: messages come in by ``receive``, go out by ``transmit``; ``due`` is called when ``next_at`` says so.
Sound is what the phones of ``phones`` send and take; without them every description we give says ``inactive``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from voicedr.twin.calls.arrival import Desk, Refused, Silence
from voicedr.twin.calls.commands import Device, Invite
from voicedr.twin.sip import sound
from voicedr.twin.sip.arriving import Arriving
from voicedr.twin.sip.challenges import Challenges
from voicedr.twin.sip.dialog import Dialog, via
from voicedr.twin.sip.leg import DIGITS_MAX, Leg
from voicedr.twin.sip.outgoing import Outgoing, Way, invite_number
from voicedr.twin.sip.reading import arrival_of
from voicedr.twin.sip.registrar import Registrar, address_of
from voicedr.twin.sip.table import TRANSACTIONS_MAX, Entry, Flow, Key, Table, client_key, server_key
from voicedr.twin.sip.transfer import report_done
from voicedr.wire.sip import sdp
from voicedr.wire.sip.messages import (
    MAX_FORWARDS,
    URI,
    Address,
    MalformedSip,
    Request,
    Response,
    complete,
    from_tag,
    method_of,
    parse,
    respond,
    seen_from,
    sequence_of,
    to_tag,
)
from voicedr.wire.sip.server_transactions import Answer, InviteServer, NonInviteServer
from voicedr.wire.sip.timers import Deliver, GaveUp, Timers

ALLOW = "INVITE, ACK, CANCEL, BYE, OPTIONS, INFO, NOTIFY, REFER, REGISTER"

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
        self._challenges = Challenges(mint, now)
        self.registrar = Registrar(self._challenges, now)
        self.desk: Desk | None = None
        """Who decides about calls and registrations from outside; without one they are refused."""
        self.edge_of: Callable[[Flow], str] = lambda flow: "ashburn"
        """At which edge something came in."""
        self.redirect: Callable[[Invite, URI, Way], Way | str] = lambda order, uri, way: "it is not followed"
        """Where a 302 leads, or why nowhere."""
        self.phones: sound.Phones = sound.nowhere
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

    def call(self, order: Invite, ways: Sequence[Way]) -> Outgoing:
        """Place a call on all of these ways at once."""
        outgoing = Outgoing(order, self._on_the_way, self.redirect, self._mint)
        outgoing.start(ways)
        return outgoing

    def registered(self, user: str, domain: str) -> tuple[Device, ...]:
        """The devices that are registered at an address of record now."""
        found = self.registrar.locations.at(address_of(user, domain), self._now())
        return tuple(Device(binding.id, binding.address, binding.edge) for binding in found)

    def ways_to(self, devices: Sequence[Device]) -> list[Way]:
        """How to reach devices: each by the way that it registered by, and from that edge."""
        found = self.registrar.locations.of(devices, self._now())
        return [Way(one.uri, one.flow, one.edge, to=URI.parse(f"sip:{one.address}"), routes=one.path) for one in found]

    def _on_the_way(
        self,
        order: Invite,
        way: Way,
        *,
        before: Request | None,
        answered: Callable[[Leg], None],
        over: Callable[[Leg], None],
    ) -> Leg:
        return self.invite(
            order, way.uri, way.headers, way.flow, to=way.to, routes=way.routes, before=before, told=(answered, over)
        )

    def invite(
        self,
        order: Invite,
        target: URI,
        headers: Iterable[tuple[str, str]],
        flow: Flow,
        *,
        to: URI | None = None,
        routes: Iterable[str] = (),
        before: Request | None = None,
        told: tuple[Callable[[Leg], None], Callable[[Leg], None]] | None = None,
    ) -> Leg:
        """Call this URI on this way, once; the INVITE has these headers besides its own.

        Args:
            before: The INVITE that this one repeats with more in it.
            told: Who is told that it was answered, and that it is over.
        """
        host, port = flow.local
        request = Request("INVITE", target)
        add = request.headers.add
        add("Via", via(flow, self._mint("z9hG4bK")))
        for route in routes:
            add("Route", route)
        caller = Address(URI("sip", order.domain, user=order.from_))
        add("From", f"{caller};tag={self._mint('')}" if before is None else before.headers["From"])
        callee = to or target
        add("To", str(Address(URI("sip", callee.host, user=callee.user, port=callee.port))))
        add("Call-ID", f"{self._mint('')}@{host}" if before is None else before.call_id)
        add("CSeq", f"{invite_number(before)} INVITE")
        transport = "" if flow.transport == "udp" else f";transport={flow.transport}"
        contact = f"<sip:{host}:{port}{transport}>"
        add("Contact", contact)
        add("Max-Forwards", str(MAX_FORWARDS))
        add("Allow", ALLOW)
        for name, value in headers:
            add(name, value)
        try:
            phone = self.phones(host)
        except sound.NoPhone:
            phone = None
        complete(request, sound.offer(phone, host, (1, 1)), "application/sdp")
        answered, over = told or (_nobody, _nobody)

        def on_dialog(leg: Leg) -> None:
            self._answered(leg)
            answered(leg)

        def on_over(leg: Leg) -> None:
            self._over(leg)
            over(leg)

        leg = Leg(request, flow, contact, self._table, self._mint, self._now, order.no_response_s, on_dialog, on_over)
        leg.phone = phone
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
        elif method_of(response) == "INVITE":
            _, leg = self._given_up.get((response.call_id, from_tag(response)), (0.0, None))
            if leg is not None:
                leg.late(response)

    def _begin(self, request: Request, flow: Flow) -> None:
        if request.method == "INVITE" and not to_tag(request) and self.desk is not None:
            self._arrives(request, flow, self.desk)
            return
        if request.method == "REGISTER" and not to_tag(request) and self.desk is not None:
            self._registers(request, flow, self.desk)
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

    def _registers(self, request: Request, flow: Flow, desk: Desk) -> None:
        answer = self.registrar.answer(request, flow, desk, self.edge_of)
        if answer is not None:
            machine = NonInviteServer(request, reliable=flow.reliable)
            entry = self._table.begin(server_key(request), machine, flow, lambda news: None)
            self._reply(entry, request, answer[0], *answer[1])

    def _arrives(self, request: Request, flow: Flow, desk: Desk) -> None:
        """A call from outside: who sends it, and whether it is let in, is decided before anything is answered."""
        arrival = arrival_of(request, flow, self._challenges)
        verdict = desk.admit(arrival)
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
            asked = self._challenges.ask(verdict.realm, stale=arrival.stale) if verdict.realm else []
            self._reply(entry, request, verdict.code, *(("Proxy-Authenticate", one) for one in asked))
        elif required := request.headers.getlist("Require"):
            self._reply(entry, request, 420, ("Unsupported", ", ".join(required)))
        elif not contacts:
            self._reply(entry, request, 400)
        else:
            try:
                phone = self.phones(flow.local[0])
            except sound.NoPhone:
                self._reply(entry, request, 503)
                return
            tag = self._mint("")
            arriving = Arriving(
                entry, request, offered, contacts[0].uri, tag, self._table, self._mint, self._now, ALLOW, self._ended
            )
            arriving.phone = phone
            self._arriving[entry.key] = self._legs[(request.call_id, tag)] = arriving
            arriving.gone = desk.connect(verdict, arriving)

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
                    if leg.phone is not None:
                        leg.phone.key(keyed[1].upper())
                self._reply(entry, request, 200)
            case "REFER":
                self._refers(entry, request, leg, leg.dialog)
            case "NOTIFY" if leg.transfer is not None:
                self._reply(entry, request, 200)
                leg.transfer.notified(request)
            case "NOTIFY":
                self._reply(entry, request, 481)  # RFC 6665 section 4.1.3.
            case "OPTIONS":
                self._reply(entry, request, 200, ("Allow", ALLOW), ("Accept", "application/sdp"))
            case _:
                self._reply(entry, request, 405, ("Allow", ALLOW))

    def _refers(self, entry: Entry, request: Request, leg: Leg | Arriving, dialog: Dialog) -> None:
        """The peer wants to hand the other end of the call on."""
        wanted = request.headers.getlist("Refer-To")
        if len(wanted) != 1:
            self._reply(entry, request, 400)  # RFC 3515 section 2.4.2.
        elif leg.on_refer(wanted[0]):
            self._reply(entry, request, 202)
            report_done(dialog, self._table, self._mint)
        else:
            self._reply(entry, request, 603)
            if isinstance(leg, Arriving):
                leg.referred += 1

    def _renegotiate(self, entry: Entry, request: Request, leg: Leg | Arriving, dialog: Dialog) -> None:
        """Answer a re-INVITE: hold, a new address, or only the question whether we are still there."""
        host = dialog.flow.local[0]
        number, version = dialog.session
        try:
            session = (number, version + 1)
            if request.body:
                body = sound.answer(leg.phone, sdp.parse(request.body), host, session)
            else:
                body = sound.offer(leg.phone, host, session)
            dialog.session = session
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
            leg = self._legs.get((ack.call_id, to_tag(ack)))
            if leg is not None and leg.phone is not None:
                sound.learn(leg.phone, ack.body)
                leg.phone.begins()

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


def _nobody(leg: Leg) -> None:
    """Whoever sent one INVITE looks at its leg."""


def _contacts(request: Request) -> list[Address]:
    try:
        return request.contact
    except (ValueError, TypeError):
        return []
