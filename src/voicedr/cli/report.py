"""After it: the report of an execution in every form, and the evidence pack with all of them."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from voicedr.adapters.machine_key import machine_key, public_pem
from voicedr.adapters.pdf import PdfUnusable, paged_pdf
from voicedr.bootstrap import CHECKPOINT_KEY, incidents_of
from voicedr.cli.execute import ExecutionId, chosen
from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    JournalFile,
    WorkbookFile,
    err,
    journal_of,
    keys_folder,
    out,
    workbook_of,
)
from voicedr.program.evidence.file import Checkpoint, checkpoint_words
from voicedr.program.evidence.pack import MANIFEST, sha256
from voicedr.program.scope.workbook import Flow
from voicedr.program.validation.callers import CallerTally
from voicedr.usecases.export_incident import export_incident
from voicedr.usecases.tell_execution import Told, tell_execution
from voicedr.usecases.write_pack import Beside, pack_files
from voicedr.usecases.write_report import report_html, report_json, report_markdown

reporting = typer.Typer()


class ReportForm(StrEnum):
    """How a report is written."""

    HTML = "html"
    PDF = "pdf"
    JSON = "json"
    MARKDOWN = "markdown"


@reporting.command()
def report(
    execution_id: ExecutionId = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    form: Annotated[
        ReportForm, typer.Option("--format", help="How to write it. PDF needs voicedr[pdf].")
    ] = ReportForm.HTML,
    to: Annotated[
        Path | None, typer.Option("--to", help="The file. Default: EXECUTION.html here; - for the screen.")
    ] = None,
    all_to: Annotated[
        Path | None,
        typer.Option(
            "--all-to",
            metavar="FOLDER",
            help="Write the evidence pack into a new folder: every form, plan, workbook, evidence, hashes.",
        ),
    ] = None,
    callers: Annotated[
        Path | None, typer.Option("--callers", help="What callers met, counted elsewhere: JSON of a caller tally.")
    ] = None,
    readiness: Annotated[
        Path | None,
        typer.Option("--readiness", help="With --all-to: what voicedr ready --format json wrote before the run."),
    ] = None,
) -> None:
    """Write the report of an execution: what happened, how long callers were hurt, whether the promise was kept."""
    if all_to is not None and (to is not None or form is not ReportForm.HTML):
        raise Stop("--all-to writes every form into its folder. Leave --to and --format out.", WRONG_USE)
    if all_to is not None:
        _must_be_new(all_to)
    if readiness is not None and all_to is None:
        raise Stop("--readiness goes into an evidence pack. Say where: --all-to FOLDER.", WRONG_USE)
    baseline = None if readiness is None else _readiness(readiness)
    workbook = workbook_of(workbook_file)
    journal = journal_of(workbook_file, journal_file)
    summary = chosen(journal, execution_id, finished_too=True)
    flow = workbook.flow(summary.flow)
    incidents = incidents_of(journal)
    told = tell_execution(journal, incidents, workbook, summary.execution, _tally(callers))
    if all_to is not None:
        named = told.story.around.incident
        beside = Beside(
            workbook=_read(workbook_file, "the workbook"),
            readiness=baseline,
            pdf=_pdf_if_possible(told, flow),
            incident=export_incident(incidents, named) if named else None,
            **_checkpoint(told, workbook_file, journal_file),  # type: ignore[arg-type]
        )
        _write_pack(all_to, pack_files(told, flow, beside))
        return
    body = _written(told, flow, form)
    if to == Path("-"):
        typer.echo(body.decode() if form is not ReportForm.PDF else body, nl=form is not ReportForm.PDF)
        return
    suffix = "md" if form is ReportForm.MARKDOWN else form.value
    path = to or Path(f"{summary.execution}.{suffix}")
    _write(path, body)
    out.print(str(path.resolve()), soft_wrap=True, markup=False)


def _written(told: Told, flow: Flow | None, form: ReportForm) -> bytes:
    match form:
        case ReportForm.HTML:
            return report_html(told.story, flow, made_at=datetime.now(UTC)).encode()
        case ReportForm.PDF:
            return paged_pdf(report_html(told.story, flow, made_at=datetime.now(UTC), paper=True))
        case ReportForm.JSON:
            return report_json(told.story)
        case ReportForm.MARKDOWN:
            return report_markdown(told.story).encode()


def _pdf_if_possible(told: Told, flow: Flow | None) -> bytes | None:
    """None, and said so, where there is no WeasyPrint: a pack without paper is worth more than none."""
    try:
        return paged_pdf(report_html(told.story, flow, paper=True))
    except PdfUnusable as exc:
        err.print(f"voicedr: the pack has no report.pdf: {exc}", markup=False)
        return None


def _checkpoint(told: Told, workbook_file: Path, journal_file: str | None) -> dict[str, object]:
    """A checkpoint of the records that are packed, and the public key of this machine."""
    key = machine_key(keys_folder(workbook_file, journal_file) / CHECKPOINT_KEY)
    last, now = told.records[-1], datetime.now(UTC)
    execution = told.story.execution or ""
    words = checkpoint_words(execution, last.seq, last.hash, now)
    made = Checkpoint(execution, last.seq, last.hash, now, key.sign(words).hex())
    return {"checkpoint": made, "public_key": public_pem(key)}


def _must_be_new(folder: Path) -> None:
    """New or empty: an old file among them would be taken for a part of the pack."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Stop(f"{folder} is not empty. Name a new folder: --all-to FOLDER. Nothing was written.", WRONG_USE)


def _write_pack(folder: Path, files: dict[str, bytes]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, body in files.items():
            (folder / name).write_bytes(body)
    except OSError as exc:
        raise Stop(f"{folder} cannot be written ({exc.strerror}). Name another folder: --all-to.", WRONG_USE) from exc
    out.print(f"{folder.resolve()}: {len(files)} files", soft_wrap=True, markup=False)
    out.print(f"keep elsewhere: SHA-256 of {MANIFEST} {sha256(files[MANIFEST])}", soft_wrap=True, markup=False)
    out.print(f"next: voicedr verify {folder}", soft_wrap=True, markup=False)


def _write(path: Path, body: bytes) -> None:
    try:
        path.write_bytes(body)
    except OSError as exc:
        raise Stop(f"{path} cannot be written ({exc.strerror}). Name another place: --to FILE.", WRONG_USE) from exc


def _read(path: Path, what: str) -> bytes:
    try:
        return path.read_bytes()
    except OSError as exc:
        raise Stop(f"{path} cannot be read as {what} ({exc.strerror}). Name another file.", WRONG_USE) from exc


def _readiness(path: Path) -> bytes:
    body = _read(path, "a readiness report")
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as exc:
        raise Stop(
            f"{path} is not JSON ({exc}). Write it before the run: voicedr ready --format json > FILE.", WRONG_USE
        ) from exc
    return body


def _tally(path: Path | None) -> CallerTally | None:
    if path is None:
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=CallerTally)
    except (OSError, msgspec.DecodeError) as exc:
        raise Stop(f"{path} is not a caller tally ({exc}). Leave it out, or name another file.", WRONG_USE) from exc
