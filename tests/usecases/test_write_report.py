"""The report opens from disk, loads nothing, hides nothing, and its three forms say the same numbers."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path

import msgspec
import pypdf
import pytest

from made_journals import Writer, at, crashed, good_failover, make_plan, rolled_back, route
from voicedr.adapters.pdf import PdfUnusable, paged_pdf
from voicedr.ports.journal import Record
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import action_id
from voicedr.program.scope.workbook import Flow, Roles
from voicedr.program.validation.callers import CallerSeen, CallerTally, count_callers
from voicedr.program.validation.chapters import Story
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import IE1, US1, Mode
from voicedr.usecases.report_figures import AROUND, SCHEMA, figures_explained
from voicedr.usecases.timeline_picture import LEFT, RIGHT, draw
from voicedr.usecases.write_report import (
    PAPER_LINES_MAX,
    figures,
    plain,
    report_html,
    report_json,
    report_markdown,
    story_of,
)

VOID = {"meta", "link", "br", "img", "hr", "input"}
HOSTILE = "\"><script>alert(1)</script><img src=http://evil.example/x onerror='x'>"


def a_tally() -> CallerTally:
    """Callers of a good run: lost until the canary was proved."""
    calls = [CallerSeen(at(s), s > 200 or s < 0) for s in range(-50, 300, 5)]
    return count_callers(calls, [("during", at(0)), ("after", at(200))], source="the twin's count")


STORIES = {
    "good": tell(good_failover(), a_tally(), head="ab" * 32),
    "rolled back": tell(rolled_back()),
    "crashed": tell(crashed()),
    "opened": tell(Writer().journal),
    "empty": tell([]),
}


class Page(HTMLParser):
    """Reads a page, and fails on what is not well formed."""

    def __init__(self) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag opens."""
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A tag without content."""
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """A tag closes, and it was the last one opened."""
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack.pop() == tag

    def handle_data(self, data: str) -> None:
        """Words."""
        self.text.append(data)


def read(html: str) -> Page:
    """A page that is well formed to its end."""
    page = Page()
    page.feed(html)
    page.close()
    assert page.stack == []
    return page


@pytest.mark.parametrize("name", STORIES)
def test_a_page_is_well_formed_with_headings_in_order(name: str) -> None:
    """One h1, nothing skipped, every labelled part has its label, every id is used once."""
    page = read(report_html(STORIES[name]))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(level - before <= 1 for before, level in itertools.pairwise(levels))
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    for _, attributes in page.tags:
        for label in (attributes.get("aria-labelledby") or "").split():
            assert label in ids
    assert dict(page.tags)["html"]["lang"] == "en"


@pytest.mark.parametrize("name", STORIES)
def test_a_page_loads_nothing_and_runs_nothing(name: str) -> None:
    """It opens from disk on a laptop without a network."""
    html = report_html(STORIES[name])
    page = read(html)
    assert not {"script", "link", "img", "iframe", "object", "embed"} & {tag for tag, _ in page.tags}
    for _, attributes in page.tags:
        assert not [key for key in attributes if key.startswith("on") or key in ("src", "xlink:href")]
        assert (attributes.get("href") or "#").startswith("#")
    assert not re.search(r"url\((?!#)|@import|https?://", html)


def hostile_story() -> Story:
    """Every name that a stranger may choose is an attack."""
    plan = make_plan({HOSTILE: 2}, flow=HOSTILE, unknowns=(HOSTILE,), already=(HOSTILE,))
    w = Writer(plan)
    w.add(
        ev.Approved(at=at(100), person=HOSTILE, role=HOSTILE, plan_hash=w.hash, note=HOSTILE),
        ev.Paused(at=at(110), by=HOSTILE, why=HOSTILE),
        ev.DecisionAsked(at=at(111), cohort=HOSTILE, question=HOSTILE, roles=(HOSTILE,)),
        ev.Intended(at=at(112), action=action_id(route(100)), attempt=1),
        ev.AnswerLost(at=at(113), action=action_id(route(100)), why=HOSTILE),
        ev.GateBlind(at=at(114), cohort=HOSTILE, why=HOSTILE),
    )
    tally = count_callers([CallerSeen(at(1), False)], [(HOSTILE, at(0))], source=HOSTILE)
    return tell(w.journal, tally, head=HOSTILE)


def test_hostile_names_are_shown_and_do_nothing() -> None:
    """A flow called like a script is a flow with an odd name."""
    html = report_html(hostile_story())
    page = read(html)
    assert not {"script", "img"} & {tag for tag, _ in page.tags}
    assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]
    assert HOSTILE in "".join(page.text)
    markdown = report_markdown(hostile_story())
    assert "<script" not in markdown.replace("\\<", "")


def test_markdown_markup_in_names_is_shown_as_it_is() -> None:
    """A pipe does not open a column, and a line break no heading."""
    assert plain("a|b\n# c [x](y) `z`") == "a\\|b \\# c \\[x\\](y) \\`z\\`"


@pytest.mark.parametrize("name", STORIES)
def test_html_json_and_markdown_show_the_same_figures(name: str) -> None:
    """One to one: no form knows a number that another does not."""
    story = STORIES[name]
    told = json.loads(report_json(story))["figures"]
    shown: dict[str, object] = {}
    for tag, attributes in read(report_html(story)).tags:
        if tag == "data":
            key, value = attributes["data-figure"], json.loads(attributes["value"] or "")
            assert key is not None
            assert shown.setdefault(key, value) == value
    assert shown == told == json.loads(msgspec.json.encode(figures(story)))
    markdown = report_markdown(story)
    for key in told:
        assert f"| {plain(key)} | " in markdown


def test_the_first_screen_answers_four_questions() -> None:
    """What happened, how long callers were hurt, whether the promise was kept, what must be done now."""
    text = " ".join("".join(read(report_html(STORIES["good"])).text).split())
    for words in (
        "What happened Done: 6 of 6 entry points moved",
        "How long were callers hurt? 3 min 20 s",
        "Did we keep the promise? Yes Kept with 9 min 18 s to spare",
        "What must be done now",
    ):
        assert words in text
    text = " ".join("".join(read(report_html(STORIES["rolled back"])).text).split())
    assert "How long were callers hurt? Not measured" in text


def test_the_journal_is_there_line_by_line_with_its_head() -> None:
    """The evidence is in the file, and says how to check it."""
    events = good_failover()
    records = [Record(n, 1, event, b"", "", f"{n:064x}") for n, event in enumerate(events, 1)]
    html = report_html(story_of(records))
    assert f"{len(events):064x}" in html
    assert len([tag for tag, _ in read(html).tags if tag == "time"]) == len(events)
    assert "voicedr verify x-0042" in html


def test_the_workbook_says_what_was_promised() -> None:
    """Only where the caller has it."""
    flow = Flow("s", "Support <line>", 1, US1, IE1, 900.0, (), Roles("a", "b", "c", ("d",)), must_survive=("greeting",))
    html = report_html(STORIES["good"], flow)
    assert "Support &lt;line&gt;" in html
    assert "greeting" in html
    assert "Must survive" not in report_html(STORIES["good"])


def test_equal_journals_give_equal_bytes() -> None:
    """Nothing in a report depends on when it was made unless the caller says so."""
    assert report_html(tell(crashed())) == report_html(tell(crashed()))
    assert report_json(tell(crashed())) == report_json(tell(crashed()))


@pytest.mark.parametrize("name", ["good", "rolled back", "crashed", "opened"])
def test_the_picture_stays_inside_its_frame(name: str) -> None:
    """Every bar and mark lies on the axis, and there is a text for who cannot see it."""
    picture = draw(STORIES[name])
    assert picture is not None
    assert picture.description
    for lane in picture.lanes:
        assert all(bar.x >= LEFT and bar.x + bar.width <= RIGHT + 0.41 for bar in lane.bars)
        assert all(LEFT <= mark.x <= RIGHT for mark in lane.marks)
    assert len(picture.ticks) <= 6
    html = report_html(STORIES[name])
    assert picture.description.split(";")[0] in html


def test_the_picture_says_when_something_has_no_end() -> None:
    """A journal that stops leaves its bars open."""
    picture = draw(STORIES["crashed"])
    assert picture is not None
    assert any(bar.open_ for lane in picture.lanes for bar in lane.bars)


def _luminance(colour: str) -> float:
    channels = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_every_text_colour_has_enough_contrast_in_light_dark_and_print() -> None:
    """4.5 to 1, WCAG 2.2 success criterion 1.4.3."""
    css = files("voicedr.usecases").joinpath("templates/report.css").read_text()
    schemes = [
        dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6})", block)) for block in re.findall(r":root \{(.*?)\}", css, re.S)
    ]
    assert len(schemes) == 3
    for scheme in schemes:
        pairs = [
            (text, ground) for text in ("text", "muted", "good", "bad", "warn", "accent") for ground in ("bg", "card")
        ]
        for text, ground in [*pairs, ("on", "accent"), ("on", "bad")]:
            light, dark = sorted((_luminance(scheme[text]), _luminance(scheme[ground])), reverse=True)
            assert (light + 0.05) / (dark + 0.05) >= 4.5, (text, ground, scheme)


FIGURES_OF_1 = """
outcome entry_points moved moved_back left_in_standby numbers proved calls_good calls_bad calls_synthetic cohorts
cohorts_passed approvals approvals_needed approvals_signed glass_broken reviews_open rto_s took_s rto_kept decided_s
first_act_s first_proof_s targets_missed forecast_shortest_s forecast_longest_s actual_s waited_for_people_s
callers_placed callers_served callers_lost callers_hurt_s answers_lost unsettled requests_to_left_region emergency_stops
mode_changes assertions_failed nobody_running_s deficiencies gaps_open plan_changes records
"""
"""Add here what is added there. Nothing may go out while the schema is voicedr/report/1."""


def test_the_names_of_figures_are_stable() -> None:
    """Under one schema figures are added, and none is renamed or removed."""
    assert SCHEMA == "voicedr/report/1"
    assert list(figures(STORIES["good"])) == FIGURES_OF_1.split()
    assert dict(figures_explained()).keys() == figures(STORIES["good"]).keys()
    assert figures(STORIES["good"]).keys() >= AROUND


ON_PAPER = tell(good_failover(), head="ab" * 32)


@pytest.fixture(scope="module")
def paper() -> bytes:
    """A report on paper; making one takes seconds."""
    return paged_pdf(report_html(ON_PAPER, paper=True))


def test_the_paper_has_every_section_with_page_numbers_id_and_chain_head(paper: bytes) -> None:
    """On every page: which execution, which head, which page of how many."""
    pages = pypdf.PdfReader(io.BytesIO(paper)).pages
    texts = [" ".join(page.extract_text().split()) for page in pages]
    assert 2 <= len(pages) <= 12
    for number, text in enumerate(texts, 1):
        assert f"x-0042 · head {'ab' * 32}" in text
        assert f"{number} of {len(pages)}" in text
    whole = " ".join(texts)
    for words in ("Did we keep the promise?", "Who decided, and on what", "What auditors ask", "signature", "records"):
        assert words in whole
    width, height = (float(pages[0].mediabox.width), float(pages[0].mediabox.height))
    assert (round(width), round(height)) == (595, 842)


def test_equal_journals_give_equal_paper(paper: bytes) -> None:
    """Byte for byte, in another process, in another time zone, with another hash seed."""
    made = (
        "import sys; sys.path[:0] = ['tests']; import hashlib, made_journals as m\n"
        "from voicedr.adapters.pdf import paged_pdf; from voicedr.usecases.write_report import report_html\n"
        "from voicedr.program.validation.story import tell\n"
        "html = report_html(tell(m.good_failover(), head='ab' * 32), paper=True)\n"
        "print(hashlib.sha256(paged_pdf(html)).hexdigest())"
    )
    said = subprocess.run(
        [sys.executable, "-c", made], cwd=Path(__file__).parents[2], capture_output=True, text=True, check=True,
        timeout=150, env={**os.environ, "PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo"},
    ).stdout  # fmt: skip
    assert said.strip() == hashlib.sha256(paper).hexdigest()


def test_paper_is_bounded_and_says_what_it_leaves_out() -> None:
    """Three thousand numbers make no longer lists than sixty have; the rest is in the other forms."""
    plan = make_plan({"all": 3000})
    w = Writer(plan).approve().run().move("all", 166)
    for n in range(500):
        name = action_id(route(100 + n))
        w.add(ev.NotDone(at=at(200 + n / 100), action=name, why="429", final=False))
    html = report_html(tell(w.journal), paper=True)
    assert "and 440 more refusals, in the JSON and in the evidence file" in html
    assert f"{PAPER_LINES_MAX} of" in html
    assert html.count("<li><time") == PAPER_LINES_MAX
    assert len(html) < 100_000


def test_a_missing_program_for_paper_is_said_with_the_way_on(monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install, and what to do without it."""
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    with pytest.raises(PdfUnusable, match=r"pip install 'voicedr\[pdf\]'.*Or take the HTML"):
        paged_pdf("<p>x</p>")


def test_what_people_did_while_it_ran_is_in_the_page() -> None:
    """Emergency stop, change of mode, looks before and after, runner gaps, and what is left in the standby."""
    w = Writer().approve().run().move("canary", 166)
    unfit = ev.Unfit("+14155550100", "was silent")
    w.add(
        ev.Asserted(at=at(165), cohort="canary", when="before", checked=3),
        ev.Asserted(at=at(170), cohort="canary", when="after", checked=2, failed=(unfit,)),
        ev.Stopped(at=at(180), by="ana", why="smoke"),
        ev.Resumed(at=at(240), by="ana", why="it was the kettle"),
        ev.ModeSwitched(at=at(250), mode=Mode.GRACEFUL, by="ana", why="us1 answers again", role="lead"),
    ).run(400, 2)
    story = tell(w.journal)
    text = " ".join("".join(read(report_html(story)).text).split())
    for words in (
        "emergency stop, by ana: smoke",
        "graceful from now on, by ana (lead): us1 answers again",
        "does not hold canary, after it has moved: 2 entry points looked at; 1 not as it must be",
        "nobody running, no record for",
        "When the journal stops, 2 of 6 entry points are in ie1: canary 2 of 2",
    ):
        assert words in text
    told = figures(story)
    assert (told["emergency_stops"], told["mode_changes"], told["assertions_failed"]) == (1, 1, 1)
    assert told["nobody_running_s"] == 150.0
