"""SIP messages are read or refused, whatever comes, and those that follow from others are as RFC 3261 says."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sip_samples import INVITE, octets, request, response
from voicedr.wire.sip.framing import Framing
from voicedr.wire.sip.messages import (
    MalformedSip,
    Request,
    Response,
    ack_of_failure,
    branch_of,
    cancel_of,
    complete,
    from_tag,
    parse,
    respond,
    seen_from,
    to_tag,
    top_via,
)


def test_a_message_with_every_liberty_is_read() -> None:
    """Folded lines, compact names, spaces before the colon and octets after the body are all legal (RFC 4475)."""
    text = (
        INVITE.replace("Via:", "v  :")
        .replace("Call-ID:", "i:")
        .replace(";tag=9fxced76sl", "\n ;tag=9fxced76sl")
        .replace("Content-Length: 0", "l: 2")
    )
    message = parse(octets(text) + b"hibeyond")
    assert isinstance(message, Request)
    assert (branch_of(message), from_tag(message), message.body) == ("z9hG4bK74bf9", "9fxced76sl", b"hi")
    assert message.call_id == "3848276298220188511@127.0.0.1"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("SIP/2.0\n", "SIP/3.0\n"),
        ("Via: ", "X-Via: "),
        ("Via: ", "Via: \nVia: "),
        ("To: ", "X-To: "),
        ("CSeq: 1 INVITE", "CSeq: 1 BYE"),
        ("CSeq: 1 INVITE", "CSeq: 4294967296 INVITE"),
        ("CSeq: 1 INVITE", "CSeq: 1 INVITE\nCSeq: 2 INVITE"),
        ("Content-Length: 0", "Content-Length: 10"),
        ("Content-Length: 0", "Content-Length: -1"),
        ("Content-Length: 0", "Content-Length: many"),
        ("Max-Forwards: 70", "no colon here"),
        ("Max-Forwards: 70", "Subject: a\x00b"),
        ("Max-Forwards: 70", "Bad Name: 70"),
        (";tag=9fxced76sl", ";self=9fxced76sl"),
        ("INVITE sip:", "INVITE mailto:"),
        ("Content-Length: 0\n\n", "Content-Length: 0"),
    ],
)
def test_malformed_messages(old: str, new: str) -> None:
    """Whatever is wrong, it is one kind of error that says what."""
    assert old in INVITE
    with pytest.raises(MalformedSip, match=r"."):
        parse(octets(INVITE.replace(old, new, 1)))


@given(st.binary(max_size=400))
@example(b"\r\n\r\n")
@example(b"SIP/2.0 \xd9\xa3 x\r\n\r\n")
def test_noise_is_refused(data: bytes) -> None:
    """Octets that are no message are never read as one, and break nothing."""
    with pytest.raises(MalformedSip):
        parse(data)


@given(st.data())
def test_a_damaged_message_is_read_or_refused(data: st.DataObject) -> None:
    """A message with octets changed, cut out or put in either parses or is malformed; nothing else happens."""
    octets_ = bytearray(octets(INVITE))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(octets_) - 1))
        cut = data.draw(st.integers(0, 5))
        octets_[at : at + cut] = data.draw(st.binary(max_size=6))
        if not octets_:
            return
    try:
        message = parse(bytes(octets_))
    except MalformedSip:
        return
    again = parse(bytes(message))
    assert (again.call_id, branch_of(again)) == (message.call_id, branch_of(message))


@given(st.lists(st.integers(0, 40), min_size=1, max_size=6), st.lists(st.integers(1, 60), min_size=1, max_size=60))
def test_a_stream_is_cut_where_the_messages_end(sizes: list[int], cuts: list[int]) -> None:
    """However a stream arrives in pieces, the same messages come out; keep-alives between them are passed over."""
    messages = []
    for size in sizes:
        message = request()
        complete(message, b"x" * size, "text/plain")
        messages.append(bytes(message))
    stream = b"\r\n\r\n".join(messages)
    framing, found, at = Framing(), [], 0
    for cut in [*cuts, len(stream)]:
        found += framing.feed(stream[at : at + cut])
        at += cut
    assert found == messages


def test_a_stream_that_cannot_be_cut() -> None:
    """Without Content-Length, or beyond the longest message, a stream is of no use."""
    with pytest.raises(MalformedSip, match="Content-Length"):
        Framing().feed(octets(INVITE.replace("Content-Length: 0\n", "")))
    with pytest.raises(MalformedSip, match="65535"):
        Framing().feed(octets(INVITE.replace("Content-Length: 0", "Content-Length: 99999999")))
    with pytest.raises(MalformedSip, match="headers of more"):
        Framing().feed(b"x" * 70_000)


def test_a_response_copies_what_it_must() -> None:
    """Via, From, Call-ID and CSeq come back as they were; To gets the tag, but not in a 100 (section 8.2.6)."""
    invite = request()
    ringing = respond(invite, 180, tag="a1")
    assert isinstance(parse(bytes(ringing)), Response)
    for name in ("Via", "From", "Call-ID", "CSeq"):
        assert ringing.headers.getlist(name) == invite.headers.getlist(name)
    assert (to_tag(ringing), to_tag(respond(invite, 100, tag="a1"))) == ("a1", "")
    bare = request(to="sip:+14155550100@127.0.0.9")
    assert to_tag(parse(bytes(respond(bare, 200, tag="a1")))) == "a1"


def test_where_a_request_came_from() -> None:
    """The top Via tells the address and, if it was asked for, the port; Vias below it stay as they are."""
    invite = request(via="SIP/2.0/UDP sbc.example:5062;rport;branch=z9hG4bKx, SIP/2.0/TCP 10.0.0.1;branch=z9hG4bKy")
    seen_from(invite, "127.0.0.7", 40000)
    first, second = invite.via
    assert (first.parameters["received"], first.parameters["rport"]) == ("127.0.0.7", "40000")
    assert (second.host, "received" in second.parameters) == ("10.0.0.1", False)
    plain = request(via="SIP/2.0/UDP 127.0.0.7:5062;branch=z9hG4bKx")
    seen_from(plain, "127.0.0.7", 40000)
    assert "received" not in top_via(plain).parameters


def test_ack_of_a_failure_and_cancel() -> None:
    """Both stay in the INVITE's transaction; the ACK has the response's tag (sections 17.1.1.3 and 9.1)."""
    invite = request()
    invite.headers.add("Route", "<sip:127.0.0.3;lr>")
    ack, cancel = ack_of_failure(invite, response(486)), cancel_of(invite)
    for made, method in ((ack, "ACK"), (cancel, "CANCEL")):
        assert (made.method, str(made.cseq), branch_of(made)) == (method, f"1 {method}", branch_of(invite))
        assert made.headers["Route"] == "<sip:127.0.0.3;lr>"
        assert str(made.uri) == str(invite.uri)
        parse(bytes(made))
    assert (to_tag(ack), to_tag(cancel)) == ("314159", "")
