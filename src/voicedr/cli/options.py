"""Options that several commands have, and what they open."""

from __future__ import annotations

import getpass
import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.adapters.secrets import resolve
from voicedr.bootstrap import load_workbook, open_journal
from voicedr.cli.failures import WRONG_USE, Stop
from voicedr.program.scope.workbook import Flow, Person, Workbook

WorkbookFile = Annotated[
    Path, typer.Option("--workbook", "-w", envvar="VOICEDR_WORKBOOK", help="The workbook.", show_default=True)
]
JournalFile = Annotated[
    str | None,
    typer.Option(
        "--journal",
        envvar="VOICEDR_JOURNAL",
        help="The journal: a file, postgresql://USER@HOST/NAME, or a reference to either (env:NAME, file:/PATH)."
        " Default: the workbook's, else .voicedr/journal.db beside it.",
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


def journal_of(workbook_file: Path, journal_file: str | None) -> SqlJournal:
    """The journal that belongs to a workbook."""
    return open_journal(journal_place(workbook_file, journal_file))


def journal_place(workbook_file: Path, journal_file: str | None) -> Path | str:
    """Where the journal is: as was said, else as the workbook says, else beside the workbook.

    A path, or text that is an address or a reference to one.
    """
    said = journal_file
    if said is None and workbook_file.exists():
        said = load_workbook(workbook_file).journal.at
    if said is None:
        return workbook_file.resolve().parent / ".voicedr" / "journal.db"
    if "://" in said or said.partition(":")[0] in ("env", "file", "keyring"):
        return said
    return Path(said) if journal_file is not None else workbook_file.resolve().parent / said


def keys_folder(workbook_file: Path, journal_file: str | None) -> Path:
    """Where keys of this machine are kept: beside the journal if it is a file, else beside the workbook."""
    place = journal_place(workbook_file, journal_file)
    if isinstance(place, str) and place.partition(":")[0] in ("env", "file", "keyring"):
        place = resolve(place)
        place = place if "://" in place else Path(place).expanduser()
    return place.parent if isinstance(place, Path) else workbook_file.resolve().parent / ".voicedr"


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
