"""What is only said to an execution; whoever runs it obeys: pause, abort, skip, go, no-go, stop, switch-mode."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from voicedr.cli.commanding import HOLDS_UP, as_it_will_stand, noted, say_to, why_nothing
from voicedr.cli.execute import ExecutionId, chosen
from voicedr.cli.failures import DONE, REFUSED
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    As,
    AsJson,
    JournalFile,
    Why,
    WorkbookFile,
    err,
    journal_of,
    out,
    person_of,
    say_json,
    whoever,
    workbook_of,
)
from voicedr.ports.journal import ExecutionSummary
from voicedr.program.execution.commands import Name, mode_note
from voicedr.program.governance.approvals import role_for
from voicedr.program.vocabulary import Mode

say = typer.Typer()


def _simple(name: str, says: str) -> None:
    def said(
        execution_id: ExecutionId = None,
        person_id: As = None,
        why: Why = "",
        workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
        journal_file: JournalFile = None,
        as_json: AsJson = False,
    ) -> None:
        workbook = workbook_of(workbook_file)
        journal = journal_of(workbook_file, journal_file)
        summary = chosen(journal, execution_id)
        by = person_of(workbook, person_id).name if name in (Name.GO, Name.NO_GO) else whoever(workbook, person_id)
        now = datetime.now(UTC)
        note = noted(workbook, journal, summary.execution, name, person_id, why, now)
        say_to(journal, summary.execution, name, by, note, now)
        _tell(name, summary, as_json, note if name in HOLDS_UP else "")

    say.command(name, help=says)(said)


_simple(Name.PAUSE, "Start nothing new; what is in flight is finished. `voicedr resume` goes on.")
_simple(Name.ABORT, "Start nothing more, ever; what was moved stays where it is.")
_simple(
    Name.SKIP, "Leave changes that were refused, unsettled or not fit to be made as they are, and go on without them."
)
_simple(Name.GO, "Answer the question that is asked: go.")
_simple(Name.NO_GO, "Answer the question that is asked: no-go.")


@say.command()
def stop(
    execution_id: ExecutionId = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Every execution of this journal that is not finished.")
    ] = False,
    person_id: As = None,
    why: Why = "emergency",
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Emergency stop: nothing that changes anything is sent from the next instant, test calls included.

    What is in flight is settled by looking. It stays stopped, also for processes that take over later, until
    `voicedr resume --why REASON`. Works while nobody runs the execution, too. Exit 4 if it would mean nothing.
    """
    workbook = workbook_of(workbook_file)
    journal = journal_of(workbook_file, journal_file)
    by = whoever(workbook, person_id)
    if not everything:
        summary = chosen(journal, execution_id)
        now = datetime.now(UTC)
        note = noted(workbook, journal, summary.execution, Name.STOP, person_id, why, now)
        say_to(journal, summary.execution, Name.STOP, by, note, now)
        _tell(Name.STOP, summary, as_json, note)
        return
    opened = [one for one in journal.executions() if not one.finished]
    # First everything is stopped, then it is told.
    refused: dict[str, str] = {}
    notes: dict[str, str] = {}
    for one in opened:
        now = datetime.now(UTC)
        note = noted(workbook, journal, one.execution, Name.STOP, person_id, why, now)
        said_no = why_nothing(as_it_will_stand(journal, one.execution), Name.STOP, by, note, now)
        if said_no is None:
            journal.command(one.execution, str(Name.STOP), by, note, now)
            notes[one.execution] = note
        else:
            refused[one.execution] = said_no
    for one in opened:
        if one.execution in refused:
            err.print(refused[one.execution], markup=False)
        else:
            _tell(Name.STOP, one, as_json, notes[one.execution])
    if not opened and not as_json:
        out.print("no execution of this journal is open: nothing sends.")
    raise typer.Exit(REFUSED if refused and len(refused) == len(opened) else DONE)


@say.command("switch-mode")
def switch_mode(
    execution_id: ExecutionId = None,
    to: Annotated[Mode, typer.Option("--to", help="ungraceful: the Region that is left is never asked again.")] = ...,  # type: ignore[assignment]
    person_id: As = None,
    why: Annotated[str, typer.Option("--why", help="Why; kept in the journal.")] = ...,  # type: ignore[assignment]
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Change in flight whether the Region that is left may be asked.

    To ungraceful: from now on it is never asked, and what needs it is refused. To graceful: only by somebody with an
    approving role, and only if that Region answers to its key right before. Exit 4 if it would mean nothing.
    """
    workbook = workbook_of(workbook_file)
    journal = journal_of(workbook_file, journal_file)
    summary = chosen(journal, execution_id)
    role = ""
    if person_id is not None:
        plan = as_it_will_stand(journal, summary.execution).plan
        role = role_for(person_of(workbook, person_id), plan) or ""
    note = mode_note(to, why, role)
    say_to(journal, summary.execution, Name.SWITCH_MODE, whoever(workbook, person_id), note, datetime.now(UTC))
    _tell(Name.SWITCH_MODE, summary, as_json)


def _tell(name: str, summary: ExecutionSummary, as_json: bool, note: str = "") -> None:
    run = summary.execution
    if note and not as_json:
        out.print(f"on record: {note}", markup=False, soft_wrap=True)
    if as_json:
        said = {"said": name, "execution": run, "run_by": summary.holder if summary.held else None}
        say_json(said | ({"note": note} if note else {}))
    elif summary.held:
        out.print(f"{name} was said to {run}, which {summary.holder} runs.", markup=False)
    elif name == Name.STOP:
        out.print(
            f"{run} is stopped. Nobody runs it now; whoever takes it up sends nothing until"
            f" voicedr resume {run} --why REASON"
        )
    else:
        out.print(f"{name} was noted for {run}. Nobody runs it now: voicedr resume {run}")
