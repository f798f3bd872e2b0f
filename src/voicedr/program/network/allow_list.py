"""Allow-lists for firewalls, made from the published ranges: equal ranges give equal bytes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from voicedr.program.network.allow_lists.aws import aws
from voicedr.program.network.allow_lists.gcp import gcp
from voicedr.program.network.allow_lists.iptables import iptables
from voicedr.program.network.allow_lists.nftables import nftables
from voicedr.program.network.allow_lists.terraform import terraform
from voicedr.program.network.published import PublishedRange, PublishedRanges
from voicedr.program.network.ranges_file import ranges_text

Writer: TypeAlias = Callable[[PublishedRanges, Sequence[PublishedRange]], str]


def _json(published: PublishedRanges, ranges: Sequence[PublishedRange]) -> str:
    return ranges_text(PublishedRanges(published.source, published.read_on, tuple(ranges)))


WRITERS: dict[str, Writer] = {
    "nftables": nftables,
    "iptables": iptables,
    "terraform": terraform,
    "aws": aws,
    "gcp": gcp,
    "json": _json,
}


def allow_list(
    published: PublishedRanges, form: str, edges: Sequence[str] | None = None, *, interconnect: bool = False
) -> str:
    """A firewall's configuration that lets the provider in.

    Args:
        form: One of `WRITERS`.
        edges: Of which edges only; None is every edge on the internet, as the provider asks for.
        interconnect: With ``edges=None``, the private interconnections as well.

    Raises:
        UnknownEdge: If an edge is not in the list.
    """
    return WRITERS[form](published, published.chosen(edges, interconnect=interconnect))
