"""What an allow-list has to let in, in one fixed order, and whose word that is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from ipaddress import IPv4Network
from typing import NamedTuple

from voicedr.program.network.published import Kind, PublishedRange, PublishedRanges


class Group(NamedTuple):
    """All prefixes that have a protocol and ports in common."""

    kind: Kind
    protocol: str
    port_min: int
    port_max: int
    prefixes: tuple[tuple[str, str], ...]
    """Each prefix with the edge it is of."""

    @property
    def name(self) -> str:
        """Such as ``signalling_udp_5060``."""
        ports = str(self.port_min) if self.port_min == self.port_max else f"{self.port_min}_{self.port_max}"
        kind = Kind.SIGNALLING if self.kind is Kind.SIGNALLING_TLS else self.kind
        return f"{kind}_{self.protocol}_{ports}"


def groups(ranges: Sequence[PublishedRange]) -> tuple[Group, ...]:
    """Every kind, protocol and pair of ports with its prefixes by number."""
    found: dict[tuple[Kind, str, int, int], dict[str, str]] = {}
    for one in ranges:
        prefixes = found.setdefault((one.kind, one.protocol, one.port_min, one.port_max), {})
        prefixes |= dict.fromkeys(one.prefixes, one.where)
    return tuple(
        Group(*key, tuple(sorted(prefixes.items(), key=lambda item: IPv4Network(item[0]))))
        for key, prefixes in sorted(found.items(), key=lambda item: (item[0][0] is Kind.MEDIA, item[0][2], item[0][1]))
    )


def heading(published: PublishedRanges, ranges: Sequence[PublishedRange]) -> Iterator[str]:
    """Lines of a comment: of what this is made, and which edges it leaves out."""
    yield f"Addresses that the provider publishes, read on {published.read_on.isoformat()}:"
    for source in published.source:
        yield f"  {source}"
    has = {edge for one in ranges for edge in one.edges}
    every = {edge for one in published.chosen() for edge in one.edges}
    if left := sorted(every - has):
        yield f"INCOMPLETE: {', '.join(left)} left out. The provider may send calls from any edge."
    yield "It lets in. Send calls to names, never to these addresses."
