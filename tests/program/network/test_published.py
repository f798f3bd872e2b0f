"""The published ranges: all edges unless somebody says otherwise, and a newer list from a file."""

from __future__ import annotations

import json
from ipaddress import ip_address, ip_network

import pytest

from voicedr.program.network.published import Kind, UnknownEdge, published_ranges
from voicedr.program.network.ranges_file import BrokenRanges, ranges_text, read_ranges
from voicedr.twin.world.model import EDGES


def test_every_public_edge_has_signalling_and_the_media_range() -> None:
    """The edges that the twin knows are those with ranges, each over UDP, TCP and TLS, and with the one media range."""
    chosen = published_ranges().chosen()
    assert {edge for one in chosen for edge in one.edges} == set(EDGES)
    for edge in EDGES:
        mine = {(one.kind, one.protocol, one.port_min, one.port_max) for one in chosen if edge in one.edges}
        assert mine == {
            (Kind.SIGNALLING, "udp", 5060, 5060),
            (Kind.SIGNALLING, "tcp", 5060, 5060),
            (Kind.SIGNALLING_TLS, "tcp", 5061, 5061),
            (Kind.MEDIA, "udp", 10_000, 60_000),
        }


def test_every_prefix_is_public_and_no_two_edges_share_signalling() -> None:
    """A slip of the pen in an address shows: it is routed on the internet and belongs to one edge."""
    owners: dict[str, str] = {}
    for one in published_ranges().ranges:
        for prefix in one.prefixes:
            assert ip_address(str(ip_network(prefix).network_address)).is_global
            if one.kind is not Kind.MEDIA:
                assert owners.setdefault(prefix, one.edges[0]) == one.edges[0]


def test_interconnections_only_if_wanted() -> None:
    """They are left out unless asked for, all together or by name."""
    ranges = published_ranges()
    assert not any(edge.endswith("-ix") for one in ranges.chosen() for edge in one.edges)
    assert sum(edge.endswith("-ix") for edge in {e for one in ranges.chosen(interconnect=True) for e in one.edges}) == 8
    assert {edge for one in ranges.chosen(["london-ix"]) for edge in one.edges} == {"london-ix"}


def test_an_edge_that_there_is_not() -> None:
    """It is named, with those that there are; an older name is none."""
    with pytest.raises(UnknownEdge, match=r"'ie1'.*dublin"):
        published_ranges().chosen(["dublin", "ie1"])


def test_what_is_written_is_read_back() -> None:
    """The JSON allow-list of a machine is the --ranges of another."""
    ranges = published_ranges()
    assert read_ranges(ranges_text(ranges), "ranges.json") == ranges


def _changed(**fields: object) -> str:
    document = json.loads(ranges_text(published_ranges()))
    document["ranges"][0] |= fields
    return json.dumps(document)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "not a list of ranges"),
        ("[]", "not a list of ranges"),
        ("[" * 100_000, "not a list of ranges"),
        (_changed(prefixes=["0.0.0.0/0"]), "wider than /8"),
        (_changed(prefixes=["2001:db8::/32"]), "IPv6"),
        (_changed(prefixes=["54.172.60.1/30"]), "host bits"),
        (_changed(prefixes=[]), "are needed"),
        (_changed(protocol="sctp"), "neither udp nor tcp"),
        (_changed(port_min=7000), "rising order"),
        (_changed(kind="signaling"), "kind"),
        (_changed(colour="red"), "colour"),
        (" " * 1_000_001, "at most"),
    ],
    ids=["empty", "list", "deep", "all", "v6", "host-bits", "none", "sctp", "ports", "kind", "unknown", "huge"],
)
def test_a_list_that_cannot_be_used(text: str, said: str) -> None:
    """It is refused with what is wrong; a wide prefix would open the firewall to everybody."""
    with pytest.raises(BrokenRanges, match=said):
        read_ranges(text, "new.json")
