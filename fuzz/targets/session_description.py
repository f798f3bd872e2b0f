"""A session description is read or refused; what was read is answered line by line, and an offer of audio is taken."""

from __future__ import annotations

from voicedr.wire.sip import sdp

SEEDS = [
    sdp.offer(sdp.Audio("127.0.0.9", 4000), 1),
    b"v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=video 5000 RTP/AVP 96\r\n"
    b"m=audio 4000/2 RTP/AVP 8 101\r\na=rtpmap:101 telephone-event/8000\r\na=sendonly\r\n",
]


def one(data: bytes) -> None:
    """Read it."""
    try:
        audio = sdp.parse(data)
    except sdp.BadSdp:
        return
    assert 0 <= audio.port < 65_536
    answered = sdp.answer(audio, "127.0.0.1", 4002, 1, inactive=False)
    assert answered.count(b"\r\nm=") == len(audio.media)
    if audio.port:
        assert sdp.parse(answered).line == audio.line
