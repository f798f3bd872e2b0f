"""Who decides, and the page for them, on a terminal: the same words and order as on paper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from voicedr.program.governance.authority import FunctionStanding, Matrix, Standing
from voicedr.program.governance.incident import GlassBroken, Incident, Tick
from voicedr.program.governance.packet import Packet
from voicedr.program.governance.packet_parts import Line, Sure
from voicedr.program.governance.told import open_review
from voicedr.program.validation.spoken import clock, count, listed, span, stamp
from voicedr.usecases.write_packet import MARKS

STYLES = {Sure.GOOD: "green", Sure.BAD: "red", Sure.UNKNOWN: "yellow", Sure.SAID: ""}


def matrix_text(found: Matrix, incident: Incident | None, reviews: Sequence[GlassBroken]) -> RenderableType:
    """Who may decide what for a flow, who is on, whom to ask now, and what is missing."""
    table = Table(box=None, pad_edge=True, padding=(0, 2), header_style="dim")
    for column in ("function", "who, in order", "ask now", "may", "needs"):
        table.add_column(column, overflow="fold")
    for one in found.functions:
        table.add_row(
            one.function.value.replace("_", " "),
            "\n".join(_person(standing, found.at) for standing in one.people) or "nobody",
            _asked(one),
            ", ".join(decision.value for decision in one.may),
            f"{one.quorum}, {one.reachable} on now",
        )
    lines: list[RenderableType] = [Text(f"{found.flow} at {stamp(found.at)}", style="bold"), table]
    if incident is not None:
        lines.append(
            Text(f"  incident {incident.incident}, declared {clock(incident.declared.at)} by {incident.declared.by}")
        )
    lines += [Text(f"  ✖ {words}", style="yellow") for words in found.missing]
    lines += [Text(f"  ✖ {open_review(one)}", style="red") for one in reviews]
    return Group(*lines)


def _person(one: Standing, now: datetime) -> str:
    again = f", on {_when(one.next_on_at, now)}" if one.next_on_at else ", not within a week"
    deputy = "" if one.place == 1 else f" (deputy {one.place - 1})"
    return f"{'●' if one.on else '○'} {one.name} ({one.person}){deputy}{'' if one.on else again}"


def _when(at: datetime, now: datetime) -> str:
    return f"{at:%H:%M} UTC" if at.date() == now.date() else f"{at:%a %H:%M} UTC"


def _asked(one: FunctionStanding) -> str:
    first = next((each for each in one.people if each.person == one.ask), None)
    if first is None:
        return "nobody is on"
    contact = f" {first.contact}" if first.contact else ""
    return f"{first.name}{contact}; the next after {span(one.answer_within_s)}"


def packet_text(made: Packet) -> RenderableType:
    """The page."""
    asked = f" ({made.leaves} is asked nothing)" if made.mode.value == "ungraceful" else ""
    head = f"{made.flow} · tier {made.tier} · {made.purpose.value}, {made.mode.value}{asked} · {stamp(made.made_at)}"
    parts: list[RenderableType] = [Text(made.question, style="bold"), Text(head, style="dim")]
    if made.incident:
        parts.append(Text(f"incident {made.incident}", style="dim"))
    if made.unknowns:
        are = "is" if made.unknowns == 1 else "are"
        parts.append(
            Text(f"? {count(made.unknowns, 'line')} {are} not known; whoever approves takes that on", "yellow")
        )
    for title, lines in (
        ("signals", made.signals),
        ("technical preconditions", made.technical),
        ("business impact", made.business),
        ("waiting against moving", made.costs),
        ("what callers lose in the standby", made.lost),
        ("what will be done", (*made.actions, made.takes)),
    ):
        if lines:
            parts += [Text(), Text(title, style="bold"), _lines(lines)]
    if made.clock:
        parts += [Text(), Text("clock of the decision", style="bold"), _clock(made.clock)]
    return Group(*parts, Text(), *_deciding(made))


def _lines(lines: Sequence[Line]) -> Table:
    grid = Table.grid(padding=(0, 1))
    grid.pad_edge = True
    for one in lines:
        unknown = " [not known]" if one.sure is Sure.UNKNOWN else ""
        grid.add_row(
            Text(MARKS[one.sure], STYLES[one.sure]), Text(one.about, "dim"), Text(one.words + unknown, STYLES[one.sure])
        )
    return grid


def _clock(ticks: Sequence[Tick]) -> Table:
    grid = Table.grid(padding=(0, 2))
    grid.pad_edge = True
    for tick in ticks:
        after = "" if not tick.after_s else f"+{span(tick.after_s)}"
        target = "" if tick.target_s is None else f"of {span(tick.target_s)}{', late' if tick.kept is False else ''}"
        at = clock(tick.at) if tick.at else "not known" if tick.step == "detected" else "not yet"
        grid.add_row(
            Text(tick.step),
            Text(at),
            Text(f"{after} {target}".strip(), "red" if tick.kept is False else ""),
            Text(tick.by),
        )
    return grid


def _deciding(made: Packet) -> list[Text]:
    lines = [Text("who must approve", style="bold")]
    for one in made.approved:
        how = "signed" if one.signed else "by word"
        why = "" if one.counts else f"; does not count: {one.why_not}"
        lines.append(Text(f" {'✔' if one.counts else '✖'} {one.person} ({one.role}), {clock(one.at)} UTC, {how}{why}"))
    if made.command is None:
        lines.append(Text(" ✖ there is no plan, so there is nothing to approve", style="red"))
    else:
        lines.append(Text(f" {made.missing.split(':')[0] or 'it is approved'}"))
        if made.missing:
            lines.append(Text(f" ask: {listed(made.ask) if made.ask else 'nobody who may approve is on now'}"))
    lines += [Text(f" silence: {made.silence}"), Text(f" back: {made.back}")]
    if made.command is not None:
        lines += [Text(f" plan {made.plan_hash}"), Text(f"  {made.command}", style="bold")]
    return lines
