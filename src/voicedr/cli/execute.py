"""Moving a flow, and everything one may say to an execution: failover, failback, resume, pause, abort, roll back."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from voicedr.adapters.journal.sqlite import SqliteJournal, holder_is_gone
from voicedr.bootstrap import Access, access, approving, holder
from voicedr.cli.approve import ask_for_approvals
from voicedr.cli.execution_output import plan_text, progress
from voicedr.cli.failures import DONE, FINDING, REFUSED, STOPPED, WRONG_USE, Stop
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
    person_of,
    say_json,
    whoever,
    workbook_of,
)
from voicedr.cli.prepare import Graceful, plan_with
from voicedr.cli.screen import Screen
from voicedr.ports.journal import ExecutionSummary
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.execution.state import Execution, fold
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.validation.callers import CallerTally
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import Kind, Mode, Purpose, Region
from voicedr.usecases.cut_over import LEFT_IS_BACK, cut_over, open_execution
from voicedr.usecases.tempo import Tempo, tempo_for
from voicedr.usecases.watch import Looks, Watch

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
) -> None:
    """Move a flow to its standby: plan, approvals, cohorts, gates. Exit 0 done, 1 rolled back, 4 refused, 5 stopped."""
    workbook = workbook_of(workbook_file)
    flow = flow_of(workbook, flow_id)
    without = frozenset() if graceful else frozenset({flow.primary})
    journal = journal_of(workbook_file, journal_file)
    _one_run_per_flow(journal, flow)
    run = _move(workbook, flow, journal, Purpose.FAILOVER, graceful, without, kind, when_paused, as_json)
    raise typer.Exit(asyncio.run(run))


@execute.command()
def failback(
    flow_id: Annotated[str, typer.Argument(metavar="FLOW", help="Its id in the workbook.")],
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    kind: Annotated[
        Kind | None, typer.Option(help="How real it is. Default: drill-twin if the workbook has an address.")
    ] = None,
    when_paused: Paused = None,
    healthy_s: Annotated[
        float | None, typer.Option("--healthy-for", help="Seconds; default from the workbook.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a flow home: first the primary must be seen healthy for as long as the workbook asks, then as failover."""
    workbook = workbook_of(workbook_file)
    flow = flow_of(workbook, flow_id)
    wanted_s = flow.failback.primary_healthy_for_s if healthy_s is None else healthy_s
    journal = journal_of(workbook_file, journal_file)
    _one_run_per_flow(journal, flow)

    async def run() -> int:
        async with access(workbook) as has:
            await wait_until_healthy(has, flow, wanted_s, as_json)
        return await _move(workbook, flow, journal, Purpose.FAILBACK, True, frozenset(), kind, when_paused, as_json)

    raise typer.Exit(asyncio.run(run()))


async def wait_until_healthy(
    has: Access, flow: Flow, wanted_s: float, as_json: bool, looks: Looks | None = None
) -> None:
    """Look at the primary until it has been good for so long; say how it goes."""
    async with Watch(flow, has.providers, has.send, has.clock, looks=looks) as watching:
        while True:
            await has.clock.sleep(min(5.0, max(0.5, wanted_s / 4)))
            good_s = watching.healthy_for_s()
            bad = [one.said for one in watching.detection().sightings if one.bad]
            if as_json:
                say_json({"healthy_for_s": round(good_s, 1), "wanted_s": wanted_s, "bad": bad})
            else:
                why = f": {'; '.join(bad)}" if bad else ""
                err.print(f"{flow.primary} good for {good_s:.0f} of {wanted_s:.0f} s{why}")
            if good_s >= wanted_s and not bad:
                return


@execute.command()
def resume(
    execution_id: ExecutionId = None,
    person_id: As = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    when_paused: Paused = None,
    as_json: AsJson = False,
) -> None:
    """Go on: with a paused execution, or with one whose process ended, on this machine or another."""
    _take_up("resume", "", execution_id, person_id, workbook_file, journal_file, when_paused, as_json)


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
    """Move everything back to the snapshot and prove it; refused into a dead or cold Region."""
    note = f"{why} ({LEFT_IS_BACK})" if primary_is_back else why
    _take_up("roll-back", note, execution_id, person_id, workbook_file, journal_file, when_paused, as_json)


def _simple(name: str, says: str) -> None:
    """A command that is only said: whoever runs the execution obeys it."""

    def said(
        execution_id: ExecutionId = None,
        person_id: As = None,
        why: Why = "",
        workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
        journal_file: JournalFile = None,
    ) -> None:
        workbook = workbook_of(workbook_file)
        journal = journal_of(workbook_file, journal_file)
        summary = chosen(journal, execution_id)
        by = person_of(workbook, person_id).name if name in ("go", "no-go") else whoever(workbook, person_id)
        journal.command(summary.execution, name, by, why, datetime.now(UTC))
        if _is_held(summary):
            out.print(f"{name} was said to {summary.execution}, which {summary.holder} runs.")
        else:
            out.print(
                f"{name} was noted for {summary.execution}. Nobody runs it now: voicedr resume {summary.execution}"
            )

    execute.command(name, help=says)(said)


_simple("pause", "Start nothing new; what is in flight is finished. `voicedr resume` goes on.")
_simple("abort", "Start nothing more, ever; what was moved stays where it is.")
_simple("skip", "Leave changes that were refused, or could not be settled, as they are and go on without them.")
_simple("go", "Answer the question that is asked: go.")
_simple("no-go", "Answer the question that is asked: no-go.")


@execute.command()
def executions(
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK, journal_file: JournalFile = None, as_json: AsJson = False
) -> None:
    """List executions, newest first."""
    for one in journal_of(workbook_file, journal_file).executions():
        if as_json:
            say_json(msgspec.to_builtins(one))
            continue
        standing = "finished" if one.finished else f"running: {one.holder}" if _is_held(one) else "stopped, resumable"
        out.print(f"{one.opened_at:%Y-%m-%d %H:%M:%S}  {one.execution}  {one.flow}  {standing}")


@execute.command()
def status(
    execution_id: ExecutionId = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
) -> None:
    """How an execution stands now."""
    journal = journal_of(workbook_file, journal_file)
    summary = chosen(journal, execution_id, finished_too=True)
    out.print(progress(tell([record.event for record in journal.read(summary.execution)]), datetime.now(UTC)))


def _one_run_per_flow(journal: SqliteJournal, flow: Flow) -> None:
    """Stop before anything is read: approvals that are gathered, or health that is waited for, would be in vain."""
    for one in journal.executions():
        if one.flow == flow.id and not one.finished:
            raise Stop(
                f"{flow.id} has an execution that is not finished: {one.execution}. One run per flow:"
                f" voicedr resume {one.execution}, or voicedr abort {one.execution} first.",
                REFUSED,
            )


async def _move(
    workbook: Workbook,
    flow: Flow,
    journal: SqliteJournal,
    purpose: Purpose,
    graceful: bool,
    without: frozenset[Region],
    kind: Kind | None,
    when_paused: WhenPaused | None,
    as_json: bool,
) -> int:
    async with access(workbook, without=without) as has:
        made_at = has.clock.now()
        made = await plan_with(has, workbook, flow, purpose, graceful)
        digest = plan_hash(made)
        journal.keep_plan(digest, msgspec.json.encode(made), made_at)
        if not as_json:
            out.print(plan_text(made, digest, tier=flow.tier))
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
        )
        return await run_execution(has, journal, execution, made, when_paused, as_json, made_at=made_at)


def _take_up(
    command: str,
    note: str,
    execution_id: str | None,
    person_id: str | None,
    workbook_file: Path,
    journal_file: Path | None,
    when_paused: WhenPaused | None,
    as_json: bool,
) -> None:
    """Say a command to an execution; if nobody runs it, take it in hand here."""
    workbook = workbook_of(workbook_file)
    journal = journal_of(workbook_file, journal_file)
    summary = chosen(journal, execution_id)
    state = fold(record.event for record in journal.read(summary.execution))
    now = datetime.now(UTC)
    if command != "resume" or state.paused is not None:
        journal.command(summary.execution, command, whoever(workbook, person_id), note, now)
    if _is_held(summary):
        out.print(f"{command} was said to {summary.execution}, which {summary.holder} runs.")
        raise typer.Exit(DONE)
    asks_left = state.plan.mode is Mode.GRACEFUL or LEFT_IS_BACK in note
    without = frozenset() if asks_left else frozenset({state.plan.leaves})

    async def run() -> int:
        async with access(workbook, without=without) as has:
            return await run_execution(has, journal, summary.execution, state.plan, when_paused, as_json)

    raise typer.Exit(asyncio.run(run()))


async def run_execution(
    has: Access,
    journal: SqliteJournal,
    execution: str,
    made: Plan,
    when_paused: WhenPaused | None,
    as_json: bool,
    *,
    made_at: datetime | None = None,
    tempo: Tempo | None = None,
    callers: Callable[[], CallerTally | None] = lambda: None,
    hint: bool = True,
) -> int:
    """Work on an execution, with the screen it deserves; give the exit code. ``hint``: say which command comes next."""
    stay = when_paused is WhenPaused.WAIT or (when_paused is None and out.is_terminal and not as_json)
    screen = Screen([record.event for record in journal.read(execution)], as_json, callers)
    try:
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
                listener=screen.saw,
                stay_when_paused=stay,
                tempo=tempo or tempo_for(made.propagation_s_max),
            )
    except asyncio.CancelledError:
        err.print(f"interrupted; nothing is lost. Go on with: voicedr resume {execution}")
        raise
    return _ending(state, execution, hint and not as_json)


def _ending(state: Execution, execution: str, hint: bool) -> int:
    if state.finished is None:
        asked = next((one for one in state.current if one.asked and one.decided is None), None)
        if state.paused is not None:
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


def chosen(journal: SqliteJournal, execution_id: str | None, *, finished_too: bool = False) -> ExecutionSummary:
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


def _is_held(summary: ExecutionSummary) -> bool:
    if summary.holder is None or summary.lease_until is None:
        return False
    return summary.lease_until > datetime.now(UTC) and not holder_is_gone(summary.holder)
