"""Options that several commands have, and what they open."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.bootstrap import load_workbook, open_journal
from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.program.scope.workbook import Flow, Person, Workbook

WorkbookFile = Annotated[
    Path, typer.Option("--workbook", "-w", envvar="VOICEDR_WORKBOOK", help="The workbook.", show_default=True)
]
JournalFile = Annotated[
    Path | None,
    typer.Option(
        "--journal", envvar="VOICEDR_JOURNAL", help="The journal. Default: .voicedr/journal.db beside the workbook."
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON for machines: one object, or one per line.")]
As = Annotated[str | None, typer.Option("--as", help="Who you are: a person of the workbook.")]
Why = Annotated[str, typer.Option("--why", help="Why; kept in the journal.")]

DEFAULT_WORKBOOK = Path("voicedr.yaml")

LOG_COLUMNS = 120
"""How wide tables are where nobody says how wide the screen is."""

out = Console(highlight=False)
if not out.is_terminal:
    out = Console(highlight=False, width=LOG_COLUMNS)
err = Console(stderr=True, highlight=False, soft_wrap=True)


def journal_of(workbook_file: Path, journal_file: Path | None) -> SqliteJournal:
    """The journal that belongs to a workbook."""
    return open_journal(journal_path(workbook_file, journal_file))


def journal_path(workbook_file: Path, journal_file: Path | None) -> Path:
    """Where a workbook's journal is unless somebody says otherwise."""
    return journal_file or workbook_file.resolve().parent / ".voicedr" / "journal.db"


def workbook_of(path: Path) -> Workbook:
    """The workbook, read and checked."""
    return load_workbook(path)


def flow_of(workbook: Workbook, flow_id: str) -> Flow:
    """A flow of the workbook, or a stop that names those it has."""
    flow = workbook.flow(flow_id)
    if flow is None:
        has = ", ".join(one.id for one in workbook.flows)
        raise Stop(f"{workbook.path} has no flow {flow_id!r}. It has: {has}.", WRONG_USE)
    return flow


def person_of(workbook: Workbook, person_id: str | None) -> Person:
    """A person of the workbook, or a stop that names those it has."""
    person = next((one for one in workbook.people if one.id == person_id), None)
    if person is None:
        has = ", ".join(one.id for one in workbook.people)
        said = f"{person_id!r} is nobody in {workbook.path}" if person_id else "say who you are: --as PERSON"
        raise Stop(f"{said}. It has: {has}.", WRONG_USE)
    return person


def whoever(workbook: Workbook, person_id: str | None) -> str:
    """A person's name if one was given, else the operating system's user."""
    return person_of(workbook, person_id).name if person_id else getpass.getuser()


def say_json(value: object) -> None:
    """One line of JSON on standard output."""
    typer.echo(json.dumps(value, default=str, ensure_ascii=False))
