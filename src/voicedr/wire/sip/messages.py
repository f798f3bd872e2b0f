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

__all__ = [
    "URI", "Address", "MalformedSip", "Request", "Response", "Via", "ack_of_failure", "branch_of", "cancel_of",
    "complete", "from_tag", "parse", "respond", "seen_from", "sequence_of", "to_tag", "top_via",
]  # fmt: skip

MESSAGE_BYTES_MAX = 65_535
"""No longer message is read: the largest datagram, and enough for any call set-up."""

HEADERS_MAX = 256
MAX_FORWARDS = 70
"""RFC 3261 section 8.1.1.6."""

COOKIE = "z9hG4bK"
"""What a branch begins with that is unique (RFC 3261 section 8.1.1.7)."""

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
        message = Message.parse(_unfolded(data))
        _check(message)
    except MalformedSip:
        raise
    except (ValueError, KeyError, TypeError, AssertionError) as exc:
        # The grammar has no error type of its own; TypeError is what a parameter named self makes of it.
        raise MalformedSip(f"not a SIP message: {exc}") from exc
    return message


def _unfolded(data: bytes) -> bytes:
    """The same message with one line a header, and no space before the colon (RFC 3261 section 7.3.1)."""
    head, end, body = data.partition(b"\r\n\r\n")
    if not end:
        raise MalformedSip("not a SIP message: its headers do not end")
    first, *lines = re.sub("\r\n[ \t]+", " ", head.decode("utf-8")).split("\r\n")
    if len(lines) > HEADERS_MAX:
        raise MalformedSip(f"{len(lines)} headers; {HEADERS_MAX} are read at most")
    rebuilt = [first]
    for line in lines:
        name, colon, value = line.partition(":")
        name = name.rstrip(" \t")
        if not colon or not _NAME.fullmatch(name) or _CONTROL.search(value):
            raise MalformedSip(f"not a SIP message: {line[:60]!r} is no header")
        rebuilt.append(f"{name}: {value.strip()}")
    return "\r\n".join(rebuilt).encode() + end + body


def _check(message: Request | Response) -> None:
    headers = message.headers
    for name in _ONCE:
        values = headers.getlist(name)
        if len(values) != 1 or not values[0]:
            raise MalformedSip(f"{name} is there {len(values)} times; once is right")
    if not message.via:
        raise MalformedSip("there is no Via")
    _ = from_tag(message), to_tag(message)
    cseq = message.cseq
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
    return message.via[0]


def branch_of(message: Request | Response) -> str:
    """The branch of the topmost Via; empty from an element that follows RFC 2543."""
    return _branch(message.headers.getlist("Via")[0])


def from_tag(message: Request | Response) -> str:
    """The caller's tag, or empty."""
    return _tag(message.headers["From"])


def to_tag(message: Request | Response) -> str:
    """The callee's tag; empty outside a dialog."""
    return _tag(message.headers["To"])


# Asked of every message several times, and a dialog says the same From and To for ever.
@lru_cache(maxsize=1024)
def _tag(address: str) -> str:
    return Address.parse(address).parameters.get("tag") or ""


@lru_cache(maxsize=1024)
def _branch(via: str) -> str:
    return Via.parse_many(via)[0].parameters.get("branch") or ""


def sequence_of(message: Request | Response) -> int:
    """The number in CSeq."""
    return message.cseq.sequence


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
    for name in ("Via", "Record-Route", "From", "To", "Call-ID", "CSeq"):
        for value in request.headers.getlist(name):
            response.headers.add(name, value)
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
    request.headers.add("Via", invite.headers.getlist("Via")[0])
    for name in ("From", "To", "Call-ID"):
        request.headers.add(name, invite.headers[name])
    request.headers.add("CSeq", str(CSeq(sequence_of(invite), method)))
    request.headers.add("Max-Forwards", str(MAX_FORWARDS))
    for route in invite.headers.getlist("Route"):
        request.headers.add("Route", route)
    complete(request)
    return request
