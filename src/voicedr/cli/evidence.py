"""After it: the evidence that nobody touched an execution's journal."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from voicedr.adapters.machine_key import machine_key
from voicedr.adapters.redaction_key import redaction_key
from voicedr.bootstrap import CHECKPOINT_KEY, incidents_of
from voicedr.cli.execute import ExecutionId, chosen
from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    JournalFile,
    WorkbookFile,
    journal_of,
    keys_folder,
    out,
)
from voicedr.program.evidence.redaction import redact
from voicedr.program.execution.events import Opened
from voicedr.usecases.export_evidence import export_evidence
from voicedr.usecases.export_incident import export_incident

evidence = typer.Typer()


@evidence.command()
def export(
    execution_id: ExecutionId = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    to: Annotated[
        Path | None,
        typer.Option("--to", help="The file. Default: EXECUTION.evidence.jsonl here, or EXECUTION.redacted.jsonl."),
    ] = None,
    redacted: Annotated[
        bool, typer.Option("--redacted", help="Leave out numbers, names, notes and addresses; signed by this machine.")
    ] = False,
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--redaction-key", help="The key of the redacted edition, made on first use. Default: beside the journal."
        ),
    ] = None,
) -> None:
    """Write an execution's journal as one file that anybody can verify offline, and its incident's beside it."""
    if key_file is not None and not redacted:
        raise Stop("--redaction-key is the key of a redacted edition. Add --redacted, or leave it out.", WRONG_USE)
    journal = journal_of(workbook_file, journal_file)
    summary = chosen(journal, execution_id, finished_too=True)
    body = export_evidence(journal, summary.execution)
    path = to or Path(f"{summary.execution}.{'redacted' if redacted else 'evidence'}.jsonl")
    if redacted:
        keys = keys_folder(workbook_file, journal_file)
        key = redaction_key(key_file or keys / "redaction-key")
        body = redact(body, key, machine_key(keys / CHECKPOINT_KEY).sign)
    _write(path, body)
    out.print(str(path.resolve()), soft_wrap=True)
    opened = next(iter(journal.read(summary.execution))).event
    if not isinstance(opened, Opened) or not opened.incident:
        return
    if redacted:
        out.print(f"without {opened.incident}, whose record is names and words", markup=False, soft_wrap=True)
        return
    beside = path.with_name(f"{path.name.removesuffix('.jsonl').removesuffix('.evidence')}.incident.jsonl")
    _write(beside, export_incident(incidents_of(journal), opened.incident))
    out.print(str(beside.resolve()), soft_wrap=True)


def _write(path: Path, body: bytes) -> None:
    try:
        path.write_bytes(body)
    except OSError as exc:
        raise Stop(f"{path} cannot be written ({exc.strerror}). Name another place: --to FILE.", WRONG_USE) from exc
