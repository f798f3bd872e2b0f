"""Sets and a chain of nftables (nft(8)) that drop nothing: they are for a ruleset of one's own.

An accept in one base chain does not keep another one from dropping. So it is a chain without a hook, to jump to. What
was loaded before is emptied first, in the same transaction: an address that is no longer published goes.
"""

from __future__ import annotations

from collections.abc import Sequence

from voicedr.program.network.allow_lists.lines import groups, heading
from voicedr.program.network.published import PublishedRange, PublishedRanges

TABLE, CHAIN = "voicedr", "voice_provider"


def nftables(published: PublishedRanges, ranges: Sequence[PublishedRange]) -> str:
    """Text for ``nft -f``."""
    lines = [f"# {line}" for line in heading(published, ranges)]
    lines += [
        "# A jump stays in its table: give this table the name of yours. Then, in your input chain, before what drops:",
        f"#   jump {CHAIN}",
        f"table inet {TABLE} {{",
        *(f"\tset {group.name} {{ type ipv4_addr; flags interval; }}" for group in groups(ranges)),
        f"\tchain {CHAIN} {{ }}",
        "}",
        *(f"flush set inet {TABLE} {group.name}" for group in groups(ranges)),
        f"flush chain inet {TABLE} {CHAIN}",
        f"table inet {TABLE} {{",
    ]
    for group in groups(ranges):
        lines += [f"\tset {group.name} {{", "\t\ttype ipv4_addr", "\t\tflags interval", "\t\telements = {"]
        lines += [f"\t\t\t{prefix}, # {edge}" for prefix, edge in group.prefixes]
        lines += ["\t\t}", "\t}", ""]
    lines += [f"\tchain {CHAIN} {{"]
    for group in groups(ranges):
        ports = str(group.port_min) if group.port_min == group.port_max else f"{group.port_min}-{group.port_max}"
        lines.append(f"\t\tip saddr @{group.name} {group.protocol} dport {ports} accept")
    lines += ["\t}", "}"]
    return "\n".join(lines) + "\n"
