"""Looking at the primary again and again: it recommends; with --act it moves, where the workbook lets it."""

from __future__ import annotations

import asyncio
import secrets
from datetime import datetime
from typing import Annotated

import msgspec
import typer

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.bootstrap import access, approving, holder
from voicedr.cli.execute import WhenPaused, run_execution
from voicedr.cli.failures import DONE, FINDING, REFUSED, Stop
from voicedr.cli.need import conditions_of
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
from voicedr.cli.prepare import plan_with
from voicedr.program.execution.plan import plan_hash
from voicedr.program.governance.automatic import Rehearsal, may_act_alone, rehearsal_of
from voicedr.program.governance.detection import Detection, DetectionRule, Recommendation
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.vocabulary import Kind, Purpose
from voicedr.usecases.cut_over import open_execution
from voicedr.usecases.watch import Looks, Watch

watching = typer.Typer()


@watching.command()
def watch(
    flow_id: Annotated[str, typer.Argument(metavar="FLOW", help="Its id in the workbook.")],
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    every_s: Annotated[float, typer.Option("--every", min=1.0, help="Seconds between looks.")] = 10.0,
    delay_s: Annotated[float, typer.Option("--delay", min=0.0, help="So long it must be bad.")] = 30.0,
    looks_max: Annotated[int | None, typer.Option("--looks", min=1, help="Stop after so many looks.")] = None,
    act: Annotated[
        bool,
        typer.Option("--act", help="Fail over without people when it recommends to, if the flow's `automatic` allows."),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look at the primary from outside and recommend. Exit 1 when it recommends to move; only --act moves anything."""
    workbook = workbook_of(workbook_file)
    flow = flow_of(workbook, flow_id)
    if act and flow.automatic is None:
        raise Stop(
            f"{flow.id} is never failed over without people: {workbook.path} has no `automatic` for it. Nothing was"
            " looked at. Leave --act out, or have the owners of the flow add it.",
            REFUSED,
        )
    found = asyncio.run(_watch(workbook, flow, every_s, delay_s, looks_max, as_json, hint=not act))
    if found.recommendation is not Recommendation.FAIL_OVER:
        raise typer.Exit(DONE)
    if not act:
        raise typer.Exit(FINDING)
    raise typer.Exit(asyncio.run(_act(workbook, flow, journal_of(workbook_file, journal_file), found, as_json)))


async def _watch(
    workbook: Workbook,
    flow: Flow,
    every_s: float,
    delay_s: float,
    looks_max: int | None,
    as_json: bool,
    *,
    hint: bool,
) -> Detection:
    taken = 0
    async with access(workbook) as has:
        rule, looks = DetectionRule(delay_s_min=delay_s), Looks(every_s=every_s)
        async with Watch(flow, has.providers, has.send, has.clock, rule=rule, looks=looks) as watch:
            while taken != looks_max:
                await has.clock.sleep(every_s)
                taken += 1
                detection = watch.detection()
                if as_json:
                    say_json(msgspec.to_builtins(detection))
                else:
                    out.print(watch_line(detection, has.clock.now()))
                if detection.recommendation is Recommendation.FAIL_OVER:
                    if not as_json and hint:
                        out.print(f"next: voicedr declare {flow.id} --as PERSON; then assess, packet, approve")
                    return detection
            return detection


async def _act(workbook: Workbook, flow: Flow, journal: SqlJournal, found: Detection, as_json: bool) -> int:
    """Make the plan, and carry it out if the flow's rule lets it; everything else holds as if people had approved."""
    async with access(workbook, without=frozenset({flow.primary}), journal=journal) as has:
        made_at = has.clock.now()
        made = await plan_with(has, workbook, flow, Purpose.FAILOVER, False)
        journal.keep_plan(plan_hash(made), msgspec.json.encode(made), made_at)
        alone = may_act_alone(flow, made, _rehearsals(journal, flow), has.clock.now())
        if not alone.may:
            raise Stop(
                f"it is not moved without people: {alone.why_not}. Have it approved: voicedr approve"
                f" {plan_hash(made)[:12]} --as PERSON, then voicedr failover {flow.id}.",
                REFUSED,
            )
        err.print(f"WITHOUT PEOPLE: {flow.id} is failed over by the rule {alone.rule}", style="bold red", markup=False)
        execution = f"{flow.id}-{made_at:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
        open_execution(
            journal,
            made,
            execution=execution,
            kind=Kind.DRILL_TWIN if workbook.account.address else Kind.REAL,
            by=holder(),
            now=has.clock.now(),
            detected_at=found.since,
            sightings=found.sightings,
            approving=approving(workbook),
            conditions=conditions_of(workbook, flow, journal, None),
            rule=alone.rule,
            workbook_sha256=workbook.sha256,
        )
        return await run_execution(
            has, journal, execution, made, WhenPaused.EXIT, as_json, made_at=made_at, residency=flow.residency
        )


def _rehearsals(journal: SqlJournal, flow: Flow) -> list[Rehearsal]:
    """The flow's executions on record. Each chain is checked: a journal that was edited lets nothing move."""
    found = []
    for summary in journal.executions():
        if summary.flow == flow.id:
            one = rehearsal_of([record.event for record in journal.read(summary.execution)])
            if one is not None:
                found.append(one)
    return found


def watch_line(detection: Detection, now: datetime) -> str:
    """A detection in one line."""
    marks = "  ".join(f"{'✖' if one.bad else '·'} {one.signal}: {one.said}" for one in detection.sightings)
    return f"{now:%H:%M:%S}  {detection.recommendation.value}: {detection.why}  {marks}"
