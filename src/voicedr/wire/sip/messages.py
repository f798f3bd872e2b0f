"""SIP messages: bytes in, values out, and the messages that follow from another one (RFC 3261).

The grammar is the library's; here is what it leaves open: folded lines, the headers that must be there, the length of
the body, and one error type for everything that is wrong. Headers that are passed on (Via, From, To) are passed on as
text, because rebuilt parameters need not be equal to the octet.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from sipmessage import URI, Address, CSeq, Message, Request, Response, Via
from sipmessage.message import COMPACT_FORMS

from voicedr.wire.sip.headers import Headers

__all__ = [
    "URI", "Address", "MalformedSip", "Request", "Response", "Via", "ack_of_failure", "branch_of", "cancel_of",
    "complete", "from_address", "from_tag", "method_of", "parse", "respond", "seen_from", "sequence_of", "to_tag",
    "top_via",
]  # fmt: skip

MESSAGE_BYTES_MAX = 65_535
"""No longer message is read: the largest datagram, and enough for any call set-up."""

HEADERS_MAX = 256
MAX_FORWARDS = 70
"""RFC 3261 section 8.1.1.6."""

COOKIE = "z9hG4bK"
"""What a branch begins with that is unique (RFC 3261 section 8.1.1.7)."""

KEPT_MAX = 1024
KEPT_CHARACTERS_MAX = 500
"""What was read of a header is kept by its text, as everybody asks for it again; longer ones are read each time."""

_NAME = re.compile(r"[A-Za-z0-9\-.!%*_+`'~]+")
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f]")
_ONCE = ("From", "To", "Call-ID", "CSeq")
_CSEQ_MAX = 2**31 - 1

REASONS = {
    100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK", 202: "Accepted", 400: "Bad Request",
    401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
    407: "Proxy Authentication Required", 408: "Request Timeout", 415: "Unsupported Media Type", 420: "Bad Extension",
    423: "Interval Too Brief", 480: "Temporarily Unavailable", 481: "Call/Transaction Does Not Exist",
    482: "Loop Detected", 483: "Too Many Hops", 486: "Busy Here", 487: "Request Terminated", 488: "Not Acceptable Here",
    491: "Request Pending", 500: "Server Internal Error", 501: "Not Implemented", 503: "Service Unavailable",
    603: "Decline",
}  # fmt: skip


class MalformedSip(ValueError):
    """Bytes that are not a SIP message that can be worked with. Says what is wrong with them."""


def parse(data: bytes) -> Request | Response:
    """Read one message, and check what everybody relies on.

    Octets after the body that Content-Length announces are dropped (RFC 3261 section 18.3).

    Raises:
        MalformedSip: If it is not SIP 2.0, too long, cut off, or a header that every message has is missing or wrong.
    """
    if len(data) > MESSAGE_BYTES_MAX:
        raise MalformedSip(f"a message of {len(data)} octets; {MESSAGE_BYTES_MAX} are read at most")
    try:
        message = _read(data)
        _check(message)
    except MalformedSip:
        raise
    except (ValueError, KeyError, TypeError, AssertionError) as exc:
        # The grammar has no error type of its own; TypeError is what a parameter named self makes of it.
        raise MalformedSip(f"not a SIP message: {exc}") from exc
    return message


def _read(data: bytes) -> Request | Response:
    """The message with one line a header, no space before the colon, and long names (RFC 3261 section 7.3)."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        raise MalformedSip("not a SIP message: its headers do not end")
    first, *lines = re.sub("\r\n[ \t]+", " ", head.decode("utf-8")).split("\r\n")
    if len(lines) > HEADERS_MAX:
        raise MalformedSip(f"{len(lines)} headers; {HEADERS_MAX} are read at most")
    headers = Headers()
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if not colon or not _NAME.fullmatch(name) or (not value.isprintable() and _CONTROL.search(value)):
            raise MalformedSip(f"not a SIP message: {line[:60]!r} is no header")
        headers.add(COMPACT_FORMS.get(name.lower(), name), value.strip())
    message = Message.parse(f"{first}\r\n\r\n".encode())
    message.headers, message.body = headers, body
    return message


def _check(message: Request | Response) -> None:
    headers = message.headers
    for name in _ONCE:
        values = headers.getlist(name)
        if len(values) != 1 or not values[0]:
            raise MalformedSip(f"{name} is there {len(values)} times; once is right")
    vias = [_vias(value) for value in headers.getlist("Via")]
    if not vias or not vias[0]:
        raise MalformedSip("there is no Via, or the first is empty")
    _ = from_tag(message), to_tag(message)
    cseq = _cseq(headers["CSeq"])
    if cseq.sequence > _CSEQ_MAX:
        raise MalformedSip(f"CSeq {cseq.sequence} is beyond {_CSEQ_MAX}")
    if isinstance(message, Request):
        if message.method != cseq.method:
            raise MalformedSip(f"the method is {message.method} and CSeq says {cseq.method}")
    elif not 100 <= message.code <= 699:
        raise MalformedSip(f"{message.code} is no response code")
    length = message.content_length
    if length is not None:
        if not 0 <= length <= len(message.body):
            raise MalformedSip(f"Content-Length is {length} and the body has {len(message.body)} octets")
        message.body = message.body[:length]


def top_via(message: Request | Response) -> Via:
    """Who sent it last (a request), or to whom it goes back (a response)."""
    return _vias(message.headers.getlist("Via")[0])[0]


def branch_of(message: Request | Response) -> str:
    """The branch of the topmost Via; empty from an element that follows RFC 2543."""
    return top_via(message).parameters.get("branch") or ""


def from_address(message: Request | Response) -> Address:
    """Who calls, as From says."""
    return _address(message.headers["From"])


def from_tag(message: Request | Response) -> str:
    """The caller's tag, or empty."""
    return from_address(message).parameters.get("tag") or ""


def to_tag(message: Request | Response) -> str:
    """The callee's tag; empty outside a dialog."""
    return _address(message.headers["To"]).parameters.get("tag") or ""


def method_of(message: Request | Response) -> str:
    """The method in CSeq: a response's is that of its request."""
    return _cseq(message.headers["CSeq"]).method


def sequence_of(message: Request | Response) -> int:
    """The number in CSeq."""
    return _cseq(message.headers["CSeq"]).sequence


# Values that cannot be changed, so whoever asks may share them. Each header is asked for several times, and a dialog
# says the same ones for ever.


def _vias(text: str) -> tuple[Via, ...]:
    return _vias_kept(text) if len(text) <= KEPT_CHARACTERS_MAX else tuple(Via.parse_many(text))


def _address(text: str) -> Address:
    return _address_kept(text) if len(text) <= KEPT_CHARACTERS_MAX else Address.parse(text)


def _cseq(text: str) -> CSeq:
    return _cseq_kept(text) if len(text) <= KEPT_CHARACTERS_MAX else CSeq.parse(text)


@lru_cache(maxsize=KEPT_MAX)
def _vias_kept(text: str) -> tuple[Via, ...]:
    return tuple(Via.parse_many(text))


_address_kept = lru_cache(maxsize=KEPT_MAX)(Address.parse)
_cseq_kept = lru_cache(maxsize=KEPT_MAX)(CSeq.parse)


def complete(message: Request | Response, body: bytes = b"", content_type: str = "") -> None:
    """Give a message its body, and the headers that say so."""
    message.body = body
    if body:
        message.headers.set("Content-Type", content_type)
    message.headers.set("Content-Length", str(len(body)))


def respond(
    request: Request,
    code: int,
    *,
    tag: str = "",
    headers: Iterable[tuple[str, str]] = (),
    body: bytes = b"",
    content_type: str = "application/sdp",
) -> Response:
    """A response to a request (RFC 3261 section 8.2.6).

    Args:
        tag: Goes into To if none is there; a 100 never gets one.
        headers: Added to those that are copied.
    """
    response = Response(code, REASONS.get(code, "Unknown"))
    response.headers = Headers()
    for name in ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq"):
        if values := request.headers.getlist(name):
            response.headers.setlist(name, [*values])
    if tag and code > 100 and not to_tag(request):
        response.headers.set("To", f"{_bracketed(request)};tag={tag}")
    for name, value in headers:
        response.headers.add(name, value)
    complete(response, body, content_type)
    return response


def _bracketed(request: Request) -> str:
    """To as it came, but in a form to which a header parameter can be added (RFC 3261 section 20.10)."""
    raw = request.headers["To"]
    return raw if "<" in raw else f"<{raw.partition(';')[0].strip()}>"


def seen_from(request: Request, host: str, port: int) -> None:
    """Write into the topmost Via where the request really came from (RFC 3261 section 18.2.1, RFC 3581 section 4)."""
    values = list(request.headers.getlist("Via"))
    first, comma, rest = values[0].partition(",")
    asked = re.search(r";\s*rport\s*(?=;|$)", first)
    if asked:
        first = f"{first[: asked.start()]};rport={port}{first[asked.end() :]}"
    if asked or top_via(request).host != host:
        first = f"{re.sub(r';[ ]*received=[^;]*', '', first).rstrip()};received={host}"
    request.headers.setlist("Via", [first + comma + rest, *values[1:]])


def ack_of_failure(invite: Request, response: Response) -> Request:
    """The ACK of a final response of 300 or more, which belongs to the INVITE's transaction (section 17.1.1.3)."""
    ack = _same_hop(invite, "ACK")
    ack.headers.set("To", response.headers["To"])
    return ack


def cancel_of(invite: Request) -> Request:
    """The CANCEL of an INVITE (RFC 3261 section 9.1). Not to be sent before a provisional response came."""
    return _same_hop(invite, "CANCEL")


def _same_hop(invite: Request, method: str) -> Request:
    request = Request(method, invite.uri)
    request.headers = Headers()
    request.headers.add("Via", invite.headers.getlist("Via")[0])
    for name in ("From", "To", "Call-ID"):
        request.headers.add(name, invite.headers[name])
    request.headers.add("CSeq", str(CSeq(sequence_of(invite), method)))
    request.headers.add("Max-Forwards", str(MAX_FORWARDS))
    for route in invite.headers.getlist("Route"):
        request.headers.add("Route", route)
    complete(request)
    return request
