"""The gap list: who closes what until when, and who answers for what."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer
from typer.core import TyperGroup

from voicedr.bootstrap import gaps_beside
from voicedr.cli.failures import DONE, FINDING, WRONG_USE, Stop
from voicedr.cli.gaps_output import gap_line, print_gaps
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    AsJson,
    WorkbookFile,
    flow_of,
    out,
    say_json,
    workbook_of,
)
from voicedr.program.readiness.gaps import Gap, GapList, worst_first
from voicedr.usecases.keep_gaps import fix_gap, take_gap, unwaive_gap, waive_gap


class ListIsMeant(TyperGroup):
    """``voicedr gaps`` and ``voicedr gaps FLOW`` are ``voicedr gaps list``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Where no command is named, the list is meant."""
        if not args or (args[0] not in self.commands and args[0] not in ("-h", "--help")):
            args = ["list", *args]
        return super().parse_args(ctx, args)


gaps_app = typer.Typer(
    cls=ListIsMeant, help="The gap list: what stands, who closes it, until when, and who answers for it."
)

GapFileAt = Annotated[
    Path | None,
    typer.Option(
        "--gaps",
        metavar="FILE",
        envvar="VOICEDR_GAPS",
        help="The gap list, e.g. to keep it in git. Default: .voicedr/gaps.json beside the workbook.",
        show_default=False,
    ),
]
Id = Annotated[str, typer.Argument(metavar="ID", help="The gap, as `voicedr gaps` shows it.")]
Owner = Annotated[str, typer.Option("--owner", metavar="PERSON", help="A person of the workbook.")]

_ID = re.compile(r"[0-9a-f]{8}")


@gaps_app.command("list")
def list_(
    flow_id: Annotated[str | None, typer.Argument(metavar="[FLOW]", help="Only this flow's.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Also those that are closed or gone.")] = False,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    gaps_file: GapFileAt = None,
    as_json: AsJson = False,
) -> None:
    """The gaps as the latest runs left them. Nothing is looked at: `voicedr ready` does that.

    Exit 0 none stands that nobody answers for, 1 gaps stand.
    """
    workbook = workbook_of(workbook_file)
    if flow_id is not None:
        flow_of(workbook, flow_id)
    known, now = gaps_beside(workbook_file, gaps_file).load(), datetime.now(UTC)
    found = [gap for gap in known.gaps.values() if flow_id in (None, gap.flow) and (every or gap.stands)]
    shown = sorted(found, key=worst_first)
    if as_json:
        say_json(_values(known, shown, now))
    else:
        print_gaps(known, shown, now, out, {one.id: one.name for one in workbook.people})
    left = [gap for gap in shown if gap.stands and not gap.answered_for(now)]
    raise typer.Exit(FINDING if left else DONE)


@gaps_app.command("take")
def take(
    id_: Id,
    owner: Owner,
    due: Annotated[str, typer.Option("--due", metavar="DATE", help="Until when, e.g. 2026-12-01.")],
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    gaps_file: GapFileAt = None,
) -> None:
    """Give a gap to a person, until a day."""
    workbook = workbook_of(workbook_file)
    lists = gaps_beside(workbook_file, gaps_file)
    _told(take_gap(lists, workbook, _id(id_), owner, _day("--due", due)), id_)


@gaps_app.command("fixed")
def fixed(id_: Id, workbook_file: WorkbookFile = DEFAULT_WORKBOOK, gaps_file: GapFileAt = None) -> None:
    """Say that a gap is fixed. It is closed when `voicedr ready` has seen it pass."""
    workbook_of(workbook_file)
    known = fix_gap(gaps_beside(workbook_file, gaps_file), _id(id_))
    _told(known, id_)
    out.print(f"next: voicedr ready {known.gaps[id_].flow}", markup=False)


@gaps_app.command("waive")
def waive(
    id_: Id,
    owner: Owner,
    until: Annotated[str, typer.Option("--until", metavar="DATE", help="The last day it holds, e.g. 2026-12-01.")],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Why it may stand; kept in the list.")],
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    gaps_file: GapFileAt = None,
) -> None:
    """Have a person answer for a gap until a day: it stays one and fails no build. What is unknown cannot be waived."""
    workbook = workbook_of(workbook_file)
    lists = gaps_beside(workbook_file, gaps_file)
    _told(waive_gap(lists, workbook, _id(id_), owner, why, _day("--until", until), datetime.now(UTC)), id_)


@gaps_app.command("unwaive")
def unwaive(id_: Id, workbook_file: WorkbookFile = DEFAULT_WORKBOOK, gaps_file: GapFileAt = None) -> None:
    """Take a waiver back: the gap is open again."""
    workbook_of(workbook_file)
    _told(unwaive_gap(gaps_beside(workbook_file, gaps_file), _id(id_)), id_)


def _told(known: GapList, id_: str) -> None:
    out.print(gap_line(known.gaps[id_], datetime.now(UTC)), markup=False, soft_wrap=True)


def _id(text: str) -> str:
    if not _ID.fullmatch(text):
        raise Stop(f"{text[:40]!r} is no gap's id: that is eight of 0-9a-f, as `voicedr gaps` shows.", WRONG_USE)
    return text


def _day(option: str, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as exc:
        raise Stop(f"{option} {text[:40]!r} is no day. Write it as 2026-12-01.", WRONG_USE) from exc


def _values(known: GapList, shown: list[Gap], now: datetime) -> dict[str, object]:
    return {
        "gaps": [
            {**msgspec.to_builtins(gap), "overdue": gap.overdue(now), "answered_for": gap.answered_for(now)}
            for gap in shown
        ],
        "trend": {flow: list(known.trend(flow)) for flow in dict.fromkeys(run.flow for run in known.runs)},
    }
