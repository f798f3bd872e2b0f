"""The report of an execution as Markdown, for a ticket or a chat."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from voicedr.program.execution.plan_diff import change_line, totals
from voicedr.program.validation.chapters import Story
from voicedr.program.validation.spoken import clock, count, sentence, short, span, stamp
from voicedr.usecases.report_answers import HURTS, callers_words, in_time, kept_words
from voicedr.usecases.report_figures import Figure, figures

_MARKED = re.compile(r"([\\`*_{}\[\]<>#|~&])")


def plain(text: object) -> str:
    """Text that Markdown shows as it is: no markup, no HTML, on one line."""
    return _MARKED.sub(r"\\\1", " ".join(str(text).split()))


def report_markdown(story: Story) -> str:
    """The report for a ticket or a chat: the first screen, the moments, the cohorts, and what went wrong."""
    hurt, hurt_by = callers_words(story)
    lines = [f"# {plain(story.title)}", "", f"**{plain(sentence(story.outcome_words))}.**", ""]
    lines += [*(f"- {plain(sentence)}" for sentence in story.summary), ""]
    lines += [
        f"- **Callers were hurt:** {plain(hurt)}. {plain(hurt_by)}",
        f"- **Promise kept:** {plain(kept_words(story))}. {plain(sentence(story.promise.words))}.",
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
    owned = {gap.what: gap for gap in story.around.gaps}
    for deficiency in story.deficiencies:
        gap = owned.get(deficiency.what)
        owner = f" ({gap.owner}, due {_day(gap.due_at)}, {gap.state})" if gap is not None else ""
        lines.append(f"- {HURTS[deficiency.hurts]}: {plain(deficiency.what)} → {plain(deficiency.do)}{plain(owner)}")
    if not story.deficiencies:
        lines.append("- nothing was found")
    lines += _clock(story)
    lines += _since(story)
    lines += ["", "## Figures", "", "| figure | value |", "| --- | ---: |"]
    lines += [f"| {plain(name)} | {plain(_figure(value))} |" for name, value in figures(story).items()]
    lines += ["", f"Journal: {count(story.records, 'record')}, head {plain(story.head or 'not known')}.", ""]
    return "\n".join(lines)


def _clock(story: Story) -> Iterator[str]:
    if story.around.clock:
        yield from (
            "",
            "## Clock of the decision",
            "",
            "| step | time (UTC) | after | target | |",
            "| --- | --- | ---: | ---: | --- |",
        )
    for tick in story.around.clock:
        target = "" if tick.target_s is None else span(tick.target_s)
        yield f"| {tick.step} | {clock(tick.at)} | {span(tick.after_s)} | {target} | {in_time(tick)} |"


def _since(story: Story) -> Iterator[str]:
    since = story.around.since_last
    yield from ("", "## Since the last test", "")
    if since is None:
        yield "There is no finished test of this flow before this one in the journal."
        return
    yield f"{plain(since.last.execution)} ({since.last.kind}, {since.last.outcome}): {totals(since.changes)}."
    yield ""
    yield from (f"- `{change.sign}` {plain(change_line(change)[2:])}" for change in since.changes)


def _day(at: datetime | None) -> str:
    return "not known" if at is None else f"{at:%Y-%m-%d}"


def _figure(value: Figure) -> str:
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
