"""Credentials and challenges are read or refused, and what was read proves nothing by chance."""

from __future__ import annotations

from voicedr.wire.digest import read_challenge as read_http_challenge
from voicedr.wire.sip.digest import BadDigest, Challenge, Credentials, answer, read_challenge, read_credentials

_ASKED = Challenge("acme", "n0nce")


def _answer(challenge: Challenge) -> Credentials:
    return answer(challenge, username="ana", password="hush", method="INVITE", uri="sip:a@b", cnonce="c")


SEEDS = [
    _ASKED.header().encode(),
    _answer(_ASKED).header().encode(),
    b'Digest realm="a\\"b", nonce="", qop="auth,auth-int", algorithm=MD5-sess, stale=TRUE',
    b'Basic realm="x"',
]


def one(data: bytes) -> None:
    """Read it as each of the three."""
    text = data.decode("utf-8", "surrogateescape")
    read_http_challenge(text)
    try:
        challenge = read_challenge(text)
        shown = _answer(challenge)
        assert shown.proves("INVITE", "hush")
    except (BadDigest, UnicodeEncodeError):
        pass
    try:
        credentials = read_credentials(text)
        assert not credentials.proves("INVITE", "another password")
    except (BadDigest, UnicodeEncodeError):
        pass
