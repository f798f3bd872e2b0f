"""A user agent that meets anything, in any order: it never breaks, and once time has passed nothing of it is left."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from fuzz.targets.sip_message import INVITE, RINGING
from voicedr.twin.calls.arrival import Admission, Admitted, Arrival, Refused, Registrant, SipCaller
from voicedr.twin.calls.commands import Invite
from voicedr.twin.faults.effects import SipEffect
from voicedr.twin.sip.agent import Agent
from voicedr.twin.sip.table import Flow
from voicedr.twin.world.model import SipDomain, Trunk, Voice
from voicedr.wire.sip.messages import URI, MalformedSip, Request, parse

WAYS = [
    Flow("udp", ("127.60.10.1", 5060), ("127.0.0.9", 5070)),
    Flow("tcp", ("127.60.10.1", 5060), ("127.0.0.9", 5070)),
    Flow("tls", ("127.60.10.2", 5061), ("127.0.0.8", 5071)),
]
ORDER = Invite("sip:127.0.0.9:5070", "+16465550123", "+14155550100", "ashburn", "acme.pstn.twilio.com", 4.0)
CUT = b"\n----\n"
"""Between two messages."""

LONG_S = 600.0
"""Longer than every timer of RFC 3261 after the last message."""

_BYE = INVITE.replace(b"INVITE sip", b"BYE sip").replace(b"1 INVITE", b"2 BYE")
_REGISTER = INVITE.replace(b"INVITE sip", b"REGISTER sip").replace(b"1 INVITE", b"1 REGISTER")
_OURS = b"""SIP/2.0 200 OK\r
Via: SIP/2.0/UDP 127.60.10.1:5060;branch=@BRANCH@;rport\r
From: <sip:+16465550123@acme.pstn.twilio.com>;tag=@TAG@\r
To: <sip:+14155550100@127.0.0.9:5070>;tag=them\r
Call-ID: @CALL@\r
CSeq: 1 INVITE\r
Contact: <sip:sbc@127.0.0.9:5070>\r
Content-Length: 0\r
\r
"""
SEEDS = [
    b"\x00" + CUT.join([INVITE, INVITE.replace(b"INVITE sip", b"ACK sip").replace(b"1 INVITE", b"1 ACK"), _BYE]),
    b"\x01" + CUT.join([INVITE, INVITE.replace(b"INVITE sip", b"CANCEL sip").replace(b"1 INVITE", b"1 CANCEL")]),
    b"\x02" + CUT.join([_REGISTER, _REGISTER.replace(b"1 REGISTER", b"2 REGISTER"), RINGING]),
    b"\x04" + CUT.join([_OURS.replace(b"200 OK", b"180 Ringing"), _OURS, _OURS, _BYE]),
    b"\x05" + CUT.join([_OURS.replace(b"200 OK", b"302 Moved"), _OURS]),
    b"\x05" + CUT.join([_OURS.replace(b"200 OK", b'407 Asks\r\nProxy-Authenticate: Digest realm="a", nonce="b"')]),
]


class _Porter:
    """Lets everybody in, and answers or not."""

    def __init__(self, *, answers: bool) -> None:
        self._answers = answers

    def admit(self, arrival: Arrival) -> Admitted:
        trunk = Trunk("TK1", "SBCs", "acme.pstn.twilio.com", "", "POST", False, "", 0.0, 0.0)
        return Admitted("us1", trunk, arrival.user, "+14155550100")

    def connect(self, admitted: Admission, caller: SipCaller) -> Callable[[], None]:
        caller.ringing()
        if self._answers:
            caller.answer()
        return caller.hang_up

    def register(self, arrival: Arrival) -> Refused | Registrant:
        domain = SipDomain("SD1", "acme.sip.twilio.com", "", Voice(), "", True, False, 0.0, 0.0)
        return Registrant("us1", domain, arrival.user) if arrival.user else Refused(401, "acme.sip.twilio.com")

    def warn(self, registrant: Registrant, code: int, text: str) -> None:
        """Nobody reads it."""

    def at_address(self, edge: str, number: int, key: str) -> SipEffect | None:
        return None


def one(data: bytes) -> None:
    """The first byte says whether the agent answers and has a call out; then messages, a second apart."""
    if not data:
        return
    now, numbers, sent = [100.0], count(1), []
    agent = Agent(lambda message, flow: sent.append(message), lambda prefix: f"{prefix}{next(numbers)}", lambda: now[0])
    agent.desk = _Porter(answers=bool(data[0] & 1))
    leg = agent.invite(ORDER, URI.parse("sip:+14155550100@127.0.0.9:5070"), (), WAYS[0]) if data[0] & 4 else None
    ours = next((message for message in sent if isinstance(message, Request)), None)
    for number, message in enumerate(data[1:].split(CUT)[:30]):
        if ours is not None:
            via = ours.headers["Via"].partition("branch=")[2].partition(";")[0]
            tag = ours.headers["From"].partition("tag=")[2]
            for name, value in (("BRANCH", via), ("CALL", ours.call_id), ("TAG", tag)):
                message = message.replace(f"@{name}@".encode(), value.encode())
        agent.receive(message, WAYS[(data[0] >> 4) % 3 if number % 2 else 0])
        _wind(agent, now, now[0] + 1.0)
    if leg is not None:
        leg.hang_up()
    _wind(agent, now, now[0] + LONG_S)
    assert len(sent) < 5000
    for message in sent[:50]:
        try:
            parse(bytes(message))
        except MalformedSip as exc:
            raise AssertionError(f"we sent what cannot be read: {exc}: {bytes(message)!r}") from exc


def _wind(agent: Agent, now: list[float], to: float) -> None:
    for _ in range(20_000):
        if agent.next_at is None or agent.next_at > to:
            now[0] = to
            return
        now[0] = max(now[0], agent.next_at)
        agent.due()
    raise AssertionError("something is due again and again")
