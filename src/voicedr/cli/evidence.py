"""After it: the report of an execution, and the evidence that nobody touched it."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from voicedr.adapters.machine_key import load_public, machine_key, public_pem, signs
from voicedr.cli.execute import ExecutionId, chosen
from voicedr.cli.failures import DONE, FINDING, WRONG_USE, Stop
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    AsJson,
    JournalFile,
    WorkbookFile,
    journal_of,
    journal_path,
    out,
    say_json,
    workbook_of,
)
from voicedr.program.evidence.file import Checkpoint, EvidenceBroken, checkpoint_words, execution_of
from voicedr.program.evidence.file import verify as verify_evidence
from voicedr.program.validation.callers import CallerTally
from voicedr.usecases.export_evidence import export_evidence, make_checkpoint
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
    _write(path, body)
    out.print(str(path.resolve()), soft_wrap=True)


@evidence.command()
def export(
    execution_id: ExecutionId = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    to: Annotated[Path | None, typer.Option("--to", help="The file. Default: EXECUTION.evidence.jsonl here.")] = None,
) -> None:
    """Write an execution's journal as one file that anybody can verify offline."""
    journal = journal_of(workbook_file, journal_file)
    summary = chosen(journal, execution_id, finished_too=True)
    path = to or Path(f"{summary.execution}.evidence.jsonl")
    _write(path, export_evidence(journal, summary.execution))
    out.print(str(path.resolve()), soft_wrap=True)


@evidence.command()
def checkpoint(
    execution_id: ExecutionId = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    to: Annotated[
        Path | None, typer.Option("--to", help="A file to append to, elsewhere. Default: the screen.")
    ] = None,
) -> None:
    """Say how long an execution's journal is now and what its head is, signed. Keep it where nobody here can reach."""
    journal = journal_of(workbook_file, journal_file)
    summary = chosen(journal, execution_id, finished_too=True)
    key = machine_key(_key_file(workbook_file, journal_file))
    line = msgspec.json.encode(make_checkpoint(journal, summary.execution, datetime.now(UTC), key.sign)).decode()
    if to is None:
        typer.echo(line)
        return
    try:
        with to.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError as exc:
        raise Stop(f"the checkpoint cannot be added to {to} ({exc.strerror}). Name another place.", WRONG_USE) from exc
    out.print(f"{to.resolve()}: {line}", markup=False, soft_wrap=True)


@evidence.command("checkpoint-key")
def checkpoint_key(workbook_file: WorkbookFile = DEFAULT_WORKBOOK, journal_file: JournalFile = None) -> None:
    """Print the public key that verifies this machine's checkpoints. Keep it with them."""
    typer.echo(public_pem(machine_key(_key_file(workbook_file, journal_file))), nl=False)


@evidence.command()
def verify(
    file: Annotated[Path, typer.Argument(help="An evidence file.")],
    checkpoints: Annotated[
        list[Path] | None, typer.Option("--checkpoint", help="A file of checkpoints kept elsewhere; repeat it.")
    ] = None,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", help="Verifies the checkpoints' signatures.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Verify an evidence file, offline, with nothing but the file. Exit 0 whole, 1 broken, 2 not an evidence file."""
    try:
        body = file.read_bytes()
    except OSError as exc:
        raise Stop(f"{file} cannot be read ({exc.strerror}). Name an evidence file.", WRONG_USE) from exc
    kept = [one for path in checkpoints or [] for one in _checkpoints(path, public_key)]
    try:
        execution = execution_of(body)
        verdict = verify_evidence(body, [one for one in kept if one.execution == execution])
    except EvidenceBroken as exc:
        raise Stop(f"{file}: {exc}. `voicedr export` writes evidence files.", WRONG_USE) from exc
    if kept and not any(one.execution == execution for one in kept):
        raise Stop(f"none of the {len(kept)} checkpoints is of {execution}. Name the file that has its.", WRONG_USE)
    if as_json:
        say_json(msgspec.to_builtins(verdict))
    elif verdict.whole:
        out.print(f"whole: {execution}: {verdict.what}; head {verdict.head}", soft_wrap=True)
        out.print(
            f"{verdict.held} checkpoints from elsewhere agree."
            if verdict.held
            else "No checkpoint was given, so a cut tail would not be noticed: --checkpoint FILE.",
            soft_wrap=True,
        )
    else:
        out.print(f"BROKEN: {execution}: {verdict.what}.", soft_wrap=True)
        out.print(
            f"Records 1 to {verdict.records} hold; from {verdict.first_bad or 'there'} on nothing can be trusted."
        )
    raise typer.Exit(DONE if verdict.whole else FINDING)


def _checkpoints(path: Path, public_key: Path | None) -> list[Checkpoint]:
    """The checkpoints in a file, their signatures verified where there is a key to verify with."""
    try:
        lines = path.read_bytes().splitlines()
        found = [msgspec.json.decode(line, type=Checkpoint) for line in lines if line.strip()]
    except (OSError, msgspec.DecodeError) as exc:
        raise Stop(
            f"{path} is not a file of checkpoints ({exc}). Name one that `voicedr checkpoint` wrote.", WRONG_USE
        ) from exc
    if public_key is None:
        return found
    key = load_public(public_key)
    for number, one in enumerate(found, start=1):
        if not signs(key, one.signature, checkpoint_words(one.execution, one.size, one.head, one.at)):
            raise Stop(
                f"{path}:{number}: this checkpoint was not signed with the key in {public_key}, or was changed since."
                f" It proves nothing. Leave it out, or find the right key.",
                FINDING,
            )
    return found


def _key_file(workbook_file: Path, journal_file: Path | None) -> Path:
    return journal_path(workbook_file, journal_file).parent / "checkpoint-key.pem"


def _write(path: Path, body: bytes) -> None:
    try:
        path.write_bytes(body)
    except OSError as exc:
        raise Stop(f"{path} cannot be written ({exc.strerror}). Name another place: --to FILE.", WRONG_USE) from exc


def _tally(path: Path | None) -> CallerTally | None:
    if path is None:
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=CallerTally)
    except (OSError, msgspec.DecodeError) as exc:
        raise Stop(f"{path} is not a caller tally ({exc}). Leave it out, or name another file.", WRONG_USE) from exc
