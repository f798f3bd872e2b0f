"""After it: the report of an execution."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from voicedr.cli.execute import ExecutionId, chosen
from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.cli.options import DEFAULT_WORKBOOK, JournalFile, WorkbookFile, journal_of, out, workbook_of
from voicedr.program.validation.callers import CallerTally
from voicedr.usecases.write_report import report_html, report_json, report_markdown, story_of

evidence = typer.Typer()


class ReportForm(StrEnum):
    """How a report is written."""

    HTML = "html"
    JSON = "json"
    MARKDOWN = "markdown"


@evidence.command()
def report(
    execution_id: ExecutionId = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    form: Annotated[ReportForm, typer.Option("--format", help="How to write it.")] = ReportForm.HTML,
    to: Annotated[
        Path | None, typer.Option("--to", help="The file. Default: EXECUTION.html here; - for the screen.")
    ] = None,
    callers: Annotated[
        Path | None, typer.Option("--callers", help="What callers met, counted elsewhere: JSON of a caller tally.")
    ] = None,
) -> None:
    """Write the report of an execution: what happened, how long callers were hurt, whether the promise was kept."""
    workbook = workbook_of(workbook_file)
    journal = journal_of(workbook_file, journal_file)
    summary = chosen(journal, execution_id, finished_too=True)
    story = story_of(journal.read(summary.execution), _tally(callers))
    match form:
        case ReportForm.HTML:
            body = report_html(story, workbook.flow(summary.flow), made_at=datetime.now(UTC)).encode()
        case ReportForm.JSON:
            body = report_json(story)
        case ReportForm.MARKDOWN:
            body = report_markdown(story).encode()
    if to == Path("-"):
        typer.echo(body.decode())
        return
    suffix = "md" if form is ReportForm.MARKDOWN else form.value
    path = to or Path(f"{summary.execution}.{suffix}")
    try:
        path.write_bytes(body)
    except OSError as exc:
        raise Stop(
            f"the report cannot be written to {path} ({exc.strerror}). Name another place: --to FILE.", WRONG_USE
        ) from exc
    out.print(str(path.resolve()))


def _tally(path: Path | None) -> CallerTally | None:
    if path is None:
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=CallerTally)
    except (OSError, msgspec.DecodeError) as exc:
        raise Stop(f"{path} is not a caller tally ({exc}). Leave it out, or name another file.", WRONG_USE) from exc
