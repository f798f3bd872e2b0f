"""A SIP dialog: what both sides must remember to send each other requests (RFC 3261 section 12)."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, replace

from voicedr.twin.sip.table import Flow
from voicedr.wire.sip.messages import MAX_FORWARDS, URI, MalformedSip, Request, Response, complete, sequence_of

_PORTS = {"udp": 5060, "tcp": 5060, "tls": 5061}


@dataclass(slots=True)
class Dialog:
    """One side of it.

    Attributes:
        local, remote: Whole From and To values, tags included, as this side sends them.
        target: Where requests are addressed to: the peer's Contact.
        contact: This side's Contact value.
        flow: The way on which the dialog was made.
        session: Number and version of this side's session description.
    """

    call_id: str
    local: str
    remote: str
    target: URI
    contact: str
    flow: Flow
    routes: list[str] = field(default_factory=list)
    local_sequence: int = 1
    remote_sequence: int = -1
    session: tuple[int, int] = (1, 1)

    def request(self, method: str, branch: str, *, sequence: int | None = None) -> Request:
        """A request within the dialog. An ACK takes the number of its INVITE; others take the next."""
        if sequence is None:
            self.local_sequence += 1
            sequence = self.local_sequence
        made = Request(method, self.target)
        made.headers.add("Via", via(self.flow, branch))
        made.headers.add("From", self.local)
        made.headers.add("To", self.remote)
        made.headers.add("Call-ID", self.call_id)
        made.headers.add("CSeq", f"{sequence} {method}")
        made.headers.add("Max-Forwards", str(MAX_FORWARDS))
        for route in self.routes:
            made.headers.add("Route", route)
        made.headers.add("Contact", self.contact)
        complete(made)
        return made

    @property
    def hop(self) -> Flow:
        """The way a request goes: the same connection, or for datagrams to the first route or the peer's Contact.

        A name, or an address that is not on this machine, is not asked for: then the way stays as it was.
        """
        if self.flow.reliable:
            return self.flow
        first = self.target
        if self.routes:
            try:
                first = URI.parse(self.routes[0].partition("<")[2].partition(">")[0] or self.routes[0])
            except ValueError:
                return self.flow
        if not is_loopback(first.host):
            return self.flow
        return replace(self.flow, remote=(first.host, first.port or _PORTS["udp"]))


def made_by(invite: Request, response: Response, flow: Flow, contact: str, session: tuple[int, int]) -> Dialog:
    """The dialog of an INVITE that we sent and that was answered.

    Raises:
        MalformedSip: If the answer says no Contact: nothing can be sent to whoever answered.
    """
    try:
        target = response.contact[0].uri
    except (ValueError, IndexError, TypeError) as exc:
        raise MalformedSip("an answer without a Contact that can be read") from exc
    return Dialog(
        invite.call_id,
        invite.headers["From"],
        response.headers["To"],
        target,
        contact,
        flow,
        [
            one
            for value in reversed(response.headers.getlist("Record-Route"))
            for one in reversed(split_addresses(value))
        ],
        sequence_of(invite),
        session=session,
    )


def via(flow: Flow, branch: str) -> str:
    """The Via of what is sent on this way."""
    host, port = flow.local
    return f"SIP/2.0/{flow.transport.upper()} {host}:{port};branch={branch};rport"


def is_loopback(host: str) -> bool:
    """Whether a host is an address of this machine that no other can reach."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def default_port(transport: str) -> int:
    """The port of a URI that says none (RFC 3261 section 19.1.2)."""
    return _PORTS[transport]


def split_addresses(value: str) -> list[str]:
    """A list of addresses in angle brackets, one by one."""
    return [one.strip() for one in value.replace(">,", ">\n").split("\n") if one.strip()]
