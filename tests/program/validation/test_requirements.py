"""What the mapping names is there, and what an execution cannot support is said."""

from __future__ import annotations

import json
import re

import pytest

from made_journals import Writer, good_failover, rolled_back
from voicedr.program.validation.requirements import asked, mapping
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import Kind
from voicedr.usecases.write_report import figures, report_html, report_json


def test_every_field_is_a_figure_or_a_path_in_the_json() -> None:
    """A reader who follows the table finds what it names."""
    story = tell(good_failover())
    written = json.loads(report_json(story))
    for source, asks, _, fields in asked():
        for field in fields:
            if field in figures(story):
                continue
            value = written["story"]
            for name in field.removeprefix("story.").split("."):
                assert name in value, (source, asks, field)
                value = value[name]


def test_every_section_is_in_the_page() -> None:
    """By its heading, or the row says that it is not in the report."""
    html = report_html(tell(rolled_back()))
    headings = [re.sub("<.*?>", "", one) for one in re.findall(r"<h2[^>]*>(.*?)</h2>", html, re.S)]
    for source, asks, section, _ in asked():
        optional = section in ("Callers, counted from outside", "What was promised")
        assert optional or section == "" or section in headings, (source, asks, section)


def test_no_row_claims_that_something_is_met() -> None:
    """It supports; the judgement is the reader's."""
    text = report_html(tell(good_failover()))
    said = re.sub("<.*?>", " ", text[text.index('id="h-asked"') :]).lower()
    assert "supports" in said
    assert not re.search(r"\bcompl(y|ies|iant|iance)\b|\bcertif|\bconform", said)


@pytest.mark.parametrize(
    ("kind", "asks", "missing"),
    [
        (Kind.DRILL_TWIN, "services of third-party providers are tested", "a drill on the twin does not test"),
        (Kind.DRILL_LIVE, "services of third-party providers are tested", ""),
        (Kind.DRILL_LIVE, "switchover to redundant capacity", ""),
        (Kind.DRILL_LIVE, "the objective is met", ""),
        (Kind.DRILL_LIVE, "what it did to operations and people", "nobody counted callers"),
        (Kind.DRILL_LIVE, "crisis communication is challenged", "not in this report"),
    ],
)
def test_what_an_execution_supports_depends_on_what_it_was(kind: Kind, asks: str, missing: str) -> None:
    """The twin is not the provider, and nobody counted callers."""
    rows = {one.asks: one.missing for one in mapping(tell(good_failover(kind)))}
    assert rows[asks].startswith(missing)
    assert bool(rows[asks]) is bool(missing)


def test_a_run_that_only_began_supports_nothing_but_its_beginning() -> None:
    """Everything that rests on an end or a move says so."""
    rows = {one.asks: one.missing for one in mapping(tell(Writer().journal))}
    assert rows["results are documented"] == "the execution has not ended"
    assert rows["switchover to redundant capacity"] == "nothing was moved"
    assert rows["governance is challenged: who decided what, when, on what"] == "no approval is recorded"
