"""What the checks of firewalls and SBCs say, for people and for machines: the same facts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from rich.table import Table

from voicedr.cli.options import out
from voicedr.program.network.coverage import Covered, Part, Standing
from voicedr.program.network.published import PublishedRanges
from voicedr.program.network.rules import Firewall
from voicedr.program.network.sbc import SbcConfig
from voicedr.program.network.topology import EDGES_MIN

MARKS = {Standing.COVERED: "✔", Standing.MISSING: "✖", Standing.UNKNOWN: "?"}
PARTS_SHOWN = 5
"""Parts of a range that the table has. With more, nobody reads them."""

ORDER = (Standing.MISSING, Standing.UNKNOWN, Standing.COVERED)
"""What hurts callers most stands on top."""


def print_coverage(firewall: Firewall, published: PublishedRanges, covered: Sequence[Covered]) -> None:
    """A line for each published range, and what to do."""
    counts = {one: sum(1 for c in covered if c.standing is one) for one in Standing}
    out.print(
        f"{firewall.name} ({firewall.format}): {counts[Standing.COVERED]} of {len(covered)} ranges let in ·"
        f" {counts[Standing.MISSING]} missing · {counts[Standing.UNKNOWN]} unknown",
        markup=False,
        soft_wrap=True,
    )
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("", "edge", "what", "protocol", "ports", "which, and why"):
        table.add_column(column, overflow="fold")
    for one in sorted(covered, key=lambda c: ORDER.index(c.standing)):
        parts = (*one.missing, *one.unknown)
        said = "\n".join(_part(part) for part in parts[:PARTS_SHOWN])
        if len(parts) > PARTS_SHOWN:
            said += f"\nand {len(parts) - PARTS_SHOWN} more parts: --json has all"
        kind = one.range
        table.add_row(
            MARKS[one.standing], kind.where, kind.kind, kind.protocol, kind.ports, said or ", ".join(kind.prefixes)
        )
    out.print(table, markup=False)
    for unseen in firewall.unseen:
        out.print(f"not looked at: {unseen}", markup=False, soft_wrap=True)
    out.print(f"published ranges read on {published.read_on}: {published.source[0]}", markup=False, soft_wrap=True)
    if counts[Standing.MISSING]:
        out.print("do: voicedr allow-list --format … for your firewall, and load it", markup=False, soft_wrap=True)


def _part(part: Part) -> str:
    ports = str(part.port_min) if part.port_min == part.port_max else f"{part.port_min}-{part.port_max}"
    shown = ", ".join(part.prefixes[:PARTS_SHOWN]) + (", …" if len(part.prefixes) > PARTS_SHOWN else "")
    return f"{shown} port {ports}: {part.why}"


def covered_json(firewall: Firewall, published: PublishedRanges, covered: Sequence[Covered]) -> dict[str, Any]:
    """The same as values for JSON."""
    return {
        "export": firewall.name,
        "format": firewall.format,
        "ranges_read_on": published.read_on.isoformat(),
        "source": list(published.source),
        "not_looked_at": list(firewall.unseen),
        "ranges": [msgspec.to_builtins(one) for one in covered],
    }


def print_sbc(read: Sequence[SbcConfig], edges: Sequence[str]) -> None:
    """What each file sends calls to, and what is wrong with that."""
    for one in read:
        out.print(f"{one.name} ({one.format})", markup=False, soft_wrap=True)
        for name in one.names:
            note = "  no edge in it" if name in one.without_edge else ""
            out.print(f"  ✔ {name}{note}", markup=False, soft_wrap=True)
        for address in one.pinned:
            out.print(
                f"  ✖ {address}: an address of the provider; use the name of its edge", markup=False, soft_wrap=True
            )
        for place in one.unclear:
            out.print(f"  ? {place}", markup=False, soft_wrap=True)
    enough = len(edges) >= EDGES_MIN
    out.print(f"{'✔' if enough else '✖'} {len(edges)} edges named: {', '.join(edges) or 'none'}", markup=False)
    if not enough:
        out.print(f"do: name at least {EDGES_MIN}: voicedr sbc-config --for … --edge … --edge …", markup=False)


def sbc_json(read: Sequence[SbcConfig], edges: Sequence[str]) -> dict[str, Any]:
    """The same as values for JSON."""
    return {"edges": list(edges), "edges_min": EDGES_MIN, "files": [msgspec.to_builtins(one) for one in read]}
