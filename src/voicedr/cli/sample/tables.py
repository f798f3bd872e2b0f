"""What ``voicedr sample`` shows: its parts, what can be broken, and what was lost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from rich.table import Table

from voicedr.cli.sample.breakages import BREAKAGES, MEANINGS, Fate
from voicedr.cli.sample.callers import Loss
from voicedr.cli.sample.measure import Measured

NEARLY_S = 2.0
"""Who calls in the last seconds, and is lost, says that it lasted to the end: calls come at random."""


def parts_table(told: Mapping[str, Any]) -> Table:
    """Every part with its address and how it stands."""
    table = Table("part", "what", "address", "pid", "state", box=None, pad_edge=False)
    for part in told["parts"]:
        table.add_row(part["name"], part["what"], part["url"], str(part["pid"] or ""), part["state"])
    return table


def breakages_table() -> Table:
    """Everything that can be broken."""
    table = Table("break", "what happens", "what limits the loss", box=None, pad_edge=False)
    for name, breakage in BREAKAGES.items():
        table.add_row(name, breakage.title, breakage.practice)
    return table


def markdown(rows: Iterable[Measured]) -> str:
    """The measured table, as docs/sample_deployment.md has it."""
    lines = [
        "| broken | calls to us1's numbers | calls to ie1's numbers | longest wait for words | tokens |",
        "| --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        waits = _waits(list(row.losses.values()), row.broken_s)
        tokens = f"{row.tokens.asked - row.tokens.refused} of {row.tokens.asked}"
        told = " | ".join(_told(row.losses[region], row.broken_s) for region in ("us1", "ie1"))
        lines.append(f"| `{'+'.join(row.names)}` | {told} | {waits} | {tokens} |")
    return "\n".join(lines)


def _told(loss: Loss, broken_s: float) -> str:
    counts = loss.counts()
    placed = len(loss.meanwhile)
    lost = [f"{counts[fate]} {fate}" for fate in Fate if fate is not Fate.NOTED and counts.get(fate)]
    last_s = loss.last_s()
    if last_s is None:
        return f"{placed} of {placed} noted"
    return f"{counts.get(Fate.NOTED, 0)} of {placed} noted; {', '.join(lost)} ({_until(last_s, broken_s)})"


def _waits(losses: list[Loss], broken_s: float) -> str:
    longest = f"{max(loss.wait_s_max() for loss in losses):.1f} s"
    slow = [at for loss in losses if (at := loss.slow_until_s()) is not None]
    return f"{longest} ({_until(max(slow), broken_s)})" if slow else longest


def _until(last_s: float, broken_s: float) -> str:
    """When the last call was dialled that something happened to."""
    return "until healed" if last_s > broken_s - NEARLY_S else f"until {max(last_s, 0.0):.1f} s"


def as_json_row(row: Measured) -> dict[str, Any]:
    """A row for machines."""
    return {
        "broken": list(row.names),
        "broken_s": row.broken_s,
        "callers": {
            region: {
                "placed": len(loss.meanwhile),
                "fates": {str(fate): count for fate, count in loss.counts().items()},
                "last_lost_s": loss.last_s(),
                "wait_s_max": loss.wait_s_max(),
            }
            for region, loss in row.losses.items()
        },
        "tokens": {"asked": row.tokens.asked, "refused": row.tokens.refused},
        "not_as_promised": row.broken_promises(),
        "meanings": {str(fate): text for fate, text in MEANINGS.items()},
    }
