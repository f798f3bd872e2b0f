"""Which published ranges a firewall lets in: covered, missing, or nobody can say."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

import msgspec

from voicedr.program.network.boxes import Box, prefixes_of, span_of
from voicedr.program.network.published import PublishedRange, PublishedRanges
from voicedr.program.network.rules import Firewall
from voicedr.program.network.walk import Arrival, walk
from voicedr.program.scope.problems import printable


class Standing(StrEnum):
    """How a published range stands at a firewall."""

    COVERED = "covered"
    MISSING = "missing"
    UNKNOWN = "unknown"


class Part(msgspec.Struct, frozen=True):
    """A part of a range that is not let in, or of which nobody knows, and why."""

    prefixes: tuple[str, ...]
    port_min: int
    port_max: int
    why: str


class Covered(msgspec.Struct, frozen=True):
    """One published range at one firewall.

    Attributes:
        standing: Missing if any part is, else unknown if any part is.
    """

    range: PublishedRange
    standing: Standing
    missing: tuple[Part, ...] = ()
    unknown: tuple[Part, ...] = ()


def coverage(
    firewall: Firewall,
    ranges: PublishedRanges,
    edges: Iterable[str] | None = None,
    *,
    interconnect: bool = False,
    arrival: Arrival = Arrival(),  # noqa: B008 - it is frozen
) -> tuple[Covered, ...]:
    """How each published range stands.

    Args:
        edges: Of which edges; None is every edge on the internet, as the provider asks for.
        arrival: Where the packets come in, as far as somebody knows.

    Raises:
        UnknownEdge: If an edge is not in the list.
    """
    return tuple(_covered(firewall, one, arrival) for one in ranges.chosen(edges, interconnect=interconnect))


def _covered(firewall: Firewall, one: PublishedRange, arrival: Arrival) -> Covered:
    boxes = [Box(*span_of(prefix), one.port_min, one.port_max) for prefix in one.prefixes]
    way = walk(firewall, one.protocol, boxes, arrival)
    missing, unknown = _parts(way.dropped), _parts(way.unclear)
    standing = Standing.MISSING if missing else Standing.UNKNOWN if unknown else Standing.COVERED
    return Covered(one, standing, missing, unknown)


def _parts(found: Iterable[tuple[Box, str]]) -> tuple[Part, ...]:
    """Boxes with the same ports and reason as one part, in order."""
    together: dict[tuple[int, int, str], list[tuple[int, int]]] = {}
    for box, why in found:
        # A reason quotes the rules, which others wrote: nothing of them may reach a terminal as a command.
        together.setdefault((box.port_min, box.port_max, printable(why)), []).append((box.first, box.last))
    return tuple(Part(prefixes_of(spans), low, high, why) for (low, high, why), spans in sorted(together.items()))
