"""A SIP message is read, or refused as one that cannot be; what was read can be written and read again."""

from __future__ import annotations

from voicedr.wire.sip.messages import MalformedSip, parse

INVITE = b"""INVITE sip:+14155550100@127.0.0.9:5070;transport=udp SIP/2.0\r
Via: SIP/2.0/UDP 127.0.0.1:5060;rport;branch=z9hG4bK74bf9\r
From: "Caller" <sip:+16465550123@caller.example>;tag=9fxced76sl\r
To: <sip:+14155550100@127.0.0.9>\r
Call-ID: 3848276298220188511@127.0.0.1\r
CSeq: 1 INVITE\r
Contact: <sip:+16465550123@127.0.0.1:5060>\r
Record-Route: <sip:127.0.0.2;lr>,<sip:127.0.0.3;lr>\r
Authorization: Digest username="a", realm="b", nonce="c", uri="sip:d", response="e", algorithm=SHA-256\r
Max-Forwards: 70\r
Content-Length: 0\r
\r
"""
RINGING = b"""SIP/2.0 180 Ringing\r
v: SIP/2.0/UDP 127.0.0.1:5060;branch=z9hG4bK74bf9;received=127.0.0.1\r
f: <sip:a@b>;tag=1\r
t: <sip:c@d>;tag=2\r
i: x@y\r
CSeq: 1 INVITE\r
l: 0\r
\r
"""
SEEDS = [INVITE, RINGING, INVITE.replace(b"INVITE", b"REGISTER"), INVITE.replace(b"\r\nTo:", b"\r\n folded\r\nTo:")]


def one(data: bytes) -> None:
    """Read it."""
    try:
        message = parse(data)
    except MalformedSip:
        return
    again = parse(bytes(message))
    assert type(again) is type(message)
    assert again.call_id == message.call_id
    assert again.cseq == message.cseq
