"""Boxes of addresses and ports: what a rule matches, cut out of what was asked for."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, collapse_addresses, summarize_address_range
from typing import NamedTuple

from voicedr.program.network.rules import Spans

ADDRESS_MAX = 2**32 - 1
PORT_MAX = 65_535


class Box(NamedTuple):
    """All addresses from ``first`` to ``last`` with all ports from ``port_min`` to ``port_max``."""

    first: int
    last: int
    port_min: int
    port_max: int


def span_of(prefix: str) -> tuple[int, int]:
    """The first and the last address of an IPv4 prefix, as numbers. Bits behind the mask do not matter.

    Raises:
        ValueError: If it is not one.
    """
    net = IPv4Network(prefix, strict=False)
    return int(net.network_address), int(net.broadcast_address)


def prefixes_of(spans: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """The fewest prefixes for these addresses, in order."""
    nets = (net for first, last in spans for net in summarize_address_range(IPv4Address(first), IPv4Address(last)))
    return tuple(str(net) for net in collapse_addresses(nets))


def others(spans: Spans, largest: int) -> Spans:
    """Whatever is in none of the intervals, from 0 to ``largest``."""
    left: list[tuple[int, int]] = []
    at = 0
    for first, last in sorted(spans):
        if first > at:
            left.append((at, first - 1))
        at = max(at, last + 1)
    if at <= largest:
        left.append((at, largest))
    return tuple(left)


def both(left: Spans | None, right: Spans | None) -> Spans | None:
    """What is in both; None is everything."""
    if left is None or right is None:
        return right if left is None else left
    return tuple((max(a, c), min(b, d)) for a, b in left for c, d in right if max(a, c) <= min(b, d))


def merged(spans: Spans) -> Spans:
    """The same with intervals that touch or overlap put together, in order."""
    done: list[tuple[int, int]] = []
    for first, last in sorted(spans):
        if done and first <= done[-1][1] + 1:
            done[-1] = (done[-1][0], max(done[-1][1], last))
        else:
            done.append((first, last))
    return tuple(done)


def cut(box: Box, sources: Spans | None, ports: Spans | None) -> tuple[list[Box], list[Box]]:
    """A box's part that is in both, and the rest. The spans must not overlap (`merged`)."""
    inside: list[Box] = []
    outside = [box]
    for first, last in sources if sources is not None else ((0, ADDRESS_MAX),):
        if first > box.last or last < box.first:
            continue
        for low, high in ports if ports is not None else ((0, PORT_MAX),):
            if low > box.port_max or high < box.port_min:
                continue
            hole = Box(max(first, box.first), min(last, box.last), max(low, box.port_min), min(high, box.port_max))
            inside.append(hole)
            outside = [piece for one in outside for piece in _without(one, hole)]
    return inside, outside


def _without(box: Box, hole: Box) -> list[Box]:
    if hole.first > box.last or hole.last < box.first or hole.port_min > box.port_max or hole.port_max < box.port_min:
        return [box]
    pieces = []
    if box.first < hole.first:
        pieces.append(Box(box.first, hole.first - 1, box.port_min, box.port_max))
    if hole.last < box.last:
        pieces.append(Box(hole.last + 1, box.last, box.port_min, box.port_max))
    first, last = max(box.first, hole.first), min(box.last, hole.last)
    if box.port_min < hole.port_min:
        pieces.append(Box(first, last, box.port_min, hole.port_min - 1))
    if hole.port_max < box.port_max:
        pieces.append(Box(first, last, hole.port_max + 1, box.port_max))
    return pieces
