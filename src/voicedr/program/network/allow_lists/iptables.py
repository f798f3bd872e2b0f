"""Rules for ``iptables-restore --noflush``: a chain of one's own, to jump to from INPUT or FORWARD."""

from __future__ import annotations

from collections.abc import Sequence

from voicedr.program.network.allow_lists.lines import groups, heading
from voicedr.program.network.published import PublishedRange, PublishedRanges

CHAIN = "VOICE_PROVIDER"


def iptables(published: PublishedRanges, ranges: Sequence[PublishedRange]) -> str:
    """Text for ``iptables-restore --noflush``. IPv4 alone: no voice address of the provider is IPv6."""
    lines = [f"# {line}" for line in heading(published, ranges)]
    lines += [
        "# Load with: iptables-restore --noflush; then once, before what drops: iptables -I INPUT -j " + CHAIN,
        "*filter",
        f":{CHAIN} - [0:0]",
    ]
    for group in groups(ranges):
        ports = str(group.port_min) if group.port_min == group.port_max else f"{group.port_min}:{group.port_max}"
        lines += [
            f"-A {CHAIN} -s {prefix} -p {group.protocol} -m {group.protocol} --dport {ports}"
            f' -m comment --comment "{group.kind} {edge}" -j ACCEPT'
            for prefix, edge in group.prefixes
        ]
    lines += ["COMMIT"]
    return "\n".join(lines) + "\n"
