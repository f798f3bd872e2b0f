"""The way home: what the workbook asks before it, shown before anybody approves, and the failback itself."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from functools import partial
from typing import Annotated

import msgspec
import typer
from rich.table import Table
from rich.text import Text

from voicedr.adapters.journal.sql import SqlJournal
from voicedr.bootstrap import Access, access, incidents_of, signer
from voicedr.cli.execute import Paused, move_flow, stop_if_running
from voicedr.cli.execution_output import plan_text
from voicedr.cli.failures import DONE, REFUSED, UNKNOWN, Stop
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
from voicedr.ports.incidents import IncidentsBroken, NoSuchIncident
from voicedr.program.execution.make_plan import PlanRefused
from voicedr.program.execution.plan import Plan, plan_hash
from voicedr.program.governance.homecoming import Criterion, Health, Seen, Stands, criteria, held_by
from voicedr.program.governance.incident import BrokenIncident, Incident
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.judge import FlowReadiness
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.vocabulary import Kind, Purpose
from voicedr.usecases.check_readiness import check_readiness
from voicedr.usecases.decide import open_incident
from voicedr.usecases.watch import Looks, Watch

homecoming = typer.Typer()

FIRST_LOOK_S_MAX = 30.0
"""A dry run waits so long for each signal of the primary to have been looked at; a test call takes the longest."""

_SIGNS = {Stands.MET: "✔", Stands.WAITS: "…", Stands.TOLD: "·", Stands.NOT_MET: "✖", Stands.UNKNOWN: "?"}
_STYLES = {Stands.MET: "green", Stands.NOT_MET: "red", Stands.UNKNOWN: "yellow"}


@homecoming.command()
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
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the plan and how each criterion stands; move nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring a flow home, once everything that the workbook asks for holds; then as failover.

    The primary must be seen healthy for as long as the workbook says. What nobody could look at holds it, too.
    Exit 4 if a criterion is not met, 3 if one is not known; else as failover.
    """
    workbook = workbook_of(workbook_file)
    flow = flow_of(workbook, flow_id)
    wanted_s = flow.failback.primary_healthy_for_s if healthy_s is None else healthy_s
    journal = journal_of(workbook_file, journal_file)
    reality = kind or (Kind.DRILL_TWIN if workbook.account.address else Kind.REAL)
    if dry_run:
        raise typer.Exit(asyncio.run(_dry_run(workbook, flow, journal, wanted_s, reality, as_json)))
    stop_if_running(journal, flow)

    async def before_approval(has: Access, plan: Plan) -> None:
        seen = await _look(has, workbook, flow, journal, Health(wanted_s, wanted_s))
        found = criteria(workbook, flow, msgspec.structs.replace(seen, plan=plan), reality, datetime.now(UTC))
        _show(found, as_json)
        _stop_if_held(found, flow)

    async def run() -> int:
        # What can be known at once is looked at before half an hour of waiting.
        early = Seen(Health(0.0, wanted_s), incident=_incident(journal, flow))
        found = criteria(workbook, flow, early, reality, datetime.now(UTC))
        if held_by(found):
            _show(found, as_json)
            _stop_if_held(found, flow)
        async with access(workbook) as has:
            await wait_until_healthy(has, flow, wanted_s, as_json)
        return await move_flow(
            workbook,
            flow,
            journal,
            Purpose.FAILBACK,
            True,
            frozenset(),
            kind,
            when_paused,
            as_json,
            before_approval=before_approval,
        )

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


async def _dry_run(
    workbook: Workbook, flow: Flow, journal: SqlJournal, wanted_s: float, kind: Kind, as_json: bool
) -> int:
    """The plan and the criteria as they are now. Nothing is moved, and nothing is kept."""
    plan: Plan | None = None
    refused: tuple[str, ...] = ()
    async with access(workbook) as has:
        health = await _first_look(has, flow, wanted_s)
        try:
            plan = await plan_with(has, workbook, flow, Purpose.FAILBACK, True)
        except PlanRefused as exc:
            refused = exc.reasons
        seen = await _look(has, workbook, flow, journal, health)
    seen = msgspec.structs.replace(seen, plan=plan, refused=refused)
    found = criteria(workbook, flow, seen, kind, datetime.now(UTC))
    if as_json:
        digest = None if plan is None else plan_hash(plan)
        say_json({"plan": digest, "flow": flow.id, **_as_values(found), "actions": len(plan.actions) if plan else 0})
    else:
        if plan is not None:
            out.print(plan_text(plan, plan_hash(plan), tier=flow.tier))
        _show(found, as_json)
        out.print("a dry run: nothing was moved, and no plan was kept")
    return _code(found)


async def _first_look(has: Access, flow: Flow, wanted_s: float) -> Health:
    """How the primary looks, once each signal was looked at."""
    looks = Looks(every_s=1.0)
    async with Watch(flow, has.providers, has.send, has.clock, looks=looks) as watching:
        until_s = has.clock.monotonic_s() + FIRST_LOOK_S_MAX
        while True:
            await has.clock.sleep(0.5)
            sightings = watching.detection().sightings
            bad = tuple(one.said for one in sightings if one.bad)
            good_s = watching.healthy_for_s()
            if bad or good_s > 0 or has.clock.monotonic_s() >= until_s:
                break
    unseen = () if bad or good_s > 0 else tuple(one.said for one in sightings)
    return Health(good_s, wanted_s, bad, unseen)


async def _look(has: Access, workbook: Workbook, flow: Flow, journal: SqlJournal, health: Health) -> Seen:
    """What the workbook asks for, as it is now."""
    return Seen(
        health,
        incident=_incident(journal, flow),
        readiness=await _readiness(has, workbook, flow) if flow.failback.readiness else None,
    )


def _incident(journal: SqlJournal, flow: Flow) -> Fact[Incident | None] | None:
    if not flow.failback.no_open_incident:
        return None
    now = datetime.now(UTC)
    try:
        return Observed(open_incident(incidents_of(journal), flow.id), now, "the incidents beside the journal")
    except (IncidentsBroken, NoSuchIncident, BrokenIncident) as exc:
        return Unobserved(str(exc))


async def _readiness(has: Access, workbook: Workbook, flow: Flow) -> Fact[FlowReadiness]:
    """As `voicedr ready` finds it: webhooks are asked, and one route is written to where it is."""
    report = await check_readiness(
        workbook, [flow.id], has.providers, has.send, has.clock, signer=partial(signer, workbook)
    )
    found = next((one for one in report.flows if one.flow == flow.id), None)
    if found is None:
        return Unobserved("readiness said nothing of this flow")
    return Observed(found, has.clock.now(), "voicedr ready")


def _show(found: tuple[Criterion, ...], as_json: bool) -> None:
    if as_json:
        say_json(_as_values(found))
        return
    table = Table.grid(padding=(0, 2))
    for one in found:
        style = _STYLES.get(one.stands, "")
        table.add_row(Text(f"{_SIGNS[one.stands]} {one.name}", style=style), Text(one.stands), Text(one.words))
    out.print(Text("before the way home", style="bold"))
    out.print(table)


def _as_values(found: tuple[Criterion, ...]) -> dict[str, object]:
    return {"criteria": msgspec.to_builtins(found), "held_by": [one.name for one in held_by(found)]}


def _stop_if_held(found: tuple[Criterion, ...], flow: Flow) -> None:
    held = held_by(found)
    if held:
        names = ", ".join(f"{one.name} ({one.stands})" for one in held)
        raise Stop(f"{flow.id} may not come home yet: {names}. Nothing was moved.", _code(found))


def _code(found: tuple[Criterion, ...]) -> int:
    stands = {one.stands for one in found}
    if Stands.NOT_MET in stands:
        return REFUSED
    return UNKNOWN if Stands.UNKNOWN in stands else DONE
