"""Before anything moves: plan, approve, and the workbook itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Annotated

import msgspec
import typer
from rich.progress import Progress, TaskID

from voicedr.bootstrap import Access, access
from voicedr.cli.approve import approval_block, approval_statement, approve
from voicedr.cli.execution_output import plan_text
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
from voicedr.cli.plan_diff_output import diff_text
from voicedr.program.execution.make_plan import make_plan
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.authority import cautions
from voicedr.program.governance.leave_out import saying_what_is_left, without_gaps
from voicedr.program.scope.schema import schema_text
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.vocabulary import Mode, Purpose
from voicedr.usecases.read_facts import read_facts
from voicedr.usecases.tell_execution import changes_since_last_test

prepare = typer.Typer()
workbook_app = typer.Typer(help="The workbook: check it, and its schema.", no_args_is_help=True)
prepare.add_typer(workbook_app, name="workbook")


Graceful = Annotated[
    bool,
    typer.Option(
        "--graceful/--ungraceful", help="May the Region that is left be asked? Ungraceful: it is asked nothing."
    ),
]


@workbook_app.command()
def check(workbook_file: WorkbookFile = DEFAULT_WORKBOOK, as_json: AsJson = False) -> None:
    """Say every mistake in the workbook, with line and column; exit 2 if there is one. Cautions are no mistakes."""
    workbook = workbook_of(workbook_file)
    now = datetime.now(UTC)
    careful = {flow.id: cautions(workbook, flow, now) for flow in workbook.flows}
    numbers = sum(len(flow.numbers) for flow in workbook.flows)
    if as_json:
        flows = [flow.id for flow in workbook.flows]
        say_json({"workbook": workbook.path, "flows": flows, "numbers": numbers, "cautions": careful})
    else:
        out.print(
            f"{workbook.path}: {len(workbook.flows)} flows, {numbers} numbers,"
            f" {len(workbook.people)} people. No mistake."
        )
        for flow_id, words in careful.items():
            for one in words:
                out.print(f"{flow_id}: {one}", markup=False)


@workbook_app.command()
def schema() -> None:
    """Print the JSON Schema of the workbook, for an editor."""
    typer.echo(schema_text())


@prepare.command()
def plan(
    flow_id: Annotated[str, typer.Argument(metavar="FLOW", help="Its id in the workbook.")],
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    graceful: Graceful = False,
    home: Annotated[bool, typer.Option("--failback", help="Plan the way home.")] = False,
    diff_last: Annotated[
        bool, typer.Option("--diff-last", help="Say what is otherwise than in the plan of the flow's last test.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read the facts and make the plan; keep it for approval. Moves nothing."""
    workbook = workbook_of(workbook_file)
    flow = flow_of(workbook, flow_id)
    made = asyncio.run(fresh_plan(workbook, flow, Purpose.FAILBACK if home else Purpose.FAILOVER, graceful or home))
    digest = plan_hash(made)
    journal = journal_of(workbook_file, journal_file)
    journal.keep_plan(digest, msgspec.json.encode(made), datetime.now(UTC))
    since = changes_since_last_test(journal, made) if diff_last else None
    if as_json:
        values = {
            "plan": digest,
            "flow": flow.id,
            "actions": len(made.actions),
            "forecast": msgspec.to_builtins(made.forecast),
        }
        if diff_last:
            values["since_last_test"] = None if since is None else msgspec.to_builtins(since)
        say_json(values)
        return
    out.print(plan_text(made, digest, tier=flow.tier))
    if diff_last:
        out.print(diff_text(since, made))


prepare.command()(approve)
prepare.command()(approval_statement)
prepare.command()(approval_block)


async def fresh_plan(workbook: Workbook, flow: Flow, purpose: Purpose, graceful: bool) -> Plan:
    """A plan from facts read now."""
    leaves = flow.primary if purpose is Purpose.FAILOVER else flow.standby
    without = frozenset() if graceful else frozenset({leaves})
    async with access(workbook, without=without) as has:
        return await plan_with(has, workbook, flow, purpose, graceful)


async def plan_with(
    has: Access,
    workbook: Workbook,
    flow: Flow,
    purpose: Purpose,
    graceful: bool,
    *,
    leave_out_gaps: bool = False,
) -> Plan:
    """The same, with access that is open already.

    ``leave_out_gaps``: what has no handler where it would go stays where it is, instead of there being no plan.
    """
    leaves, to = (flow.primary, flow.standby) if purpose is Purpose.FAILOVER else (flow.standby, flow.primary)
    with ReadingProgress() as reading:
        facts = await read_facts(
            (flow,),
            workbook.account,
            has.providers,
            has.send,
            has.clock,
            without=frozenset() if graceful else frozenset({leaves}),
            probe_webhooks=False,
            prove_route_write=False,
            progress=reading.show,
            dispatcher=has.dispatcher,
        )
    mode = Mode.GRACEFUL if graceful else Mode.UNGRACEFUL
    moves, left = without_gaps(flow, facts, to) if leave_out_gaps else (flow, ())
    return saying_what_is_left(make_plan(moves, workbook.account, facts, purpose=purpose, mode=mode), left)


class ReadingProgress:
    """A bar for each kind of thing that is read, on a terminal; nothing elsewhere."""

    def __init__(self) -> None:
        self._bars = Progress(console=err, transient=True, disable=not err.is_terminal)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> ReadingProgress:
        self._bars.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._bars.stop()

    def show(self, what: str, done: int, of: int) -> None:
        """So many of so many are read."""
        if what not in self._tasks:
            self._tasks[what] = self._bars.add_task(what, total=of)
        self._bars.update(self._tasks[what], completed=done, total=of)
