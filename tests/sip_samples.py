"""SIP messages for tests, as text that a person can read."""

from __future__ import annotations

from voicedr.wire.sip.messages import Request, Response, parse

INVITE = """INVITE sip:+14155550100@127.0.0.9:5070 SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK74bf9
From: "Caller" <sip:+16465550123@caller.example>;tag=9fxced76sl
To: <sip:+14155550100@127.0.0.9>
Call-ID: 3848276298220188511@127.0.0.1
CSeq: 1 INVITE
Contact: <sip:+16465550123@127.0.0.1:5060>
Max-Forwards: 70
Content-Length: 0

"""


def octets(text: str) -> bytes:
    """Lines as they go over the wire."""
    return text.replace("\n", "\r\n").encode()


def request(text: str = INVITE, **changes: str) -> Request:
    """A request; header values may be exchanged by name (``call_id="x"`` is Call-ID)."""
    made = parse(octets(text))
    assert isinstance(made, Request)
    for name, value in changes.items():
        made.headers.set(name.replace("_", "-"), value)
    return made


def of_method(method: str, sequence: int = 1) -> Request:
    """The sample as another method."""
    return request(INVITE.replace("INVITE sip", f"{method} sip").replace("1 INVITE", f"{sequence} {method}"))


def response(code: int, method: str = "INVITE", tag: str = "314159") -> Response:
    """A response to the sample."""
    from voicedr.wire.sip.messages import respond

    return respond(of_method(method), code, tag=tag)
