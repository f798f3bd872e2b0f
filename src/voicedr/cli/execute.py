"""Moving a flow, and taking an execution up again: failover, resume, rollback; how executions stand."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.bootstrap import Access, access, approving, holder
from voicedr.cli.approve import ask_for_approvals
from voicedr.cli.commanding import (
    HOLDS_UP,
    as_it_will_stand,
    noted,
    say_to,
    stop_unless_rollback_is_theirs,
)
from voicedr.cli.execution_output import plan_text, progress, progress_values
from voicedr.cli.failures import DONE, FINDING, REFUSED, STOPPED, WRONG_USE, Stop
from voicedr.cli.need import BreakGlass, GlassKey, Need, break_for, conditions_of, executor_of, need_of
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    As,
    AsJson,
    JournalFile,
    Why,
    WorkbookFile,
    err,
    flow_of,
    journal_of,
    out,
    say_json,
    whoever,
    workbook_of,
)
from voicedr.cli.prepare import Graceful, plan_with
from voicedr.cli.screen import Screen
from voicedr.ports.journal import ExecutionSummary
from voicedr.program.execution.commands import LEFT_IS_BACK, Name
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.execution.state import Execution
from voicedr.program.scope.authority import Rule
from voicedr.program.scope.workbook import Flow, Person, Workbook
from voicedr.program.validation.callers import CallerTally
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import Kind, Mode, Purpose, Region
from voicedr.usecases.cut_over import cut_over, open_execution
from voicedr.usecases.leave_checkpoints import checkpoints_beside
from voicedr.usecases.tempo import Tempo, tempo_for

execute = typer.Typer()

ExecutionId = Annotated[
    str | None,
    typer.Argument(
        metavar="EXECUTION", help="Its id. None: the newest; where something is asked of it, the newest not finished."
    ),
]


class WhenPaused(StrEnum):
    """What the process does while the execution is paused."""

    WAIT = "wait"
    EXIT = "exit"


Paused = Annotated[
    WhenPaused | None,
    typer.Option(
        "--when-paused", help="Wait for a command, or exit with 5. Default: wait on a terminal, exit elsewhere."
    ),
]


@execute.command()
def failover(
    flow_id: Annotated[str, typer.Argument(metavar="FLOW", help="Its id in the workbook.")],
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    graceful: Graceful = False,
    kind: Annotated[
        Kind | None, typer.Option(help="How real it is. Default: drill-twin if the workbook has an address.")
    ] = None,
    when_paused: Paused = None,
    as_json: AsJson = False,
    person_id: As = None,
    rules: BreakGlass = None,
    why: Why = "",
    key: GlassKey = None,
) -> None:
    """Move a flow to its standby: plan, approvals, cohorts, gates. Exit 0 done, 1 rolled back, 4 refused, 5 stopped."""
    workbook = workbook_of(workbook_file)
    flow = flow_of(workbook, flow_id)
    need = need_of(workbook, rules, why, person_id, key)
    executor = executor_of(workbook, flow, person_id)
    without = frozenset() if graceful else frozenset({flow.primary})
    journal = journal_of(workbook_file, journal_file)
    stop_if_running(journal, flow)
    run = move_flow(
        workbook, flow, journal, Purpose.FAILOVER, graceful, without, kind, when_paused, as_json, need, executor
    )
    raise typer.Exit(asyncio.run(run))


@execute.command()
def resume(
    execution_id: ExecutionId = None,
    person_id: As = None,
    why: Why = "",
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    when_paused: Paused = None,
    as_json: AsJson = False,
) -> None:
    """Go on: with a paused execution, or with one whose process ended, on this machine or another.

    After an emergency stop it needs a reason: --why.
    """
    _take_up("resume", why, execution_id, person_id, workbook_file, journal_file, when_paused, as_json)


@execute.command()
def rollback(
    execution_id: ExecutionId = None,
    person_id: As = None,
    why: Why = "asked to",
    primary_is_back: Annotated[
        bool,
        typer.Option("--primary-is-back", help="You know that the Region which was left is alive: it may be asked."),
    ] = False,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    when_paused: Paused = None,
    as_json: AsJson = False,
) -> None:
    """Move everything back to the snapshot and prove it; refused into a dead or cold Region.

    Open to everybody, unless the workbook has `authority: {rollback: approval}`.
    """
    note = f"{why} ({LEFT_IS_BACK})" if primary_is_back else why
    _take_up("roll-back", note, execution_id, person_id, workbook_file, journal_file, when_paused, as_json)


@execute.command()
def executions(
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK, journal_file: JournalFile = None, as_json: AsJson = False
) -> None:
    """List executions, newest first."""
    for one in journal_of(workbook_file, journal_file).executions():
        if as_json:
            say_json(msgspec.to_builtins(one))
            continue
        standing = "finished" if one.finished else f"running: {one.holder}" if one.held else "stopped, resumable"
        out.print(f"{one.opened_at:%Y-%m-%d %H:%M:%S}  {one.execution}  {one.flow}  {standing}")


@execute.command()
def status(
    execution_id: ExecutionId = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """How an execution stands now, and when it will be over."""
    journal = journal_of(workbook_file, journal_file)
    summary = chosen(journal, execution_id, finished_too=True)
    story = tell([record.event for record in journal.read(summary.execution)])
    if as_json:
        say_json(progress_values(story, datetime.now(UTC)))
        return
    out.print(progress(story, datetime.now(UTC)))


def stop_if_running(journal: SqlJournal, flow: Flow) -> None:
    """Stop before anything is read: approvals that are gathered, or health that is waited for, would be in vain."""
    for one in journal.executions():
        if one.flow == flow.id and not one.finished:
            raise Stop(
                f"{flow.id} has an execution that is not finished: {one.execution}. One run per flow:"
                f" voicedr resume {one.execution}, or voicedr abort {one.execution} first."
                + (f"\n{_in_other_hands(one)}" if one.held else ""),
                REFUSED,
            )


async def move_flow(
    workbook: Workbook,
    flow: Flow,
    journal: SqlJournal,
    purpose: Purpose,
    graceful: bool,
    without: frozenset[Region],
    kind: Kind | None,
    when_paused: WhenPaused | None,
    as_json: bool,
    need: Need | None = None,
    executor: Person | None = None,
    before_approval: Callable[[Access, Plan], Awaitable[None]] | None = None,
) -> int:
    """Plan, have it approved, carry it out; give the exit code.

    Args:
        before_approval: Told the plan before anybody is asked to approve it; what it raises ends everything.
    """
    async with access(workbook, without=without, journal=journal) as has:
        made_at = has.clock.now()
        broken = need.rules if need is not None else ()
        gaps = Rule.READINESS_GAP in broken
        made = await plan_with(has, workbook, flow, purpose, graceful, leave_out_gaps=gaps)
        digest = plan_hash(made)
        journal.keep_plan(digest, msgspec.json.encode(made), made_at)
        if not as_json:
            out.print(plan_text(made, digest, tier=flow.tier))
        if before_approval is not None:
            await before_approval(has, made)
        if need is not None:
            await break_for(need, workbook, flow, made, journal)
        if Rule.QUORUM not in broken:
            ask_for_approvals(workbook, journal, made)
        execution = f"{flow.id}-{made_at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        reality = kind or (Kind.DRILL_TWIN if workbook.account.address else Kind.REAL)
        open_execution(
            journal,
            made,
            execution=execution,
            kind=reality,
            by=holder(),
            now=has.clock.now(),
            approving=approving(workbook),
            conditions=conditions_of(workbook, flow, journal, executor),
            workbook_sha256=workbook.sha256,
        )
        return await run_execution(
            has, journal, execution, made, when_paused, as_json, made_at=made_at, residency=flow.residency
        )


def _take_up(
    command: str,
    note: str,
    execution_id: str | None,
    person_id: str | None,
    workbook_file: Path,
    journal_file: str | None,
    when_paused: WhenPaused | None,
    as_json: bool,
) -> None:
    """Say a command to an execution; if nobody runs it, take it in hand here."""
    workbook = workbook_of(workbook_file)
    journal = journal_of(workbook_file, journal_file)
    summary = chosen(journal, execution_id)
    state = as_it_will_stand(journal, summary.execution)
    waits = state.finished is not None or state.paused is not None or state.stopped is not None
    if command == Name.ROLL_BACK:
        stop_unless_rollback_is_theirs(workbook, state, person_id)
    if command != Name.RESUME or waits:
        now = datetime.now(UTC)
        note = noted(workbook, journal, summary.execution, command, person_id, note, now)
        say_to(journal, summary.execution, command, whoever(workbook, person_id), note, now)
        if command in HOLDS_UP and not as_json:
            err.print(f"on record: {note}", markup=False)
    elif summary.held:
        raise Stop(_in_other_hands(summary), REFUSED)
    if summary.held:
        out.print(f"{command} was said to {summary.execution}, which {summary.holder} runs.")
        raise typer.Exit(DONE)
    asks_left = state.mode is Mode.GRACEFUL or LEFT_IS_BACK in note
    without = frozenset() if asks_left else frozenset({state.plan.leaves})

    async def run() -> int:
        async with access(workbook, without=without, journal=journal) as has:
            flow = workbook.flow(state.plan.flow)
            allowed = flow.residency if flow is not None else ()
            return await run_execution(
                has, journal, summary.execution, state.plan, when_paused, as_json, residency=allowed
            )

    raise typer.Exit(asyncio.run(run()))


async def run_execution(
    has: Access,
    journal: SqlJournal,
    execution: str,
    made: Plan,
    when_paused: WhenPaused | None,
    as_json: bool,
    *,
    made_at: datetime | None = None,
    tempo: Tempo | None = None,
    callers: Callable[[], CallerTally | None] = lambda: None,
    hint: bool = True,
    residency: Sequence[Region] = (),
) -> int:
    """Work on an execution, with the screen it deserves; give the exit code. ``hint``: say which command comes next."""
    stay = when_paused is WhenPaused.WAIT or (when_paused is None and out.is_terminal and not as_json)
    records = journal.read(execution)
    screen = Screen([record.event for record in records], as_json, callers)
    keeper = has.keeper(records[-1] if records else None, execution, screen.tell)
    try:
        async with checkpoints_beside(keeper, screen.saw) as listener:
            with screen:
                state = await cut_over(
                    execution,
                    journal,
                    has.providers,
                    has.context(made.context, made.context_confirm),
                    has.clock,
                    holder=holder(),
                    plan_made_at=made_at,
                    requests_to=has.requests_to,
                    listener=listener,
                    stay_when_paused=stay,
                    tempo=tempo or tempo_for(made.propagation_s_max),
                    guard=has.guard,
                    reach=has.reach,
                    residency=residency,
                    hold=has.hold,
                    away_s_max=has.journal_away_s_max,
                    dispatcher=has.dispatcher,
                )
    except asyncio.CancelledError:
        err.print(f"interrupted; nothing is lost. Go on with: voicedr resume {execution}")
        raise
    return _ending(state, execution, hint and not as_json)


def _ending(state: Execution, execution: str, hint: bool) -> int:
    if state.finished is None:
        asked = next((one for one in state.current if one.asked and one.decided is None), None)
        if state.stopped is not None:
            why = f"stopped by {state.stopped.by} ({state.stopped.why}); going on needs a reason: --why"
        elif state.paused is not None:
            why = f"paused: {state.paused.why}"
        elif asked is not None:
            why = f"a person must answer for {asked.plan.name}: voicedr go {execution} --as PERSON, or no-go"
        else:
            why = "stopped"
        if hint:
            err.print(f"{why}\nGo on with: voicedr resume {execution}; or: voicedr rollback {execution}")
        return STOPPED
    if hint:
        out.print(f"{state.finished.outcome}. Report: voicedr report {execution}")
    match state.finished.outcome:
        case "done":
            return DONE
        case "drifted":
            return REFUSED
        case _:
            return FINDING


def chosen(journal: SqlJournal, execution_id: str | None, *, finished_too: bool = False) -> ExecutionSummary:
    """An execution by its id, or the newest one (that is not finished), or a stop."""
    listed = journal.executions()
    if execution_id is not None:
        found = [one for one in listed if one.execution == execution_id]
        if not found:
            raise Stop(f"there is no execution {execution_id!r}. voicedr executions lists them.", WRONG_USE)
        return found[0]
    candidates = [one for one in listed if finished_too or not one.finished]
    if not candidates:
        raise Stop(
            "there is no execution yet." if finished_too else "no execution is open. voicedr executions lists all.",
            WRONG_USE,
        )
    return candidates[0]


def _in_other_hands(summary: ExecutionSummary) -> str:
    return (
        f"{summary.execution} is in the hands of {summary.holder}, which renews its lease while it works (now until"
        f" {summary.lease_until:%H:%M:%S} UTC). If that process is lost, end it; when its lease has run out, this takes"
        f" over: voicedr resume {summary.execution}"
    )
