"""The user agent without sockets: late answers, forks, repeated answers, and whatever else may come in."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sip_samples import INVITE, octets, of_method
from voicedr.twin.calls.arrival import Admission, Admitted, Arrival, Refused, Registrant, SipCaller
from voicedr.twin.calls.commands import Invite
from voicedr.twin.faults.effects import SipEffect
from voicedr.twin.sip.agent import Agent
from voicedr.twin.sip.leg import Leg
from voicedr.twin.sip.table import Flow
from voicedr.twin.sip.target import NotDiallable, target_of
from voicedr.twin.world.model import SipDomain, Trunk, Voice
from voicedr.wire.sip.messages import URI, Request, Response, complete, parse, respond

WAY = Flow("udp", ("127.60.10.1", 5060), ("127.0.0.9", 5070))
STREAM = Flow("tcp", ("127.60.10.1", 5060), ("127.0.0.9", 5070))
ORDER = Invite("sip:127.0.0.9:5070", "+16465550123", "+14155550100", "ashburn", "acme.pstn.twilio.com", 4.0)


class Wire:
    """An agent, what it sent, and a clock that is wound."""

    def __init__(self) -> None:
        self.now = 100.0
        self.sent: list[Request | Response] = []
        numbers = count(1)
        self.agent = Agent(
            lambda message, flow: self.sent.append(parse(bytes(message))),
            lambda prefix: f"{prefix}{next(numbers)}",
            lambda: self.now,
        )

    def call(self, flow: Flow = WAY) -> Leg:
        """Place a call."""
        return self.agent.invite(ORDER, URI.parse("sip:+14155550100@127.0.0.9:5070"), (), flow)

    def wind(self, to: float) -> None:
        """Let time pass until so many seconds after the start."""
        while self.agent.next_at is not None and self.agent.next_at <= 100 + to:
            self.now = self.agent.next_at
            self.agent.due()
        self.now = 100.0 + to

    def answers(self, request: Request, code: int, tag: str = "them", flow: Flow = WAY) -> None:
        """The peer answers."""
        contact = [("Contact", "<sip:sbc@127.0.0.9:5070>")]
        self.agent.receive(bytes(respond(request, code, tag=tag, headers=contact)), flow)

    def words(self) -> list[str]:
        """What was sent, in order."""
        return [str(one.code) if isinstance(one, Response) else one.method for one in self.sent]

    def first(self) -> Request:
        """The INVITE."""
        invite = self.sent[0]
        assert isinstance(invite, Request)
        return invite


def test_given_up_after_four_seconds() -> None:
    """Nothing within 4 s: the call has failed at exactly 4.00 s and can go elsewhere."""
    wire = Wire()
    leg = wire.call()
    wire.wind(3.999)
    assert not leg.over
    wire.wind(4.0)
    assert (leg.over, leg.sip_code, leg.why) == (True, 0, "no response within 4 s")
    assert wire.words() == ["INVITE"] * 4


@pytest.mark.parametrize(
    ("script", "sent"),
    [
        ((200,), ["ACK", "BYE"]),
        ((180, 180), ["CANCEL"]),
        ((503,), ["ACK"]),
    ],
)
def test_an_answer_after_it_was_given_up(script: tuple[int, ...], sent: list[str]) -> None:
    """Whoever answers too late is acknowledged and hung up, or cancelled: nobody is left talking to nobody."""
    wire = Wire()
    wire.call()
    wire.wind(4.0)
    wire.sent, before = [], wire.first()
    for code in script:
        wire.answers(before, code)
    assert wire.words() == sent


def test_a_repeated_answer_is_acknowledged_the_same_way() -> None:
    """Each 2xx gets the same ACK (RFC 3261 section 13.2.2.4)."""
    wire = Wire()
    leg = wire.call()
    for _ in range(3):
        wire.answers(wire.first(), 200)
    assert leg.answered
    assert wire.words() == ["INVITE", "ACK", "ACK", "ACK"]
    assert len({bytes(ack) for ack in wire.sent[1:]}) == 1


def test_an_answer_of_another_fork_is_hung_up() -> None:
    """A second device that answers gets ACK and BYE; the first keeps the call."""
    wire = Wire()
    leg = wire.call()
    wire.answers(wire.first(), 200, "one")
    wire.answers(wire.first(), 200, "two")
    assert wire.words() == ["INVITE", "ACK", "ACK", "BYE"]
    assert wire.sent[3].headers["To"].endswith("tag=two")
    assert not leg.over


def test_hanging_up_before_and_after_the_first_response() -> None:
    """CANCEL waits for a provisional response; an answer that crosses it is hung up with BYE (section 9.1)."""
    wire = Wire()
    leg = wire.call()
    leg.hang_up()
    assert wire.words() == ["INVITE"]
    wire.answers(wire.first(), 180)
    assert wire.words() == ["INVITE", "CANCEL"]
    wire.answers(wire.first(), 200)
    assert wire.words() == ["INVITE", "CANCEL", "ACK", "BYE"]
    assert not leg.answered


def test_a_broken_connection_fails_at_once() -> None:
    """A connection that cannot be made ends the attempt, and says why."""
    wire = Wire()
    leg = wire.call(STREAM)
    wire.agent.broken(STREAM, "no TCP connection")
    assert (leg.over, leg.why) == (True, "no TCP connection")


def test_record_route_is_followed() -> None:
    """ACK and BYE go by the proxies that asked to stay, nearest first (section 12.1.2)."""
    wire = Wire()
    leg = wire.call()
    answer = respond(wire.first(), 200, tag="them", headers=[("Contact", "<sip:sbc@127.0.0.9:5070>")])
    answer.headers.add("Record-Route", "<sip:127.0.0.3;lr>, <sip:127.0.0.4;lr>")
    wire.agent.receive(bytes(answer), WAY)
    leg.hang_up()
    for request in wire.sent[1:]:
        assert request.headers.getlist("Route") == ["<sip:127.0.0.4;lr>", "<sip:127.0.0.3;lr>"]


def test_requests_outside_a_call() -> None:
    """OPTIONS is answered; a call to us, registration and a BYE of no call are refused; nothing is taken up twice."""
    wire = Wire()
    for method in ("OPTIONS", "OPTIONS", "REGISTER", "INVITE", "CANCEL", "ACK"):
        wire.agent.receive(bytes(of_method(method)), WAY)
    bye = of_method("BYE")
    bye.headers.set("To", "<sip:x@127.0.0.1>;tag=unknown")
    wire.agent.receive(bytes(bye), WAY)
    assert wire.words() == ["200", "200", "405", "100", "403", "200", "481"]


class Porter:
    """Lets every call in."""

    def __init__(self, *, answers: bool) -> None:
        self.answers = answers

    def admit(self, arrival: Arrival) -> Admitted:
        """Of course."""
        trunk = Trunk("TK1", "SBCs", "acme.pstn.twilio.com", "", "POST", False, "", 0.0, 0.0)
        return Admitted("us1", trunk, arrival.user, "+14155550100")

    def connect(self, admitted: Admission, caller: SipCaller) -> Callable[[], None]:
        """Ring, and perhaps answer."""
        caller.ringing()
        if self.answers:
            caller.answer()
        return lambda: None

    def register(self, arrival: Arrival) -> Refused | Registrant:
        """Everybody who has a name."""
        domain = SipDomain("SD1", "acme.sip.twilio.com", "", Voice(), "", True, False, 0.0, 0.0)
        return Registrant("us1", domain, arrival.user) if arrival.user else Refused(401, "acme.sip.twilio.com")

    def warn(self, registrant: Registrant, code: int, text: str) -> None:
        """Nobody reads it."""

    def at_address(self, edge: str, number: int, key: str) -> SipEffect | None:
        """Nothing is broken."""
        return None


def test_an_answer_without_ack_is_hung_up() -> None:
    """A 200 is repeated until its ACK; without one the call is hung up after 32 s (RFC 3261 section 13.3.1.4)."""
    wire = Wire()
    wire.agent.desk = Porter(answers=True)
    wire.agent.receive(octets(INVITE), WAY)
    wire.wind(33)
    assert wire.words() == ["100", "180", *["200"] * 11, *["BYE"] * 2]


def test_a_bye_before_the_answer_ends_the_call() -> None:
    """A BYE in an early dialog is answered, and its INVITE fails with 487 (section 15.1.2)."""
    wire = Wire()
    wire.agent.desk = Porter(answers=False)
    wire.agent.receive(octets(INVITE), WAY)
    bye = of_method("BYE", 2)
    bye.headers.set("To", wire.sent[-1].headers["To"])
    wire.agent.receive(bytes(bye), WAY)
    assert wire.words() == ["100", "180", "200", "487"]


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_nothing_that_comes_in_breaks_it(data: st.DataObject) -> None:
    """Damaged messages of a call, in any order, are answered or dropped; the agent goes on and time can pass."""
    wire = Wire()
    wire.call()
    wire.agent.desk = data.draw(st.sampled_from([None, Porter(answers=False), Porter(answers=True)]))
    say: list[Callable[[], bytes]] = [
        lambda: octets(INVITE),
        lambda: bytes(respond(wire.first(), 180, tag="them")),
        lambda: bytes(respond(wire.first(), 200, tag="them", headers=[("Contact", "<sip:a@127.0.0.9>")])),
        lambda: bytes(respond(wire.first(), 486, tag="them")),
        lambda: bytes(of_method("CANCEL")),
        lambda: bytes(of_method("REGISTER")),
        lambda: _within(wire, data.draw(st.sampled_from(["BYE", "INVITE", "INFO", "ACK", "UPDATE"]))),
    ]
    for _ in range(data.draw(st.integers(1, 8))):
        message = bytearray(data.draw(st.sampled_from(say))())
        for _ in range(data.draw(st.integers(0, 3))):
            at = data.draw(st.integers(0, len(message) - 1))
            message[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=4))
        wire.agent.receive(bytes(message), data.draw(st.sampled_from([WAY, STREAM])))
        wire.wind(wire.now - 100 + data.draw(st.sampled_from([0.0, 0.3, 5.0, 40.0])))
    wire.wind(400)


def _within(wire: Wire, method: str) -> bytes:
    request = of_method(method, 2)
    request.headers.set("Call-ID", wire.first().call_id)
    request.headers.set("From", "<sip:them@127.0.0.9>;tag=them")
    request.headers.set("To", wire.first().headers["From"])
    complete(request, b"v=0\r\nm=audio 1 RTP/AVP 0\r\n" if method == "INVITE" else b"Signal=5\r\n", "application/sdp")
    return bytes(request)


@pytest.mark.parametrize(
    ("url", "uri", "transport", "remote", "edge"),
    [
        ("sip:127.0.0.9", "sip:+14155550100@127.0.0.9", "udp", ("127.0.0.9", 5060), "ashburn"),
        ("sip:pbx@127.0.0.9:5070;transport=TCP;edge=dublin", "sip:pbx@127.0.0.9:5070;transport=TCP", "tcp",
         ("127.0.0.9", 5070), "dublin"),
        ("sip:sbc1.acme.example;transport=tls;edge=nowhere", "sip:+14155550100@sbc1.acme.example;transport=tls", "tls",
         ("127.0.0.8", 5061), "ashburn"),
        ("sip:localhost;region=ie1", "sip:+14155550100@localhost", "udp", ("127.0.0.1", 5060), "dublin"),
    ],
)  # fmt: skip
def test_origination_uris(url: str, uri: str, transport: str, remote: tuple[str, int], edge: str) -> None:
    """User part, transport, edge and default ports are read as https://www.twilio.com/docs/sip-trunking says."""
    order = Invite(url, ORDER.from_, ORDER.to, "ashburn", ORDER.domain, 4.0)
    target = target_of(order, {"sbc1.acme.example": "127.0.0.8"})
    assert (str(target.uri), target.transport, target.remote, target.edge) == (uri, transport, remote, edge)


@pytest.mark.parametrize(
    "url", ["sip:sbc.example", "sip:192.0.2.7", "sip:", "sip:127.0.0.1;transport=sctp", "mailto:a"]
)
def test_uris_that_are_not_called(url: str) -> None:
    """What is not on this machine, or no SIP URI, is never called."""
    with pytest.raises(NotDiallable, match=r"."):
        target_of(Invite(url, "a", "b", "ashburn", "d", 4.0), {})
