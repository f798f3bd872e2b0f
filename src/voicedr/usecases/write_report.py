"""The report of an execution: one HTML file that opens from disk, the same facts as JSON, and as Markdown for a ticket.

The HTML needs no script and loads nothing: it must open on a laptop without a network, in an archive, in five years.
All forms are functions of the story, which is one of journal, incident and workbook: told again, they are the same.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import cache

import msgspec
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from voicedr.program.execution.plan_diff import change_line, totals
from voicedr.program.scope.workbook import Flow
from voicedr.program.validation.chapters import Story
from voicedr.program.validation.planned import longest_stretch
from voicedr.program.validation.requirements import mapping
from voicedr.program.validation.spoken import clock, count, sentence, short, span, stamp
from voicedr.program.validation.story import KINDS
from voicedr.program.validation.timeline import timeline_line
from voicedr.program.vocabulary import Kind
from voicedr.usecases.report_answers import HURTS, callers_words, in_time, kept_words
from voicedr.usecases.report_figures import SCHEMA, Figure, figures
from voicedr.usecases.report_markdown import plain, report_markdown
from voicedr.usecases.tell_execution import story_of
from voicedr.usecases.timeline_picture import draw

PAPER_LINES_MAX = 150
"""So many lines of the journal are printed, the notable ones: about four pages. All of it is in the evidence file."""

PAPER_ROWS_MAX = 60
"""So many of a long list are printed."""

__all__ = ["SCHEMA", "Figure", "figures", "plain", "report_html", "report_json", "report_markdown", "story_of"]


def report_json(story: Story) -> bytes:
    """The whole story as JSON: the figures first, then everything the HTML shows."""
    return msgspec.json.format(
        msgspec.json.encode(
            {"schema": SCHEMA, "figures": figures(story), "story": story, "requirements": mapping(story)}
        ),
        indent=2,
    )


def report_html(story: Story, flow: Flow | None = None, *, made_at: datetime | None = None, paper: bool = False) -> str:
    """The report as one HTML page.

    Args:
        story: What happened.
        flow: The flow as the workbook has it now, for what was promised; None leaves that section out.
        made_at: When the report was made; None leaves it out, so that equal journals give equal bytes.
        paper: For printing: long lists and the journal are cut, and say so; there is room to sign.
    """
    notable = [line for line in story.timeline if line.notable]
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
        hurts=HURTS,
        stretch=longest_stretch(story),
        requirements=mapping(story),
        paper=paper,
        rows_max=PAPER_ROWS_MAX if paper else None,
        journal=notable[:PAPER_LINES_MAX] if paper else story.timeline,
        notable=len(notable),
    )


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
        "sentence": sentence,
        "in_time": in_time,
        "said_asserted": lambda said: timeline_line(said).words,
        "change_line": change_line,
        "totals": totals,
    }
    environment.filters.update(said)
    return environment.get_template("report.html")
