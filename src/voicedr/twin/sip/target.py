"""Where an origination URI leads, and what the INVITE to it says (https://www.twilio.com/docs/sip-trunking).

``edge=`` chooses the edge that the call leaves from; ``transport=`` is udp (default), tcp or tls; headers after ``?``
go into the INVITE. Without a user part the dialled number is the user; with one, the dialled number is in Diversion.
An edge that does not exist is the one where the call arrived, without an error. The older name ``region=`` is the same.
Assumption: parameters for the provider itself (edge, region, tnx) are not sent on; it is not documented.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from voicedr.twin.calls.commands import Invite
from voicedr.twin.sip.dialog import default_port, is_loopback
from voicedr.twin.world.model import EDGES
from voicedr.wire.sip.messages import URI

LEGACY_EDGES: dict[str, str] = {
    "us1": "ashburn", "us2": "umatilla", "ie1": "dublin", "de1": "frankfurt", "au1": "sydney", "sg1": "singapore",
    "jp1": "tokyo", "br1": "sao-paulo",
}  # fmt: skip
"""https://www.twilio.com/docs/global-infrastructure/edge-locations/legacy-regions"""

HEADERS_MAX = 20
_NAME = re.compile(r"[A-Za-z0-9\-]{1,64}")
_OURS = frozenset(
    {"via", "from", "to", "call-id", "cseq", "contact", "max-forwards", "content-length", "content-type", "route"}
)


class NotDiallable(ValueError):
    """A URI that no INVITE can be sent to. Says why."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where the INVITE goes.

    Attributes:
        uri: What it asks for.
        transport: ``udp``, ``tcp`` or ``tls``.
        remote: Address and port on this machine.
        edge: Where it leaves from.
        headers: What it says besides.
    """

    uri: URI
    transport: str
    remote: tuple[str, int]
    edge: str
    headers: tuple[tuple[str, str], ...]


def target_of(order: Invite, hosts: Mapping[str, str]) -> Target:
    """Read an origination URI for one call.

    Args:
        hosts: Addresses on this machine that stand for names, e.g. ``{"sbc1.acme.example": "127.0.0.9:5070"}``.

    Raises:
        NotDiallable: If it cannot be read, or leads off this machine.
    """
    address, _, header_text = order.sip_url.partition("?")
    try:
        uri = URI.parse(address)
    except (ValueError, TypeError) as exc:
        raise NotDiallable(f"{order.sip_url} is not a SIP URI") from exc
    parameters = {name.lower(): value or "" for name, value in uri.parameters.items()}
    transport = parameters.get("transport", "tls" if uri.scheme == "sips" else "udp").lower()
    if transport not in ("udp", "tcp", "tls"):
        raise NotDiallable(f"transport is {transport!r}; there are udp, tcp and tls")
    remote = place_of(uri.host, uri.port or default_port(transport), hosts)
    if remote is None:
        raise NotDiallable(f"{uri.host} is not on this machine")
    edge = parameters.get("edge") or LEGACY_EDGES.get(parameters.get("region", ""), "")
    kept = {name: value for name, value in uri.parameters.items() if name.lower() not in ("edge", "region", "tnx")}
    headers = _headers(header_text)
    if uri.user and order.to:
        headers = (*headers, ("Diversion", f"<sip:{order.to}@{order.domain}>;reason=unconditional"))
    return Target(
        URI("sip", uri.host, uri.user or order.to, None, uri.port, type(uri.parameters)(**kept)),
        transport,
        remote,
        edge if edge in EDGES else order.edge,
        headers,
    )


def place_of(host: str, port: int, hosts: Mapping[str, str]) -> tuple[str, int] | None:
    """The address and port on this machine that a host stands for; None if it is elsewhere. No name is asked for."""
    named = hosts.get(host.lower().rstrip("."))
    if named is not None:
        address, colon, named_port = named.partition(":")
        return address, int(named_port) if colon else port
    if host.lower() == "localhost":
        return "127.0.0.1", port
    return (host, port) if is_loopback(host) and ":" not in host else None


def _headers(text: str) -> tuple[tuple[str, str], ...]:
    """The headers of a URI; those that cannot be, and those that are the INVITE's own, are dropped."""
    found: list[tuple[str, str]] = []
    for one in text.split("&")[:HEADERS_MAX]:
        name, equals, value = one.partition("=")
        value = unquote(value)
        if equals and _NAME.fullmatch(name) and name.lower() not in _OURS and value.isprintable():
            found.append((name, value))
    return tuple(found)
