"""The standby's copy of what the primary has: plan it, carry it out, check it in CI."""

from __future__ import annotations

import asyncio
import getpass
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.progress import Progress

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.adapters.journal.syncs import JournalSyncs
from voicedr.adapters.secrets import SecretError, resolve
from voicedr.bootstrap import Access, access, holder, incidents_of
from voicedr.cli.failures import DONE, FINDING, REFUSED, STOPPED, UNKNOWN, WRONG_USE, Stop
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    AsJson,
    JournalFile,
    WorkbookFile,
    err,
    flow_of,
    journal_of,
    out,
    say_json,
    workbook_of,
)
from voicedr.cli.prepare import ReadingProgress
from voicedr.cli.sync_next import next_step
from voicedr.cli.sync_output import applied_values, outcome_text, plan_values
from voicedr.cli.sync_plan_file import KeptPlans, Words, digests_of, keep_plans, kept_plans, same_plans
from voicedr.program.scope.standby_copy import COPIED
from voicedr.program.scope.workbook import Workbook
from voicedr.program.standby.doing import Do
from voicedr.program.standby.frozen import affected, why_not_now
from voicedr.program.standby.ownership import ledger
from voicedr.program.standby.plan import Adopt, Step
from voicedr.program.standby.render import plan_text, summary
from voicedr.program.vocabulary import Region
from voicedr.usecases.apply_sync import Applied, NotNow, Outcome, apply_sync
from voicedr.usecases.plan_sync import Pair, Planned, SyncOptions, pairs_of, plan_sync

sync_app = typer.Typer(help="Keep the standby's copy of what the primary has in step.")

Flows = Annotated[
    list[str] | None, typer.Argument(metavar="FLOW", help="Flows of the workbook. None: all.", show_default=False)
]
All = Annotated[bool, typer.Option("--all", help="Also what no flow uses.")]
AdoptNames = Annotated[
    list[str] | None,
    typer.Option("--adopt", metavar="KIND:NAME", help="Take this over, although voicedr did not make it. Repeatable."),
]
AdoptAll = Annotated[bool, typer.Option("--adopt-all", help="Take over whatever is in the way.")]
Prune = Annotated[bool, typer.Option("--prune", help="Take off what is in our lists, trunks and domains besides.")]


@sync_app.callback(invoke_without_command=True)
def sync(
    context: typer.Context,
    check_: Annotated[bool, typer.Option("--check", help="The same as `voicedr sync check` for all flows.")] = False,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Keep the standby's copy of what the primary has in step."""
    if context.invoked_subcommand is not None:
        if check_:
            raise Stop("--check stands alone. Enter: voicedr sync check [FLOW...].", WRONG_USE)
        return
    if not check_:
        raise Stop(
            "say what: voicedr sync plan, voicedr sync apply, voicedr sync check, or voicedr sync log.", WRONG_USE
        )
    check(None, workbook_file=workbook_file, journal_file=journal_file, as_json=as_json)


@sync_app.command("plan")
def plan(
    flows: Flows = None,
    everything: All = False,
    adopt: AdoptNames = None,
    adopt_all: AdoptAll = False,
    prune: Prune = False,
    to: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Keep the plan for `apply --plan`.")] = None,
    equal: Annotated[bool, typer.Option("--equal", help="Name what does not change, too.")] = False,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Read both Regions and show what apply would do. Changes nothing.

    Exit 0 the standby matches, 1 there is something to do, 3 something could not be read.
    """
    asked = _asked(workbook_file, journal_file, flows, everything, adopt, adopt_all, prune)
    plans = asyncio.run(_plans(asked))
    for planned in plans:
        if as_json:
            say_json(plan_values(planned))
        else:
            out.print(plan_text(planned.plan, planned.digest, equal=equal), markup=False, soft_wrap=not out.is_terminal)
    if to is not None:
        keep_plans(to, KeptPlans(asked.words, tuple(one.plan for one in plans)))
    following = next_step([one.plan for one in plans], asked.words, to)
    if following is not None and not as_json:
        out.print(f"next: {following}", markup=False, soft_wrap=not out.is_terminal)
    raise typer.Exit(_code(plans))


@sync_app.command("check")
def check(
    flows: Flows = None,
    everything: All = False,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Say in short whether the standby matches, for CI. Changes nothing.

    Exit 0 it matches, 1 it does not, 3 something could not be read.
    """
    plans = asyncio.run(_plans(_asked(workbook_file, journal_file, flows, everything, None, False, False)))
    for planned in plans:
        if as_json:
            say_json(plan_values(planned))
            continue
        said = "matches" if planned.plan.matches else summary(planned.plan)
        out.print(
            f"{planned.plan.standby} as a copy of {planned.plan.primary}: {said}",
            markup=False,
            soft_wrap=not out.is_terminal,
        )
        for step in planned.plan.steps:
            if step.do not in (Do.EQUAL, Do.LEAVE):
                fields = ", ".join(change.field for change in step.changes) if step.do is Do.UPDATE else step.why
                out.print(
                    f"  {step.do.value} {step.key}{f': {fields}' if fields else ''}",
                    markup=False,
                    soft_wrap=not out.is_terminal,
                )
        for why in planned.plan.unread:
            out.print(f"  not known: {why}", markup=False, soft_wrap=not out.is_terminal)
    raise typer.Exit(_code(plans))


@sync_app.command("apply")
def apply(
    flows: Flows = None,
    everything: All = False,
    adopt: AdoptNames = None,
    adopt_all: AdoptAll = False,
    prune: Prune = False,
    wanted_plan: Annotated[
        str | None,
        typer.Option("--plan", metavar="FILE|HASH", help="Only if the plan is still this one: a file, or its hash."),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Make the standby as the primary is, after showing how. Only what is ours is changed.

    Stopped at any instant, the same command goes on. Exit 0 done, 1 something is in conflict or was refused, 3
    something could not be read, 4 an incident or execution is open or the plan is another one now, 5 stopped: run it
    again.
    """
    kept = kept_plans(wanted_plan)
    if kept is not None and (flows or everything or adopt or adopt_all or prune):
        raise Stop(
            "a plan's file says for which flows and how it is: give no flows and no --all, --adopt or --prune.", 2
        )
    if kept is not None:
        words = kept.words
        asked = _asked(
            workbook_file,
            journal_file,
            list(words.flows),
            words.everything,
            list(words.adopt),
            words.adopt_all,
            words.prune,
        )
    else:
        asked = _asked(workbook_file, journal_file, flows, everything, adopt, adopt_all, prune)
    for pair in asked.pairs:
        _may_go_on(asked, pair.standby, refuse=True)
    digests = None if wanted_plan is None else digests_of(kept, wanted_plan)
    raise typer.Exit(asyncio.run(_apply(asked, digests, kept, yes=yes, as_json=as_json)))


@sync_app.command("log")
def log(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="One run's records. None: all runs.")] = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Show what apply did, from its record, with the chain of the record checked."""
    syncs = JournalSyncs(journal_of(workbook_file, journal_file))
    if run is not None:
        for record in syncs.read(run):
            values = msgspec.to_builtins(record.event)
            if as_json:
                say_json({"seq": record.seq, "hash": record.hash, **values})
                continue
            kind, at = values.pop("event"), values.pop("at")
            about = ", ".join(f"{name} {_short(value)}" for name, value in values.items() if value not in ("", None))
            out.print(f"{record.seq:5} {at} {kind}: {about}", markup=False, soft_wrap=not out.is_terminal)
        return
    for one in syncs.runs():
        records = len(syncs.read(one.run))
        if as_json:
            say_json(msgspec.to_builtins(one))
        else:
            how = "finished" if one.finished else "not finished"
            out.print(f"{one.run}  to {one.standby}  {how}  {records} records  head {one.head[:12]}", markup=False)


class _Asked(msgspec.Struct, frozen=True):
    workbook: Workbook
    journal: SqlJournal
    syncs: JournalSyncs
    pairs: tuple[Pair, ...]
    options: SyncOptions
    words: Words


def _asked(
    workbook_file: Path,
    journal_file: str | None,
    flows: list[str] | None,
    everything: bool,
    adopt: list[str] | None,
    adopt_all: bool,
    prune: bool,
) -> _Asked:
    workbook = workbook_of(workbook_file)
    chosen = [flow_of(workbook, flow) for flow in dict.fromkeys(flows or [])] or list(workbook.flows)
    for name in adopt or []:
        if name.partition(":")[0] not in COPIED or not name.partition(":")[2]:
            kinds = ", ".join(COPIED)
            raise Stop(f"--adopt {name!r} is not KIND:NAME, e.g. ip-acl:Office. Kinds are: {kinds}.", WRONG_USE)
    journal = journal_of(workbook_file, journal_file)
    words = Words(tuple(flows or ()), everything, tuple(adopt or ()), adopt_all, prune)
    options = SyncOptions(everything, Adopt(frozenset(words.adopt), adopt_all), prune)
    return _Asked(workbook, journal, JournalSyncs(journal), pairs_of(chosen), options, words)


async def _plans(asked: _Asked) -> list[Planned]:
    async with access(asked.workbook, journal=asked.journal) as has:
        plans = [await _plan_one(asked, pair, has) for pair in asked.pairs]
    _unmatched(asked, plans)
    return plans


def _unmatched(asked: _Asked, plans: list[Planned]) -> None:
    """Tell of what was to be taken over and is nowhere in the copy: perhaps the name is wrong."""
    known = {name for one in plans for step in one.plan.steps for name in (step.key.short, step.key.root.short)}
    for name in asked.words.adopt:
        if name not in known and not any(one.plan.unknown for one in plans):
            err.print(f"voicedr: --adopt {name}: the copy has nothing of this name.", markup=False)


async def _plan_one(asked: _Asked, pair: Pair, has: Access) -> Planned:
    runs = [[record.event for record in asked.syncs.read(one.run)] for one in asked.syncs.runs()]
    with ReadingProgress() as reading:
        return await plan_sync(
            pair,
            asked.workbook,
            has.providers,
            has.clock,
            options=asked.options,
            ledger=ledger(runs, pair.standby),
            cannot_have=_cannot_have,
            progress=reading.show,
        )


def _cannot_have(reference: str) -> str | None:
    try:
        resolve(reference)
    except SecretError as exc:
        return str(exc)
    return None


async def _apply(asked: _Asked, digests: list[str] | None, kept: KeptPlans | None, *, yes: bool, as_json: bool) -> int:
    async with access(asked.workbook, journal=asked.journal) as has:
        plans = [await _plan_one(asked, pair, has) for pair in asked.pairs]
        _unmatched(asked, plans)
        if digests is not None:
            same_plans(plans, digests, kept)
        if not as_json:
            for planned in plans:
                out.print(plan_text(planned.plan, planned.digest), markup=False, soft_wrap=not out.is_terminal)
        todo = [planned for planned in plans if _has_work(planned)]
        if any(planned.plan.writes for planned in todo) and not yes:
            if as_json or not (sys.stdin.isatty() and err.is_terminal):
                raise Stop("nothing was changed: say --yes where nobody can be asked.", WRONG_USE)
            if not typer.confirm("Make these changes?", err=True):
                raise Stop("nothing was changed.", FINDING)
            # People take their time; what they said yes to must still be so.
            again = [await _plan_one(asked, pair, has) for pair in asked.pairs]
            same_plans(again, [one.digest for one in plans], None)
            plans, todo = again, [planned for planned in again if _has_work(planned)]
        code = _code([planned for planned in plans if not planned.plan.writes])
        for planned in todo:
            found = await _carry_out(asked, planned, has, as_json=as_json)
            code = max(code, found, key=_weight)
            if found in (STOPPED, REFUSED):
                break
            code = max(code, await _seen_again(asked, planned, has), key=_weight)
        if as_json and not todo:
            for planned in plans:
                say_json(applied_values(planned, Applied("done"), None))
        return code


async def _seen_again(asked: _Asked, planned: Planned, has: Access) -> int:
    """Read both Regions once more: what was answered must be there. Gives the exit code."""
    if not planned.plan.writes:
        return DONE
    pair = next(
        one for one in asked.pairs if one.standby == planned.plan.standby and one.primary == planned.plan.primary
    )
    again = await _plan_one(asked, pair, has)
    done = {step.key for step in planned.plan.writes}
    missing = [str(step.key) for step in again.plan.steps if step.key in done and step.do is not Do.EQUAL]
    if not missing:
        return DONE
    err.print(
        f"voicedr: read once more, {len(missing)} of {len(done)} are not as they should be: {', '.join(missing[:5])}"
        f"{' and more' if missing[5:] else ''}. See: voicedr sync plan.",
        markup=False,
    )
    return UNKNOWN if again.plan.unknown else FINDING


def _weight(code: int) -> int:
    """Which of two ends is told: what has to be done next first."""
    return (DONE, FINDING, UNKNOWN, REFUSED, STOPPED).index(code)


def _has_work(planned: Planned) -> bool:
    return bool(planned.plan.writes) or any(step.takes_over for step in planned.plan.steps)


async def _carry_out(asked: _Asked, planned: Planned, has: Access, *, as_json: bool) -> int:
    writes, run = len(planned.plan.writes), f"sync-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    standby = planned.plan.standby
    with Progress(console=err, transient=True, disable=as_json or not err.is_terminal) as bars:
        bar = bars.add_task(f"writing to {standby}", total=writes)

        def tell(step: Step, outcome: Outcome) -> None:
            bars.advance(bar)
            if as_json:
                typer.echo(msgspec.json.encode({"step": str(step.key), "outcome": outcome}).decode(), err=True)
            else:
                out.print(outcome_text(step, outcome), markup=False, soft_wrap=not out.is_terminal)

        try:
            applied = await apply_sync(
                planned,
                has.providers[standby],
                asked.syncs,
                has.clock,
                run=run,
                by=getpass.getuser(),
                holder=holder(),
                secret=resolve,
                may_go_on=_asker(asked, standby),
                tell=tell,
                workbook_sha256=asked.workbook.sha256,
            )
        except NotNow as exc:
            raise Stop(f"{exc} Nothing was changed.", REFUSED) from exc
    if as_json:
        say_json(applied_values(planned, applied, run))
    else:
        for problem in applied.problems:
            err.print(f"voicedr: {problem}", markup=False)
        if writes:
            out.print(
                f"{applied.outcome}: {applied.seen} of {writes} done in {standby}. Its record: {run}", markup=False
            )
        if applied.outcome == "stopped" and not applied.forbidden:
            err.print("Run it again to go on: it looks at both Regions anew.", markup=False)
    return _applied_code(planned, applied)


def _asker(asked: _Asked, standby: Region) -> Callable[[], str | None]:
    return lambda: _may_go_on(asked, standby)


def _may_go_on(asked: _Asked, standby: Region, *, refuse: bool = False) -> str | None:
    """Why the standby may not be changed now.

    Raises:
        Stop: The same, if ``refuse`` is set.
    """
    flows = affected(asked.workbook.flows, standby)
    incidents = [(one.incident, one.flow) for one in incidents_of(asked.journal).incidents() if not one.closed]
    running = [(one.execution, one.flow) for one in asked.journal.executions() if not one.finished]
    why = why_not_now(flows, incidents, running)
    if why is not None and refuse:
        raise Stop(f"{why} Nothing was changed.", REFUSED)
    return why


def _code(plans: list[Planned]) -> int:
    if any(planned.plan.unknown for planned in plans):
        return UNKNOWN
    return DONE if all(planned.plan.matches for planned in plans) else FINDING


def _applied_code(planned: Planned, applied: Applied) -> int:
    if applied.forbidden:
        return REFUSED
    if applied.differs:
        return FINDING
    if applied.outcome == "stopped":
        return STOPPED
    if planned.plan.unknown:
        return UNKNOWN
    return FINDING if applied.problems or planned.plan.of(Do.CONFLICT, Do.BLOCKED) else DONE


def _short(value: object) -> str:
    text = value if isinstance(value, str) else msgspec.json.encode(value).decode()
    return text if len(text) <= 100 else text[:99] + "…"
