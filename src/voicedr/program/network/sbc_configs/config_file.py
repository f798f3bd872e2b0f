"""A file of a configuration, and the lines that each begins with."""

from __future__ import annotations

import msgspec

from voicedr.program.network.topology import NEXT_ADDRESS_S, Topology


class ConfigFile(msgspec.Struct, frozen=True):
    """A file's name and text."""

    name: str
    text: str


def heading(topology: Topology, *, loaded: bool) -> tuple[str, ...]:
    """Lines of a comment: for which trunk, of which addresses, and whether a real program has read such a file."""
    checked = (
        "A file of this form was loaded into the real program by the tests of voicedr."
        if loaded
        else "NOT LOADED: no such program was at hand when this was tested. Load it in a laboratory first."
    )
    return (
        f"{topology.domain}: {', '.join(topology.edges)}, in this order; {NEXT_ADDRESS_S} s for each address.",
        f"Addresses as published, read on {topology.ranges.read_on.isoformat()}: {topology.ranges.source[0]}",
        checked,
    )
