"""An answer to REGISTER says what is registered and for how long, or nothing of it; its challenge is met or not."""

from __future__ import annotations

from voicedr.runtime.sipkit.registration import _challenge, _contacts, _granted
from voicedr.wire.sip.digest import answer
from voicedr.wire.sip.messages import MalformedSip, Response, parse

_HEAD = (
    "Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKa;rport\r\nFrom: <sip:a@b.example>;tag=1\r\n"
    "To: <sip:a@b.example>;tag=2\r\nCall-ID: c@d\r\nCSeq: 1 REGISTER\r\n"
)
SEEDS = [
    f'SIP/2.0 200 OK\r\n{_HEAD}Contact: <sip:a@192.0.2.1:5060;transport=udp>;expires=600, "J, D" <sip:x@y>;q=0.1\r\n'
    "Expires: 600\r\nContent-Length: 0\r\n\r\n".encode(),
    f'SIP/2.0 401 Unauthorized\r\n{_HEAD}WWW-Authenticate: Digest realm="b", nonce="n", qop="auth", algorithm=MD5,'
    ' stale=true\r\nWWW-Authenticate: Basic realm="b"\r\nContent-Length: 0\r\n\r\n'.encode(),
    f'SIP/2.0 407 Proxy\r\n{_HEAD}Proxy-Authenticate: Digest realm="b", nonce="", algorithm=SHA-256\r\n\r\n'.encode(),
    f"SIP/2.0 423 Interval Too Brief\r\n{_HEAD}Min-Expires: 3600\r\nContact: *\r\n\r\n".encode(),
    f"SIP/2.0 200 OK\r\n{_HEAD}m: <sip:a@192.0.2.1:5060>;expires=99999999999\r\n\r\n".encode(),
]


def one(data: bytes) -> None:
    """Read it as a client does."""
    try:
        message = parse(data)
    except MalformedSip:
        return
    if not isinstance(message, Response):
        return
    for uri, seconds in _contacts(message):
        assert uri
        assert seconds is None or 0 <= seconds < 10**9
    granted = _granted(message, "192.0.2.1:5060")
    assert granted is None or 0 <= granted < 10**9
    if message.code in (401, 407):
        challenge = _challenge(message)
        if challenge is not None:
            made = answer(
                challenge, username="ana", password="hush", method="REGISTER", uri="sip:b", cnonce="c", nonce_count=1
            )
            assert "hush" not in made.header() or "hush" in data.decode("utf-8", "replace")
            assert "\n" not in made.header()
            assert "\r" not in made.header()
