"""Saying something to an execution. The table is asked first: a command that would mean nothing is not queued."""

from __future__ import annotations

from datetime import UTC, datetime

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.cli.failures import REFUSED, Stop
from voicedr.cli.options import person_of
from voicedr.program.execution.commands import Name, Obeyed, Refused, Said, meaning
from voicedr.program.execution.events import Opened
from voicedr.program.execution.state import Execution, fold
from voicedr.program.governance.authority import stood, why_no_rollback
from voicedr.program.scope.authority import Decision, Rollback
from voicedr.program.scope.workbook import Workbook


def as_it_will_stand(journal: SqlJournal, execution: str) -> Execution:
    """How an execution stands once the commands that wait for a process are obeyed."""
    state = fold(record.event for record in journal.read(execution))
    for waits in journal.commands(execution, state.obeyed):
        found = meaning(Said(waits.name, waits.by, waits.note, waits.seq, waits.at), state)
        if isinstance(found, Obeyed):
            for event in found.events:
                state.apply(event)
    return state


def why_nothing(state: Execution, name: str, by: str, note: str, now: datetime) -> str | None:
    """Why a command would mean nothing; None if it means something."""
    found = meaning(Said(name, by, note, 0, now), state)
    return f"{state.opened.execution}: {found.why}" if isinstance(found, Refused) else None


HOLDS_UP: dict[str, Decision] = {
    Name.PAUSE: Decision.STOP,
    Name.ABORT: Decision.STOP,
    Name.STOP: Decision.STOP,
    Name.ROLL_BACK: Decision.APPROVE_ROLLBACK,
}
"""Commands that are open to everybody, so that the record has how whoever said them stood to the authority."""


def noted(
    workbook: Workbook, journal: SqlJournal, execution: str, name: str, person_id: str | None, note: str, now: datetime
) -> str:
    """A command's note with how whoever says it stood to the authority; as it is for other commands."""
    decision = HOLDS_UP.get(name)
    if decision is None:
        return note
    opened = journal.read(execution)[0].event
    flow = workbook.flow(opened.plan.flow) if isinstance(opened, Opened) else None
    person = person_of(workbook, person_id) if person_id else None
    return f"{note or 'asked to'}; {stood(workbook, flow, decision, person, now)}"


def stop_unless_rollback_is_theirs(workbook: Workbook, state: Execution, person_id: str | None) -> None:
    """Stop with code 4 if the workbook keeps rollbacks for those who may approve one, and this is none of them."""
    flow = workbook.flow(state.plan.flow)
    if flow is None:
        if workbook.authority.rollback is Rollback.ANYBODY:
            return
        raise Stop(f"{workbook.path} has no flow {state.plan.flow} (any more). Nothing was moved back.", REFUSED)
    person = person_of(workbook, person_id) if person_id else None
    if why := why_no_rollback(workbook, flow, person, datetime.now(UTC)):
        raise Stop(f"{why}. Nothing was moved back.", REFUSED)


def say_to(journal: SqlJournal, execution: str, name: str, by: str, note: str, now: datetime) -> None:
    """Queue a command.

    Raises:
        Stop: With code 4 if it would mean nothing. Nothing was queued.
    """
    why = why_nothing(as_it_will_stand(journal, execution), name, by, note, now)
    if why is not None:
        raise Stop(why, REFUSED)
    journal.command(execution, str(name), by, note, now)
