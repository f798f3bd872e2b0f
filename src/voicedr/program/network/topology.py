"""How an SBC is joined to the provider: whom it calls, in which order, and from where it lets calls in.

Calls go to names with an edge, never to an address: a name has every address of its edge, and the SBC tries them one
after the other, each for four seconds without any response, then goes on to the next edge
(https://www.twilio.com/docs/voice/twilio-voice-failover-best-practices). The provider may send from every edge.
"""

from __future__ import annotations

import re
from ipaddress import IPv4Address

import msgspec

from voicedr.program.network.published import Kind, PublishedRanges, published_ranges

NEXT_ADDRESS_S = 4
"""Without any response to an INVITE after so long, the next address (the failover page)."""

RING_S = 120
"""How long a call may ring. An assumption; set it to what your callers bear."""

PING_S = 15
"""OPTIONS is answered, and is not to be sent more often than once in 10 to 15 s (the trunking pages)."""

EDGES_MIN = 2
"""One edge is a single point of failure."""

TRANSPORTS = ("udp", "tcp", "tls")
_DOMAIN = re.compile(
    r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*\.(?:pstn|sip)\.twilio\.com"
)
_USER = re.compile(r"[A-Za-z0-9._~!-]{1,64}")
_REFERENCE = re.compile(r"env:([A-Za-z_][A-Za-z0-9_]*)")
_PLACE = re.compile(r"([0-9.]+)(?::([0-9]{1,5}))?")


class BrokenTopology(Exception):
    """A topology that cannot be. Nothing was written."""


class Topology(msgspec.Struct, frozen=True):
    """One SBC, one trunk.

    Attributes:
        domain: The trunk's termination domain without an edge: ``acme.pstn.twilio.com``.
        edges: In the order in which they are tried.
        listen: The SBC's own IPv4 address and port towards the provider.
        inside: The IPv4 address and port of what is behind the SBC: a PBX.
        user: The user name of the trunk's credential list; empty if the trunk knows the SBC by its address.
        password_env: The environment variable that has the password. The password itself is never here.
    """

    domain: str
    edges: tuple[str, ...]
    transport: str = "udp"
    listen: tuple[str, int] = ("203.0.113.10", 5060)
    inside: tuple[str, int] = ("10.0.0.20", 5060)
    user: str = ""
    password_env: str = ""
    ranges: PublishedRanges = msgspec.field(default_factory=published_ranges)

    @property
    def hosts(self) -> tuple[str, ...]:
        """The names that calls are sent to, in order."""
        owner = self.domain.removesuffix(".twilio.com")
        return tuple(f"{owner}.{edge}.twilio.com" for edge in self.edges)

    @property
    def port(self) -> int:
        """The provider's port for the transport."""
        return 5061 if self.transport == "tls" else 5060

    @property
    def prefixes(self) -> tuple[tuple[str, str], ...]:
        """Where signalling may come from: every edge's prefixes, not those of `edges` alone, each with its edge."""
        kind = Kind.SIGNALLING_TLS if self.transport == "tls" else Kind.SIGNALLING
        interconnect = any(edge.endswith("-ix") for edge in self.edges)
        chosen = self.ranges.chosen(interconnect=interconnect)
        found = {prefix: one.where for one in chosen if one.kind is kind for prefix in one.prefixes}
        return tuple(sorted(found.items(), key=lambda item: item[1]))


def topology(
    domain: str,
    edges: tuple[str, ...],
    *,
    transport: str = "udp",
    listen: str = "203.0.113.10:5060",
    inside: str = "10.0.0.20:5060",
    user: str = "",
    password: str = "",
    ranges: PublishedRanges | None = None,
) -> Topology:
    """A topology from words, checked.

    Args:
        password: A reference, ``env:NAME``.

    Raises:
        BrokenTopology: With what is wrong and what to say instead.
        UnknownEdge: If an edge is not in the list of ranges.
    """
    known = published_ranges() if ranges is None else ranges
    name = domain.lower().rstrip(".")
    if not _DOMAIN.fullmatch(name):
        raise BrokenTopology(
            f"--trunk {domain}: is no termination domain. Say it without an edge: acme.pstn.twilio.com"
        )
    known.chosen(edges)
    if len(set(edges)) < EDGES_MIN or len(set(edges)) != len(edges):
        raise BrokenTopology(
            f"--edge {', '.join(edges) or '(none)'}: at least {EDGES_MIN} different edges are needed, each once,"
            " in order: --edge dublin --edge frankfurt"
        )
    if transport not in TRANSPORTS:
        raise BrokenTopology(f"--transport {transport}: say one of {', '.join(TRANSPORTS)}.")
    if bool(user) != bool(password):
        raise BrokenTopology(
            "a user needs a password and the other way round: --user pbx --password env:VOICE_PASSWORD"
        )
    if user and not _USER.fullmatch(user):
        raise BrokenTopology(f"--user {user!r}: letters, digits and ._~!- only, at most 64.")
    found = _REFERENCE.fullmatch(password) if password else None
    if password and found is None:
        raise BrokenTopology(
            "--password is a reference, never the password itself: env:VOICE_PASSWORD. It was not kept."
        )
    return Topology(
        name,
        tuple(edges),
        transport,
        _place("--listen", listen, 5061 if transport == "tls" else 5060),
        _place("--inside", inside, 5060),
        user,
        "" if found is None else found.group(1),
        known,
    )


def _place(option: str, text: str, port: int) -> tuple[str, int]:
    found = _PLACE.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        address, said = str(IPv4Address(found.group(1))), int(found.group(2) or port)
        if not 1 <= said <= 65_535:
            raise ValueError
    except ValueError as exc:
        raise BrokenTopology(f"{option} {text}: say an IPv4 address and a port: 203.0.113.10:5060") from exc
    return address, said
