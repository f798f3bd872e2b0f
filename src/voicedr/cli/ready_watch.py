"""`voicedr ready --watch`: a line for each thing that changed, and alerts to whom the workbook names."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec

from voicedr.adapters.alerts import AppriseAlerts
from voicedr.adapters.clock import WallClock
from voicedr.adapters.secrets import SecretError
from voicedr.bootstrap import CannotRead, snapshots_beside
from voicedr.cli.failures import Stop
from voicedr.cli.options import err, out, say_json
from voicedr.ports.gap_lists import GapListBroken, GapLists, GapListUnusable
from voicedr.ports.provider import ProviderError
from voicedr.ports.snapshots import SnapshotsUnusable
from voicedr.program.readiness.news import standing_in
from voicedr.program.readiness.package import Package
from voicedr.program.readiness.telling import counts_text, next_text, stage_text
from voicedr.program.scope.read import WorkbookBroken
from voicedr.program.scope.workbook import Workbook
from voicedr.usecases.check_readiness import NoSuchFlow
from voicedr.usecases.watch_readiness import Looked, ReadinessWatch

TROUBLE = (
    WorkbookBroken, CannotRead, SecretError, ProviderError, GapListBroken, GapListUnusable, NoSuchFlow, Stop,
)  # fmt: skip
"""What may keep one look from being had: a workbook in the middle of an edit, a secret that is not there."""


async def watch_ready(
    workbook: Workbook,
    look: Callable[[], Awaitable[Package]],
    workbook_file: Path,
    lists: GapLists,
    every_s: float,
    for_s: float | None,
    *,
    as_json: bool,
) -> Package | None:
    """Watch; what was seen last, or None if that look could not be had."""
    first = True

    def tell(looked: Looked) -> None:
        nonlocal first
        if as_json:
            _tell_json(looked)
        else:
            _tell(looked, whole=first)
        first = first and looked.package is None

    watch = ReadinessWatch(
        look,
        lambda: _word(workbook, workbook_file),
        WallClock(),
        before=standing_in(lists.load()),
        trouble=TROUBLE,
        tell=tell,
        alerts=AppriseAlerts(workbook.alerts) if workbook.alerts else None,
        every_s=every_s,
    )
    if not as_json:
        whom = f"alerts go to {len(workbook.alerts)} places" if workbook.alerts else "nobody is alerted (alerts:)"
        err.print(f"watching {workbook_file}; {whom}; Ctrl-C ends it", markup=False)
    return (await watch.run(for_s)).package


def _word(workbook: Workbook, workbook_file: Path) -> str:
    """Another word when the workbook's text is another, or somebody has kept a newer snapshot."""
    try:
        text = hashlib.sha256(workbook_file.read_bytes()).hexdigest()
    except OSError as exc:
        text = f"unreadable: {exc.strerror}"
    try:
        kept = snapshots_beside(workbook.path).every()
        newest = kept[0].sha256 if kept else ""
    except SnapshotsUnusable:
        newest = ""
    return f"{text} {newest}"


def _tell(looked: Looked, *, whole: bool) -> None:
    at = f"{looked.at:%H:%M:%S}"
    if looked.package is None:
        out.print(f"{at}  ! {looked.trouble}", markup=False, soft_wrap=True)
        return
    if whole:
        out.print(f"{at}  next: {next_text(looked.package, 3)}", markup=False, soft_wrap=True)
        for flow in looked.package.flows:
            line = f"{flow.readiness.flow}  {stage_text(flow)} · {counts_text(flow)}"
            out.print(f"{at}  {line}", markup=False, soft_wrap=True)
    for one in looked.news:
        out.print(f"{at}  {one.line}", markup=False, soft_wrap=True)


def _tell_json(looked: Looked) -> None:
    say_json(
        {
            "at": looked.at.isoformat(),
            "because": looked.because,
            "outcome": None if looked.package is None else looked.package.outcome,
            "trouble": looked.trouble or None,
            "news": msgspec.to_builtins(looked.news),
            "flows": {}
            if looked.package is None
            else {
                flow.readiness.flow: {
                    "gaps": flow.gaps_open,
                    "waived": flow.gaps_waived,
                    "unknown": len(flow.unknown),
                    "stage": flow.readiness.standing.reached,
                }
                for flow in looked.package.flows
            },
        }
    )
