"""The requests that are sent: OPTIONS, an INVITE and what ends it, REGISTER. Ids come in.

A request URI has the name that was asked for as its host, never the address: the provider finds out by it whose traffic
it is (https://www.twilio.com/docs/sip-trunking/sending-sip-to-twilio-best-practices).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from voicedr.runtime.sipkit.asked import Transport, spoken_place
from voicedr.wire.sip.headers import Headers
from voicedr.wire.sip.messages import (
    COOKIE,
    MAX_FORWARDS,
    URI,
    Request,
    Response,
    complete,
    sequence_of,
)

AGENT = "voicedr"
VIA = {"udp": "UDP", "tcp": "TCP", "tls": "TLS"}


@dataclass(frozen=True)
class Here:
    """Where a request comes from, as the other end can see it."""

    transport: Transport
    address: str
    port: int

    @property
    def place(self) -> str:
        """Address and port."""
        return spoken_place(self.address, self.port)

    def contact(self, user: str) -> str:
        """The URI that leads back here."""
        return f"sip:{user}@{self.place};transport={self.transport}"


def in_uri(host: str) -> str:
    """A host as it stands in a URI."""
    return f"[{host}]" if ":" in host else host


def request(
    method: str,
    uri: str,
    here: Here,
    *,
    token: str,
    call_id: str,
    sequence: int,
    from_: str,
    to: str,
    headers: Sequence[tuple[str, str]] = (),
    body: bytes = b"",
) -> Request:
    """A request outside a dialog (RFC 3261 section 8.1.1).

    Args:
        token: Of this transaction alone.
        from_: The value of From, with its tag.
    """
    made = Request(method, URI.parse(uri))
    made.headers = Headers()
    made.headers.add("Via", f"SIP/2.0/{VIA[here.transport]} {here.place};branch={COOKIE}{token};rport")
    made.headers.add("From", from_)
    made.headers.add("To", to)
    made.headers.add("Call-ID", call_id)
    made.headers.add("CSeq", f"{sequence} {method}")
    made.headers.add("Max-Forwards", str(MAX_FORWARDS))
    made.headers.add("User-Agent", AGENT)
    for name, value in headers:
        made.headers.add(name, value)
    complete(made, body, "application/sdp" if body else "")
    return made


def options(name: str, here: Here, token: str, from_user: str) -> Request:
    """Ask whether anybody is there (RFC 3261 section 11)."""
    uri = f"sip:{in_uri(name)}"
    return request(
        "OPTIONS", uri, here, token=token, call_id=f"{token}@{in_uri(here.address)}", sequence=1,
        from_=f"<sip:{from_user}@{in_uri(here.address)}>;tag={token}", to=f"<{uri}>",
        headers=(("Contact", f"<{here.contact(from_user)}>"), ("Accept", "application/sdp")),
    )  # fmt: skip


def invite(name: str, to: str, here: Here, token: str, from_user: str) -> Request:
    """Call somebody, with an offer that nobody could speak on for long: it is taken back at once."""
    uri = f"sip:{to}@{in_uri(name)}"
    family = "IP6" if ":" in here.address else "IP4"
    offer = (
        f"v=0\r\no={AGENT} 1 1 IN {family} {here.address}\r\ns=-\r\nc=IN {family} {here.address}\r\nt=0 0\r\n"
        "m=audio 9 RTP/AVP 0 8\r\na=inactive\r\n"
    )
    return request(
        "INVITE", uri, here, token=token, call_id=f"{token}@{in_uri(here.address)}", sequence=1,
        from_=f"<sip:{from_user}@{in_uri(here.address)}>;tag={token}", to=f"<{uri}>",
        headers=(("Contact", f"<{here.contact(from_user)}>"),), body=offer.encode(),
    )  # fmt: skip


def in_dialog(method: str, invited: Request, answered: Response, here: Here, token: str) -> Request:
    """The ACK or BYE of a call that was answered before it could be taken back (RFC 3261 sections 13.2.2.4, 15.1.1)."""
    try:
        uri = str(answered.contact[0].uri)
    except (ValueError, TypeError, IndexError):
        uri = str(invited.uri)
    made = request(
        method, uri, here, token=token, call_id=invited.headers["Call-ID"],
        sequence=sequence_of(invited) + (0 if method == "ACK" else 1), from_=invited.headers["From"],
        to=answered.headers["To"],
    )  # fmt: skip
    for route in reversed(answered.headers.getlist("Record-Route")):
        made.headers.add("Route", route)
    return made


def register(
    domain: str,
    user: str,
    here: Here,
    *,
    token: str,
    tag: str,
    call_id: str,
    sequence: int,
    expires_s: int | None,
    headers: Sequence[tuple[str, str]] = (),
) -> Request:
    """Register this place, take it out again (``expires_s`` is 0), or ask what is registered (None) (section 10.2)."""
    address = f"<sip:{user}@{in_uri(domain)}>"
    binding = () if expires_s is None else (("Contact", f"<{here.contact(user)}>"), ("Expires", str(expires_s)))
    return request(
        "REGISTER", f"sip:{in_uri(domain)}", here, token=token, call_id=call_id, sequence=sequence,
        from_=f"{address};tag={tag}", to=address, headers=(*binding, *headers),
    )  # fmt: skip
