"""After the flow is home: fetch what its callers left in the standby, and verify what was fetched."""

from __future__ import annotations

import asyncio
import getpass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.progress import Progress

from voicedr.adapters.export_folder import ExportFolder
from voicedr.adapters.journal.sql import SqlJournal
from voicedr.bootstrap import access, holder
from voicedr.cli.execute import ExecutionId, chosen
from voicedr.cli.failures import DONE, FINDING, REFUSED, UNKNOWN, WRONG_USE, Stop
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    AsJson,
    JournalFile,
    WorkbookFile,
    err,
    journal_of,
    out,
    say_json,
    workbook_of,
)
from voicedr.ports.journal import ExecutionSummary, Held
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import Plan
from voicedr.program.execution.state import fold
from voicedr.program.reconciliation.manifest import NAME as MANIFEST
from voicedr.program.reconciliation.manifest import Counts, Missing, read
from voicedr.program.reconciliation.window import Stay, stay_of
from voicedr.program.scope.workbook import Workbook
from voicedr.program.vocabulary import Purpose
from voicedr.usecases.reconcile import Wanted, check
from voicedr.usecases.reconcile import reconcile as fetch
from voicedr.usecases.recorder import LEASE_S

reconciling = typer.Typer()

NAMED_MAX = 10

MEGABYTE = 1024 * 1024


class Sound(StrEnum):
    """The form of recordings."""

    WAV = "wav"
    MP3 = "mp3"


@reconciling.command()
def reconcile(
    execution_id: ExecutionId = None,
    to: Annotated[Path, typer.Option("--to", metavar="DIR", help="Where the export is, or goes on.")] = ...,  # type: ignore[assignment]
    verify: Annotated[
        bool, typer.Option("--check", help="Fetch nothing: verify the export in DIR against its manifest, offline.")
    ] = False,
    without_media: Annotated[
        bool, typer.Option("--without-media", help="No sound, and no words of transcriptions and messages.")
    ] = False,
    redact: Annotated[
        bool, typer.Option("--redact", help="Shorten every number to its first and last two digits.")
    ] = False,
    form: Annotated[Sound, typer.Option("--form", help="The form of the sound; mp3 is smaller.")] = Sound.WAV,
    conferences: Annotated[
        bool, typer.Option("--conferences", help="Also recordings of conferences, whoever took part.")
    ] = False,
    megabytes_max: Annotated[
        int, typer.Option("--megabytes-max", min=1, help="Of sound in all; the rest is for the next time.")
    ] = 10_240,
    items_max: Annotated[int, typer.Option("--items-max", min=1, help="Of calls, of recordings, and so on.")] = 100_000,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Fetch what was left in the standby: calls, recordings, voicemails, transcriptions, messages.

    It only reads there. Killed at any instant, the same command goes on. EXECUTION is the failover; none: the newest
    one that is finished. Exit 0 all is there or known not to be, 3 something could not be fetched, 1 (--check) changed.
    """
    exports = ExportFolder(to)
    if verify:
        head, counts, problems = check(exports)
        if as_json:
            say_json({"execution": head.execution, "problems": problems, **msgspec.to_builtins(counts)})
        else:
            for one in problems[:NAMED_MAX]:
                out.print(one, markup=False, soft_wrap=True)
            if len(problems) > NAMED_MAX:
                out.print(f"and {len(problems) - NAMED_MAX} more")
            word = "whole" if not problems else f"CHANGED: {len(problems)} problems"
            out.print(f"{word}: {_in_words(counts)}, of {head.execution} in {head.region}", markup=False)
        raise typer.Exit(FINDING if problems else DONE)
    workbook = workbook_of(workbook_file)
    journal = journal_of(workbook_file, journal_file)
    summary = _failover(journal, execution_id)
    stay, plan = _stay(journal, summary)
    wanted = Wanted(
        media=None if without_media else form.value,
        redact=redact,
        conferences=conferences,
        bytes_max=megabytes_max * MEGABYTE,
        items_max=items_max,
    )
    if not as_json and stay.until is None:
        err.print(
            f"{stay.flow} is not home, as far as the journals say: what comes to {stay.region} from now on is not in"
            " this export. Run it again after the failback.",
            style="yellow",
        )
    counts, digest = asyncio.run(_fetch(workbook, stay, plan, wanted, exports, as_json))
    _record(journal, stay, counts, digest, redact, as_json)
    _tell(to, exports, stay, counts, digest, as_json)
    raise typer.Exit(UNKNOWN if counts.unsettled else DONE)


async def _fetch(
    workbook: Workbook, stay: Stay, plan: Plan, wanted: Wanted, exports: ExportFolder, as_json: bool
) -> tuple[Counts, str]:
    # Nobody else is asked: the Region that was left may be dead.
    without = frozenset(region for region in workbook.account.regions if region != stay.region)
    async with access(workbook, without=without) as has:
        provider = has.providers.get(stay.region)
        if provider is None:
            raise Stop(f"{workbook.path} does not say how {stay.region} is reached: account.regions.", WRONG_USE)
        with Progress(console=err, transient=True, disable=as_json or not err.is_terminal) as bars:
            tasks = {what: bars.add_task(what, total=None) for what in ("calls", "recordings", "sounds")}

            def show(what: str, done: int, of: int) -> None:
                if what in tasks:
                    bars.update(tasks[what], completed=done, total=of)
                if as_json:
                    typer.echo(msgspec.json.encode({"progress": what, "done": done, "of": of}).decode(), err=True)

            return await fetch(stay, plan, wanted, provider, exports, has.clock, show)


def _failover(journal: SqlJournal, execution_id: str | None) -> ExecutionSummary:
    """The failover whose standby is asked: the one named, or the newest finished one."""
    if execution_id is not None:
        summary = chosen(journal, execution_id, finished_too=True)
        if not summary.finished:
            raise Stop(
                f"{summary.execution} is not finished: it may still move calls. Finish it (voicedr resume"
                f" {summary.execution}) or abort it first. Nothing was fetched.",
                REFUSED,
            )
        return summary
    for summary in journal.executions():
        opened = journal.read(summary.execution)[0].event
        if summary.finished and isinstance(opened, ev.Opened) and opened.plan.purpose is Purpose.FAILOVER:
            return summary
    raise Stop("there is no finished failover, so nothing was left anywhere. voicedr executions lists all.", WRONG_USE)


def _stay(journal: SqlJournal, summary: ExecutionSummary) -> tuple[Stay, Plan]:
    events = [record.event for record in journal.read(summary.execution)]
    later = [
        (one.execution, [record.event for record in journal.read(one.execution)])
        for one in reversed(journal.executions())
        if one.flow == summary.flow and one.opened_at > summary.opened_at
    ]
    return stay_of(summary.execution, events, later), fold(events).plan


def _record(journal: SqlJournal, stay: Stay, counts: Counts, digest: str, redacted: bool, as_json: bool) -> None:
    """Note it in the execution's journal, once for each manifest. The export is whole without it."""
    before = fold(record.event for record in journal.read(stay.execution)).reconciled
    if before is not None and before.manifest == digest:
        return
    now = datetime.now(UTC)
    said = ev.Reconciled(
        at=now,
        region=stay.region,
        by=getpass.getuser(),
        since=stay.since,
        until=stay.until,
        manifest=digest,
        redacted=redacted,
        **msgspec.structs.asdict(counts),
    )
    try:
        lease = journal.take(stay.execution, holder(), now, LEASE_S)
    except Held as exc:
        if not as_json:
            err.print(
                f"The export is whole, but not noted in the journal: {exc} Run it again to note it.", markup=False
            )
        return
    journal.append(lease, [said], now, LEASE_S)
    journal.release(lease)


def _tell(to: Path, exports: ExportFolder, stay: Stay, counts: Counts, digest: str, as_json: bool) -> None:
    missing = [one for one in read(exports.read(MANIFEST) or b"") if isinstance(one, Missing)]
    if as_json:
        say_json(
            {
                "execution": stay.execution,
                "region": stay.region,
                "since": stay.since.isoformat(),
                "until": None if stay.until is None else stay.until.isoformat(),
                "folder": str(to.resolve()),
                "manifest": digest,
                **msgspec.to_builtins(counts),
                "missing_items": [msgspec.to_builtins(one) for one in missing if not one.settled],
            }
        )
        return
    out.print(f"{_in_words(counts)}, left in {stay.region} by {stay.execution}", markup=False)
    unsettled = [one for one in missing if not one.settled]
    for one in unsettled[:NAMED_MAX]:
        out.print(f"  not fetched: {one.kind} {one.sid}: {one.why}", markup=False, soft_wrap=True)
    if len(unsettled) > NAMED_MAX:
        out.print(f"  and {len(unsettled) - NAMED_MAX} more: {MANIFEST}")
    out.print(f"{to.resolve()}/{MANIFEST}  SHA-256 {digest}", soft_wrap=True)
    if counts.unsettled:
        out.print(f"Go on with the same command, and verify with: voicedr reconcile --check --to {to}", soft_wrap=True)


def _in_words(counts: Counts) -> str:
    return (
        f"{counts.calls} calls, {counts.recordings} recordings ({counts.voicemails} voicemails),"
        f" {counts.media} sounds ({counts.media_bytes / MEGABYTE:.1f} MB), {counts.transcriptions} transcriptions,"
        f" {counts.messages} messages, {counts.missing} not there"
        + (f" ({counts.unsettled} of them to be fetched again)" if counts.unsettled else "")
    )
