"""Who decides, and the decision chain up to the approval: who, declare, assess, packet, stand-down, review."""

from __future__ import annotations

import asyncio
import secrets
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from voicedr.adapters.pdf import one_page_pdf
from voicedr.bootstrap import access, approving, incidents_of, signer
from voicedr.cli.failures import DONE, FINDING, WRONG_USE, Stop
from voicedr.cli.governance_output import matrix_text, packet_text
from voicedr.cli.options import (
    DEFAULT_WORKBOOK,
    As,
    AsJson,
    JournalFile,
    WorkbookFile,
    flow_of,
    journal_of,
    out,
    person_of,
    say_json,
    workbook_of,
)
from voicedr.cli.prepare import Graceful, ReadingProgress
from voicedr.program.execution.plan import plan_hash
from voicedr.program.governance.authority import matrix
from voicedr.program.governance.detection import Detection
from voicedr.program.governance.incident import Judgement, Part
from voicedr.program.governance.packet import Packet, build_packet
from voicedr.program.scope.workbook import Flow, Workbook
from voicedr.program.vocabulary import Mode, Purpose
from voicedr.usecases.approve import checked_approvals
from voicedr.usecases.decide import assess as record_assessment
from voicedr.usecases.decide import declare as record_declaration
from voicedr.usecases.decide import open_incident, open_reviews
from voicedr.usecases.decide import review as record_review
from voicedr.usecases.decide import stand_down as record_stand_down
from voicedr.usecases.gather import Gathered, gather
from voicedr.usecases.watch import Looks, Watch
from voicedr.usecases.write_packet import packet_html, packet_json

governance = typer.Typer()

FlowId = Annotated[str, typer.Argument(metavar="FLOW", help="Its id in the workbook.")]


class Verdict(StrEnum):
    """What an assessment says."""

    GO = "go"
    NO_GO = "no-go"
    NOT_KNOWN = "not-known"


@governance.command()
def who(
    flow_id: Annotated[str | None, typer.Argument(metavar="FLOW", help="Its id. None: every flow.")] = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Who decides what, who is reachable now, and what is missing. Exit 1 if a function has nobody now."""
    workbook = workbook_of(workbook_file)
    flows = [flow_of(workbook, flow_id)] if flow_id else list(workbook.flows)
    now = datetime.now(UTC)
    incidents = incidents_of(journal_of(workbook_file, journal_file))
    short = False
    for flow in flows:
        found = matrix(workbook, flow, now)
        reviews = [glass for _, glass in open_reviews(incidents, flow.id)]
        short = short or any(one.reachable < one.quorum for one in found.functions)
        if as_json:
            say_json(msgspec.to_builtins(found) | {"open_reviews": msgspec.to_builtins(reviews)})
        else:
            out.print(matrix_text(found, open_incident(incidents, flow.id), reviews))
    raise typer.Exit(FINDING if short else DONE)


@governance.command()
def declare(
    flow_id: FlowId,
    person_id: As = None,
    why: Annotated[str, typer.Option("--why", help="What you see, in your words.")] = "",
    look_s: Annotated[
        float | None,
        typer.Option(
            "--look", min=5.0, max=600.0, help="Look at the signals for so many seconds, and keep what they say."
        ),
    ] = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    as_json: AsJson = False,
) -> None:
    """Say that a flow is degraded, by its signals (--look) or by your word (--why), and open the incident."""
    workbook = workbook_of(workbook_file)
    flow = flow_of(workbook, flow_id)
    person = person_of(workbook, person_id)
    incidents = incidents_of(journal_of(workbook_file, journal_file))
    seen = None if look_s is None else asyncio.run(_look(workbook, flow, look_s))
    now = datetime.now(UTC)
    said = record_declaration(
        incidents,
        workbook,
        flow,
        person,
        why,
        now,
        incident=f"{flow.id}-incident-{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        detected_at=None if seen is None else seen.since,
        sightings=() if seen is None else seen.sightings,
        looked_at=None if seen is None else now,
    )
    if as_json:
        say_json(msgspec.to_builtins(said))
        return
    out.print(f"{person.name} declared {said.incident}.", markup=False, soft_wrap=True)
    for one in said.sightings:
        out.print(f"  {'✖' if one.bad else '·'} {one.signal}: {one.said}", markup=False)
    out.print(f"next: voicedr assess {flow.id} --technical go|no-go|not-known, and --business …", markup=False)


async def _look(workbook: Workbook, flow: Flow, seconds: float) -> Detection:
    async with access(workbook) as has:
        # Short enough for several samples of each signal: one bad look is no outage.
        every_s = max(1.0, min(10.0, seconds / 4))
        looks = Looks(every_s=every_s, answer_s_max=min(5.0, every_s), call_answer_s_max=min(15.0, every_s))
        async with Watch(flow, has.providers, has.send, has.clock, looks=looks) as watching:
            await has.clock.sleep(seconds)
            return watching.detection()


@governance.command()
def assess(
    flow_id: FlowId,
    person_id: As = None,
    technical: Annotated[Verdict | None, typer.Option("--technical", help="Can the move be executed?")] = None,
    business: Annotated[
        Verdict | None, typer.Option("--business", help="Is the present state worse than the standby?")
    ] = None,
    why: Annotated[str, typer.Option("--why", help="Why, in your words.")] = "",
    cost: Annotated[
        float | None, typer.Option("--cost-per-minute", min=0.0, help="What a minute costs now, with --business.")
    ] = None,
    calls: Annotated[
        float | None, typer.Option("--calls-per-minute", min=0.0, help="Calls that come in now, with --business.")
    ] = None,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    graceful: Graceful = False,
    as_json: AsJson = False,
) -> None:
    """Give an assessment: --technical looks at the standby first and keeps what it found; --business keeps the cost."""
    workbook = workbook_of(workbook_file)
    flow = flow_of(workbook, flow_id)
    person = person_of(workbook, person_id)
    if (technical is None) == (business is None):
        raise Stop("say one of --technical and --business, with go, no-go or not-known.", WRONG_USE)
    if technical is not None and (cost is not None or calls is not None):
        raise Stop("what it costs is for --business to say. Leave it out, or say --business.", WRONG_USE)
    incidents = incidents_of(journal_of(workbook_file, journal_file))
    part: Part = "technical" if technical is not None else "business"
    judgement = _JUDGEMENTS[technical or business or Verdict.NOT_KNOWN]
    found = None if business is not None else asyncio.run(_gather(workbook, flow, Purpose.FAILOVER, graceful))
    said = record_assessment(
        incidents,
        workbook,
        flow,
        person,
        part,
        judgement,
        datetime.now(UTC),
        why=why,
        gaps=() if found is None else found.gaps,
        unknowns=() if found is None else found.unknowns,
        cost_per_minute=cost,
        calls_per_minute=calls,
    )
    if as_json:
        say_json(msgspec.to_builtins(said))
        return
    out.print(f"{person.name} says {said.judgement} ({part}).", markup=False)
    for gap in said.gaps:
        out.print(f"  ✖ {gap}", markup=False)
    for unknown in said.unknowns:
        out.print(f"  ? {unknown}", markup=False)
    out.print(f"next: voicedr packet {flow.id}", markup=False)


_JUDGEMENTS: dict[Verdict, Judgement] = {
    Verdict.GO: "go",
    Verdict.NO_GO: "no-go",
    Verdict.NOT_KNOWN: "not known",
}


@governance.command()
def packet(
    flow_id: FlowId,
    html: Annotated[Path | None, typer.Option("--html", help="Write the page as HTML to this file.")] = None,
    pdf: Annotated[Path | None, typer.Option("--pdf", help="Write it as one A4 sheet. Needs voicedr[pdf].")] = None,
    home: Annotated[bool, typer.Option("--failback", help="About the way home.")] = False,
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
    graceful: Graceful = False,
    as_json: AsJson = False,
) -> None:
    """All that a decision needs, on one page, read now; keeps the plan for approval and moves nothing."""
    workbook = workbook_of(workbook_file)
    flow = flow_of(workbook, flow_id)
    journal = journal_of(workbook_file, journal_file)
    purpose = Purpose.FAILBACK if home else Purpose.FAILOVER
    found = asyncio.run(_gather(workbook, flow, purpose, graceful or home))
    now = datetime.now(UTC)
    approvals = []
    if found.plan is not None:
        journal.keep_plan(plan_hash(found.plan), msgspec.json.encode(found.plan), now)
        approvals = checked_approvals(journal, found.plan, approving(workbook), now)
    made = build_packet(
        workbook,
        flow,
        now=now,
        purpose=purpose,
        mode=Mode.GRACEFUL if graceful or home else Mode.UNGRACEFUL,
        plan=found.plan,
        refused=found.refused,
        readiness=found.readiness,
        incident=open_incident(incidents_of(journal), flow.id),
        approvals=approvals,
    )
    written = _write(made, html, pdf)
    if not as_json:
        for path in written:
            out.print(str(path.resolve()), soft_wrap=True, markup=False)
    if as_json:
        typer.echo(packet_json(made).decode())
    elif html is None and pdf is None:
        out.print(packet_text(made))
    raise typer.Exit(DONE if made.plan_hash else FINDING)


def _write(made: Packet, html: Path | None, pdf: Path | None) -> list[Path]:
    page = packet_html(made)
    if html is not None:
        _put(html, page.encode())
    if pdf is not None:
        _put(pdf, one_page_pdf(page))
    return [path for path in (html, pdf) if path is not None]


def _put(path: Path, body: bytes) -> None:
    try:
        path.write_bytes(body)
    except OSError as exc:
        raise Stop(f"{path} cannot be written ({exc.strerror}). Name another place.", WRONG_USE) from exc


async def _gather(workbook: Workbook, flow: Flow, purpose: Purpose, graceful: bool) -> Gathered:
    leaves = flow.primary if purpose is Purpose.FAILOVER else flow.standby
    without = frozenset() if graceful else frozenset({leaves})
    mode = Mode.GRACEFUL if graceful else Mode.UNGRACEFUL
    async with access(workbook, without=without) as has:
        with ReadingProgress() as reading:
            return await gather(
                workbook,
                flow,
                purpose,
                mode,
                has.providers,
                has.send,
                has.clock,
                progress=reading.show,
                signer=partial(signer, workbook),
                dispatcher=has.dispatcher,
            )


@governance.command("stand-down")
def stand_down(
    flow_id: FlowId,
    person_id: As = None,
    why: Annotated[str, typer.Option("--why", help="Recovered, or a false alarm: what happened.")] = "it is over",
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
) -> None:
    """Close a flow's incident. What was moved stays where it is, and open reviews stay open."""
    workbook = workbook_of(workbook_file)
    flow = flow_of(workbook, flow_id)
    person = person_of(workbook, person_id)
    incidents = incidents_of(journal_of(workbook_file, journal_file))
    closed = record_stand_down(incidents, workbook, flow, person, why, datetime.now(UTC))
    out.print(f"{person.name} closed {closed.incident}: {why}.", markup=False, soft_wrap=True)
    for glass in closed.open_reviews:
        out.print(f"still open: {glass.glass} ({glass.rule.value} was broken by {glass.by})", markup=False)


@governance.command()
def review(
    glass: Annotated[str, typer.Argument(metavar="REVIEW", help="Its name, as voicedr who gives it.")],
    person_id: As = None,
    note: Annotated[str, typer.Option("--note", help="What the review found.")] = "",
    workbook_file: WorkbookFile = DEFAULT_WORKBOOK,
    journal_file: JournalFile = None,
) -> None:
    """Close the review of a rule that was broken; by somebody else than who broke it."""
    workbook = workbook_of(workbook_file)
    person = person_of(workbook, person_id)
    incidents = incidents_of(journal_of(workbook_file, journal_file))
    broken = record_review(incidents, workbook, person, glass, note, datetime.now(UTC))
    out.print(
        f"{person.name} reviewed {glass}: {broken.rule.value}, broken by {broken.by} because {broken.why}.",
        markup=False,
        soft_wrap=True,
    )
