"""The report of an execution: one HTML file that opens from disk, the same facts as JSON, and as Markdown for a ticket.

The HTML needs no script and loads nothing: it must open on a laptop without a network, in an archive, in five years.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from voicedr.ports.journal import Record
from voicedr.program.scope.workbook import Flow
from voicedr.program.validation.callers import CallerTally
from voicedr.program.validation.chapters import Story
from voicedr.program.validation.spoken import clock, count, short, span, stamp
from voicedr.program.validation.story import KINDS, tell
from voicedr.program.vocabulary import Kind
from voicedr.usecases.timeline_picture import draw

SCHEMA = "voicedr/report/1"
"""The name of the JSON's shape. Fields are added; a field that changes its meaning gets another name."""

Figure = int | float | str | bool | None

_HURTS = {"callers": "callers", "proof": "not proved", "people": "people", "plan": "plan"}


def story_of(records: Sequence[Record], callers: CallerTally | None = None) -> Story:
    """The story of a journal's records, with the hash of the last one."""
    head = records[-1].hash if records else None
    return tell([record.event for record in records], callers, head=head)


def figures(story: Story) -> dict[str, Figure]:
    """The numbers a report stands on. HTML, JSON and Markdown all show these, and no others."""
    callers = story.callers
    plan = story.planned_actual
    return {
        "outcome": story.outcome,
        "entry_points": story.entry_points,
        "moved": story.moved,
        "moved_back": story.moved_back,
        "numbers": story.numbers,
        "proved": story.proved,
        "calls_good": story.good,
        "calls_bad": story.bad,
        "calls_synthetic": story.synthetic,
        "cohorts": len(story.cohorts),
        "cohorts_passed": sum(cohort.passed for cohort in story.cohorts),
        "approvals": sum(approval.counts for approval in story.approvals),
        "approvals_needed": story.approvals_needed,
        "rto_s": story.promise.rto_s,
        "took_s": story.promise.took_s,
        "rto_kept": story.promise.kept,
        "forecast_shortest_s": plan.shortest_s if plan else None,
        "forecast_longest_s": plan.longest_s if plan else None,
        "actual_s": plan.actual_s if plan else None,
        "callers_placed": callers.placed if callers else None,
        "callers_served": callers.served if callers else None,
        "callers_lost": callers.lost if callers else None,
        "callers_hurt_s": callers.hurt_s if callers else None,
        "answers_lost": len(story.lost_answers),
        "unsettled": sum(lost.settled_at is None for lost in story.lost_answers) + len(story.in_flight),
        "requests_to_left_region": story.requests_to_left_region,
        "deficiencies": len(story.deficiencies),
        "records": story.records,
    }


def report_json(story: Story) -> bytes:
    """The whole story as JSON: the figures first, then everything the HTML shows."""
    return msgspec.json.format(
        msgspec.json.encode({"schema": SCHEMA, "figures": figures(story), "story": story}), indent=2
    )


def report_html(story: Story, flow: Flow | None = None, *, made_at: datetime | None = None) -> str:
    """The report as one HTML page.

    Args:
        story: What happened.
        flow: The flow as the workbook has it now, for what was promised; None leaves that section out.
        made_at: When the report was made; None leaves it out, so that equal journals give equal bytes.
    """
    return _page().render(
        story=story,
        flow=flow,
        made_at=made_at,
        picture=draw(story),
        figures=figures(story),
        hurt=callers_words(story),
        kept=kept_words(story),
        real=story.kind is Kind.REAL,
        kind=KINDS[story.kind] if story.kind else "not known",
        hurts=_HURTS,
    )


def callers_words(story: Story) -> tuple[str, str]:
    """How long callers were hurt: the answer in a few words, and what it rests on."""
    tally = story.callers
    if tally is None:
        return "not measured", "Nobody counted callers from outside, and a journal cannot know."
    unknown = f"; of {count(tally.unknown, 'call')} the end is not known" if tally.unknown else ""
    counted = f"{tally.lost} of {count(tally.placed, 'call')} lost, {tally.served} served{unknown} ({tally.source})."
    if not tally.lost:
        return "no call was lost" if tally.placed and not tally.unknown else "no call is known to be lost", counted
    first, last = clock(tally.first_lost_at), clock(tally.last_lost_at)
    return span(tally.hurt_s), f"First lost call {first}, last {last}. {counted}"


def kept_words(story: Story) -> str:
    """Did we keep the promise: yes, no, or what stands in the way of an answer."""
    if story.promise.kept is not None:
        return "yes" if story.promise.kept else "no"
    return story.promise.words.split(":")[0]


def _sentence(words: str) -> str:
    """With a capital at the beginning."""
    return words[:1].upper() + words[1:]


def _instant(at: datetime) -> str:
    """Time of day with milliseconds, for the journal's lines."""
    return f"{clock(at)}.{at.microsecond // 1000:03d}"


@cache
def _page() -> Template:
    environment = Environment(
        loader=PackageLoader("voicedr.usecases", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    said: dict[str, Callable[..., str]] = {
        "span": span,
        "clock": clock,
        "stamp": stamp,
        "short": short,
        "count": count,
        "instant": _instant,
        "sentence": _sentence,
    }
    environment.filters.update(said)
    return environment.get_template("report.html")


_MARKED = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def plain(text: object) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, on one line."""
    return _MARKED.sub(r"\\\1", " ".join(str(text).split()))


def report_markdown(story: Story) -> str:
    """The report for a ticket or a chat: the first screen, the moments, the cohorts, and what went wrong."""
    hurt, hurt_by = callers_words(story)
    lines = [f"# {plain(story.title)}", "", f"**{plain(_sentence(story.outcome_words))}.**", ""]
    lines += [*(f"- {plain(sentence)}" for sentence in story.summary), ""]
    lines += [
        f"- **Callers were hurt:** {plain(hurt)}. {plain(hurt_by)}",
        f"- **Promise kept:** {plain(kept_words(story))}. {plain(_sentence(story.promise.words))}.",
        f"- **Planned against actual:** {plain(story.planned_actual.words if story.planned_actual else 'not known')}",
        "",
        "## What must be done now",
        "",
        *(f"{number}. {plain(step)}" for number, step in enumerate(story.next_steps, 1)),
        "",
        "## Moments",
        "",
        "| time (UTC) | what | after |",
        "| --- | --- | ---: |",
    ]
    for moment in story.moments:
        after = "" if moment.after_s is None else f"+{span(moment.after_s)}"
        lines.append(f"| {clock(moment.at)} | {plain(moment.title)} | {after} |")
    lines += ["", "## Cohorts", "", "| cohort | moved | proved | good | bad | test calls | gate |"]
    lines.append("| --- | ---: | ---: | ---: | ---: | ---: | --- |")
    for cohort in story.cohorts:
        verdict = f"{cohort.verdict}: {cohort.verdict_words}" if cohort.verdict else "none"
        lines.append(
            f"| {plain(cohort.name)} | {cohort.moved} of {cohort.entry_points} | {cohort.proved} of {cohort.numbers}"
            f" | {cohort.good} | {cohort.bad} | {cohort.synthetic} | {plain(verdict)} |"
        )
    lines += ["", "## Approvals", ""]
    lines += [
        f"- {plain(approval.person)} ({plain(approval.role)}), {stamp(approval.at)},"
        f" plan {plain(short(approval.plan_hash))}, {plain(approval.proof)}"
        for approval in story.approvals
    ] or ["- none recorded"]
    lines += ["", "## What went wrong or is not known", ""]
    lines += [
        f"- {_HURTS[deficiency.hurts]}: {plain(deficiency.what)} → {plain(deficiency.do)}"
        for deficiency in story.deficiencies
    ] or ["- nothing was found"]
    lines += ["", "## Figures", "", "| figure | value |", "| --- | ---: |"]
    lines += [f"| {plain(name)} | {plain(_figure(value))} |" for name, value in figures(story).items()]
    lines += ["", f"Journal: {count(story.records, 'record')}, head {plain(story.head or 'not known')}.", ""]
    return "\n".join(lines)


def _figure(value: Figure) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
