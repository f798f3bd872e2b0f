"""The gap list for a terminal: a block for each gap, worst first, and who has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from voicedr.program.readiness.gaps import Gap, GapList, Status
from voicedr.program.readiness.telling import clean

WHAT_CHARACTERS_MAX = 160
"""More is not read in a table; the JSON has all of it."""


def print_gaps(known: GapList, shown: Sequence[Gap], now: datetime, console: Console, names: Mapping[str, str]) -> None:
    """Print gaps as a table.

    Args:
        known: The whole list, for what to say if nothing is shown.
        shown: The gaps, in order.
        now: For what is overdue.
        console: Where to.
        names: People's names by their ids.
    """
    if not shown:
        looked = max((run.at for run in known.runs), default=None)
        if looked is None:
            console.print("no run is in the list yet. next: voicedr ready", markup=False)
        else:
            console.print(f"no gap stands, by the run of {looked:%Y-%m-%d %H:%M}Z", markup=False)
        return
    left = [gap for gap in shown if gap.stands and not gap.answered_for(now)]
    if left:
        console.print(f"next: {next_step(left, now)}", markup=False, soft_wrap=True)
    table = Table(box=box.SIMPLE, pad_edge=False, header_style="bold")
    for name, options in _COLUMNS:
        table.add_column(name, **options)  # type: ignore[arg-type]
    for gap in shown:
        table.add_row(
            gap.id,
            Text(clean(gap.flow)),
            Text(gap.severity.value),
            Text(_cut(clean(gap.what))),
            Text(clean(names.get(gap.owner or "", gap.owner or "nobody"))),
            Text(due_text(gap, now), style="bold red" if gap.overdue(now) else ""),
            Text(status_text(gap, now)),
        )
    console.print(table)
    console.print(_summary(shown, now), markup=False)


_COLUMNS: tuple[tuple[str, dict[str, object]], ...] = (
    ("id", {"no_wrap": True}),
    ("flow", {"overflow": "fold"}),
    ("hurts", {"overflow": "fold"}),
    ("what", {"overflow": "fold", "ratio": 3}),
    ("owner", {"overflow": "fold"}),
    ("due", {"overflow": "fold"}),
    ("status", {"overflow": "fold"}),
)


def gap_line(gap: Gap, now: datetime) -> str:
    """One gap in one line, after it was changed."""
    who = f" · {gap.owner}" if gap.owner else ""
    return clean(f"{gap.id} {gap.flow} {gap.check}: {status_text(gap, now)}{who} · due {due_text(gap, now)}")


def due_text(gap: Gap, now: datetime) -> str:
    """Until when, and whether that is over."""
    if gap.due is None:
        return "–"
    return f"{gap.due} OVERDUE" if gap.overdue(now) else f"{gap.due}"


def status_text(gap: Gap, now: datetime) -> str:
    """How it stands, with who answers for it."""
    if gap.status is not Status.WAIVED or gap.waiver is None:
        return gap.status.value
    until = f"{gap.waiver.owner} answers until {gap.waiver.until}: {gap.waiver.reason}"
    return clean(f"waived, {until}" if gap.answered_for(now) else f"waiver is over ({until})")


def next_step(left: Sequence[Gap], now: datetime) -> str:
    """What to do first: what is overdue before what nobody has, before the worst."""
    late = [gap for gap in left if gap.overdue(now)]
    if late:
        return clean(f"{late[0].id} of {late[0].flow} is overdue, {late[0].owner} has it: {late[0].fix}")
    free = [gap for gap in left if gap.owner is None]
    if free:
        return f"{free[0].id} has no owner: voicedr gaps take {free[0].id} --owner PERSON --due DATE"
    return clean(f"{left[0].id} of {left[0].flow}, {left[0].owner} has it: {left[0].fix}")


def _summary(shown: Sequence[Gap], now: datetime) -> str:
    standing = [gap for gap in shown if gap.stands]
    waived = sum(gap.answered_for(now) for gap in standing)
    late = sum(gap.overdue(now) for gap in standing)
    free = sum(gap.owner is None and not gap.answered_for(now) for gap in standing)
    word = "gap stands" if len(standing) == 1 else "gaps stand"
    return f"{len(standing)} {word}: {waived} waived, {late} overdue, {free} without an owner"


def _cut(text: str) -> str:
    return text if len(text) <= WHAT_CHARACTERS_MAX else text[: WHAT_CHARACTERS_MAX - 1] + "…"
