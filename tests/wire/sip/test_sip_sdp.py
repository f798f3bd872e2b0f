"""Session descriptions: what phones and SBCs really offer is understood and answered line by line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.wire.sip.sdp import Audio, BadSdp, answer, offer, parse

VIDEO_PHONE = b"""v=0\r
o=alice 2890844526 2890844526 IN IP4 127.0.0.1\r
s=call\r
c=IN IP4 127.0.0.1\r
t=0 0\r
m=video 51372 RTP/AVP 31\r
m=audio 49170 RTP/AVP 96 8 0 97\r
c=IN IP4 127.0.0.2\r
a=rtpmap:96 opus/48000/2\r
a=rtpmap:97 telephone-event/8000\r
a=sendonly\r
"""


def test_an_offer_with_video_is_answered_for_audio() -> None:
    """The audio stream is found with its own address, our codecs and its event type; video is refused with port 0."""
    offered = parse(VIDEO_PHONE)
    assert (offered.address, offered.port, offered.codecs, offered.events) == ("127.0.0.2", 49170, (8, 0), 97)
    assert (offered.direction, offered.line) == ("sendonly", 1)
    lines = answer(offered, "127.0.0.5", 9, 7, inactive=False).decode().split("\r\n")
    assert [line for line in lines if line.startswith("m=")] == ["m=video 0 RTP/AVP 31", "m=audio 9 RTP/AVP 8 0 97"]
    assert "a=recvonly" in lines
    assert "a=inactive" in answer(offered, "127.0.0.5", 9, 7, inactive=True).decode()


def test_our_offer_reads_back() -> None:
    """What we offer says what we meant."""
    ours = Audio("127.0.0.1", 4000, direction="inactive")
    back = parse(offer(ours, 1))
    assert (back.address, back.port, back.codecs, back.events, back.direction) == (
        "127.0.0.1", 4000, (0, 8), 101, "inactive",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"v=0", b"v=1"), (b"96 8 0 97", b"96 97"), (b"RTP/AVP 96", b"RTP/SAVP 96"), (b"49170", b"99999"),
        (b"m=audio 49170", b"m=audio"), (b"t=0 0", b"nonsense"), (b"c=IN IP4 127.0.0.2", b"c=IN IP4"),
    ],
)  # fmt: skip
def test_bad_descriptions(old: bytes, new: bytes) -> None:
    """A description that cannot be used is refused with what is wrong."""
    assert old in VIDEO_PHONE
    with pytest.raises(BadSdp, match=r"."):
        parse(VIDEO_PHONE.replace(old, new))


@given(st.binary(max_size=200))
def test_noise_is_no_description(data: bytes) -> None:
    """Octets that are no description break nothing."""
    with pytest.raises(BadSdp):
        parse(data)
