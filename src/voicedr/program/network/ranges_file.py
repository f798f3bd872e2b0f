"""A newer list of published ranges from a file, and the same as text: what one writes, the other reads."""

from __future__ import annotations

from ipaddress import IPv4Network, ip_network

import msgspec

from voicedr.program.network.published import PublishedRange, PublishedRanges
from voicedr.program.scope.problems import printable

CHARACTERS_MAX = 1_000_000
"""Far more than the list has. What is longer is another file."""

PREFIX_LENGTH_MIN = 8
"""A wider prefix is a slip of the pen: it would open the firewall to a large part of the internet."""


class BrokenRanges(Exception):
    """A file of ranges that cannot be used. Nothing was read from it."""

    def __init__(self, message: str) -> None:
        # It quotes the file: nothing of it may reach a terminal as a command.
        super().__init__(printable(message))


def ranges_text(ranges: PublishedRanges) -> str:
    """The list as JSON, which `read_ranges` reads."""
    return msgspec.json.format(msgspec.json.encode(ranges, order="deterministic"), indent=2).decode() + "\n"


def read_ranges(text: str, name: str) -> PublishedRanges:
    """The list in a file.

    Raises:
        BrokenRanges: With the place in the file, and how to get one that is right.
    """
    if len(text) > CHARACTERS_MAX:
        raise BrokenRanges(f"{name}: has {len(text)} characters; a list of ranges has at most {CHARACTERS_MAX}.")
    try:
        ranges = msgspec.json.decode(text.removeprefix("\ufeff"), type=PublishedRanges)
    except (msgspec.DecodeError, RecursionError) as exc:
        raise _broken(name, f"not a list of ranges ({exc})") from exc
    if not ranges.ranges or not ranges.source:
        raise _broken(name, "no ranges, or no source of them")
    for at, one in enumerate(ranges.ranges):
        if why := _why_not(one):
            raise _broken(name, f"ranges[{at}]: {why}")
    return ranges


def _broken(name: str, why: str) -> BrokenRanges:
    return BrokenRanges(f"{name}: {why}. Nothing was read. Start from: voicedr allow-list --format json --interconnect")


def _why_not(one: PublishedRange) -> str:
    if one.protocol not in ("udp", "tcp"):
        return f"protocol {one.protocol!r} is neither udp nor tcp"
    if not 1 <= one.port_min <= one.port_max <= 65_535:
        return f"ports {one.port_min} to {one.port_max} are not ports in rising order"
    if not one.edges or not one.prefixes or not all(one.edges):
        return "an edge and a prefix are needed"
    for prefix in one.prefixes:
        try:
            net = ip_network(prefix)
        except ValueError as exc:
            return f"prefix {prefix!r}: {exc}"
        if not isinstance(net, IPv4Network):
            return f"prefix {prefix!r} is IPv6; the provider's voice addresses are IPv4"
        if net.prefixlen < PREFIX_LENGTH_MIN:
            return f"prefix {prefix!r} is wider than /{PREFIX_LENGTH_MIN}"
    return ""
