"""The addresses that the provider publishes: what a firewall must let in, and what nobody should send calls to.

The facts are from the pages in `SOURCES`, read on `READ_ON`. The provider changes them; a newer list comes in a file
(`voicedr.program.network.ranges_file`). All signalling ranges must be allowed, not those of the nearest edge alone, and
traffic goes to names and never to these addresses (https://www.twilio.com/docs/sip-trunking/ip-addresses).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from ipaddress import IPv4Network, ip_network

import msgspec

SOURCES = (
    "https://www.twilio.com/docs/sip-trunking/ip-addresses",
    "https://www.twilio.com/docs/sip-trunking/configure-with-interconnect",
    "https://www.twilio.com/docs/voice/api/sip-interconnect",
)
READ_ON = date(2026, 11, 21)

INTERCONNECT = "-ix"
"""How the name of an edge at a private interconnection ends."""

MEDIA_PREFIX, MEDIA_PORT_MIN, MEDIA_PORT_MAX = "168.86.128.0/18", 10_000, 60_000
"""One range for every edge since 2024-02-21; the older ranges and the ports 10000 to 20000 are dead."""

PUBLIC_SIGNALLING: dict[str, tuple[str, ...]] = {
    "ashburn": ("54.172.60.0/30",),
    "umatilla": ("54.244.51.0/30",),
    "dublin": ("54.171.127.192/30",),
    "frankfurt": ("35.156.191.128/30",),
    "tokyo": ("54.65.63.192/30",),
    "singapore": ("54.169.127.128/30",),
    "sydney": ("54.252.254.64/30",),
    "sao-paulo": ("177.71.206.192/30",),
}
"""Each edge on the internet and where its signalling comes from."""

INTERCONNECT_SIGNALLING: dict[str, tuple[str, ...]] = {
    "ashburn-ix": ("208.78.112.64/32", "208.78.112.65/32", "208.78.112.66/32"),
    "san-jose-ix": ("67.213.136.64/32", "67.213.136.65/32", "67.213.136.66/32"),
    "london-ix": ("185.187.132.68/32", "185.187.132.69/32", "185.187.132.70/32"),
    "frankfurt-ix": ("185.194.136.64/32", "185.194.136.65/32", "185.194.136.66/32"),
    "singapore-ix": ("103.75.151.68/32", "103.75.151.69/32", "103.75.151.70/32"),
    "tokyo-ix": ("103.144.142.68/32", "103.144.142.69/32", "103.144.142.70/32"),
    "sydney-ix": ("103.146.214.68/32", "103.146.214.69/32", "103.146.214.70/32"),
    "sao-paulo-ix": ("159.183.255.68/32", "159.183.255.69/32", "159.183.255.70/32"),
}
"""The same at the private interconnections."""


class Kind(StrEnum):
    """What comes from a range."""

    SIGNALLING = "signalling"
    SIGNALLING_TLS = "signalling-tls"
    MEDIA = "media"


class UnknownEdge(Exception):
    """An edge that has no published range. Nothing was decided."""


class PublishedRange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Addresses, a protocol and ports that the provider sends from and listens on.

    Attributes:
        edges: Whose they are. Media has one range for all.
        prefixes: IPv4 prefixes, such as ``54.172.60.0/30``.
        protocol: ``udp`` or ``tcp``; TLS is TCP with the kind ``signalling-tls``.
        port_min: The first port, on the customer's side of the firewall.
        port_max: The last one, itself included.
    """

    kind: Kind
    edges: tuple[str, ...]
    prefixes: tuple[str, ...]
    protocol: str
    port_min: int
    port_max: int

    @property
    def ports(self) -> str:
        """``5060`` or ``10000-60000``."""
        return str(self.port_min) if self.port_min == self.port_max else f"{self.port_min}-{self.port_max}"

    @property
    def transport(self) -> str:
        """``udp``, ``tcp`` or ``tls`` of signalling; empty for media."""
        if self.kind is Kind.MEDIA:
            return ""
        return "tls" if self.kind is Kind.SIGNALLING_TLS else self.protocol

    @property
    def where(self) -> str:
        """The edge if there is one, else ``all edges``."""
        return self.edges[0] if len(self.edges) == 1 else "all edges"


class PublishedRanges(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is published, where that was read, and on which day."""

    source: tuple[str, ...]
    read_on: date
    ranges: tuple[PublishedRange, ...]

    @property
    def edges(self) -> tuple[str, ...]:
        """Every edge that is named, those of the internet first."""
        named = dict.fromkeys(edge for one in self.ranges for edge in one.edges)
        return tuple(sorted(named, key=lambda edge: (edge.endswith(INTERCONNECT), edge)))

    def chosen(self, edges: Iterable[str] | None = None, *, interconnect: bool = False) -> tuple[PublishedRange, ...]:
        """The ranges of some edges, in one fixed order.

        Args:
            edges: Their names; None is every edge on the internet.
            interconnect: With ``edges=None``, those at the private interconnections as well.

        Raises:
            UnknownEdge: If an edge is not in the list.
        """
        if edges is None:
            wanted = {edge for edge in self.edges if interconnect or not edge.endswith(INTERCONNECT)}
        else:
            wanted = set(edges)
            if unknown := sorted(wanted - set(self.edges)):
                raise UnknownEdge(
                    f"edge {', '.join(map(repr, unknown))}: there is no published range of this name. There are:"
                    f" {', '.join(self.edges)}."
                )
        found = [
            msgspec.structs.replace(one, edges=tuple(edge for edge in one.edges if edge in wanted))
            for one in self.ranges
            if wanted.intersection(one.edges)
        ]
        return tuple(sorted(found, key=_order))

    def networks(self) -> tuple[tuple[IPv4Network, PublishedRange], ...]:
        """Every prefix with the range it is of."""
        return tuple(
            (net, one)
            for one in self.ranges
            for prefix in one.prefixes
            if isinstance(net := ip_network(prefix), IPv4Network)
        )


def _order(one: PublishedRange) -> tuple[bool, int, str, str, int]:
    first = one.edges[0]
    return one.kind is Kind.MEDIA, first.endswith(INTERCONNECT), first, one.protocol, one.port_min


def _signalling(edge: str, prefixes: tuple[str, ...]) -> tuple[PublishedRange, ...]:
    return (
        PublishedRange(Kind.SIGNALLING, (edge,), prefixes, "udp", 5060, 5060),
        PublishedRange(Kind.SIGNALLING, (edge,), prefixes, "tcp", 5060, 5060),
        PublishedRange(Kind.SIGNALLING_TLS, (edge,), prefixes, "tcp", 5061, 5061),
    )


def published_ranges() -> PublishedRanges:
    """The list that comes with this version of the program."""
    signalling = PUBLIC_SIGNALLING | INTERCONNECT_SIGNALLING
    return PublishedRanges(
        SOURCES,
        READ_ON,
        (
            *(one for edge, prefixes in signalling.items() for one in _signalling(edge, prefixes)),
            PublishedRange(Kind.MEDIA, tuple(signalling), (MEDIA_PREFIX,), "udp", MEDIA_PORT_MIN, MEDIA_PORT_MAX),
        ),
    )
