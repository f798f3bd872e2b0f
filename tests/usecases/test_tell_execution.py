"""The story of an execution with what lies around it: the incident, the tests before and after, and the workbook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from made_journals import Writer, another, at, good_failover, make_plan, rolled_back
from program.governance.governed import governed
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.bootstrap import incidents_of
from voicedr.ports.incidents import Incidents
from voicedr.program.execution import events as ev
from voicedr.program.execution.plan import plan_hash
from voicedr.program.governance.incident import Assessed, Declared, GlassBroken, Reviewed
from voicedr.program.scope.authority import Rule
from voicedr.program.scope.workbook import Workbook
from voicedr.program.vocabulary import Kind, Purpose
from voicedr.usecases.tell_execution import changes_since_last_test, tell_execution
from voicedr.usecases.write_report import figures, report_html, report_json, report_markdown

INCIDENT = "support-line-incident-1"


@dataclass
class Shelf:
    """A journal with executions in it, and the incidents beside it."""

    journal: SqliteJournal
    incidents: Incidents
    workbook: Workbook

    def keep(self, events: list[ev.Event]) -> str:
        """Keep a run; its id."""
        opened = events[0]
        assert isinstance(opened, ev.Opened)
        self.journal.open(opened.execution, opened.plan.flow, events)
        return opened.execution


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """An empty one, with a workbook that has targets."""
    journal = SqliteJournal(tmp_path / "journal.db")
    return Shelf(journal, incidents_of(journal), governed()[0])


def in_incident(events: list[ev.Event]) -> list[ev.Event]:
    """A run that names the incident."""
    opened = events[0]
    assert isinstance(opened, ev.Opened)
    return [msgspec.structs.replace(opened, incident=INCIDENT), *events[1:]]


def declare(shelf: Shelf) -> None:
    """Declared after 20 s, assessed after 90 s; glass is broken twice over the plan, and reviewed once."""
    by: dict[str, Any] = {"by": "A. Ruiz", "person_id": "ruiz"}
    digest = plan_hash(make_plan())
    shelf.incidents.open(
        Declared(at=at(20), incident=INCIDENT, flow="support-line", why="silence", detected_at=at(0), **by)
    )
    for event in (
        Assessed(at=at(60), part="technical", judgement="go", unknowns=("whether TLS holds",), **by),
        Assessed(at=at(90), part="business", judgement="go", cost_per_minute=900.0, by="B. Chen", person_id="chen"),
        GlassBroken(
            at=at(95), glass="review-1", rule=Rule.HOURS, why="night", plan_hash=digest, expires_at=at(9999), **by
        ),
        GlassBroken(
            at=at(96), glass="review-2", rule=Rule.QUORUM, why="alone", plan_hash=digest, expires_at=at(9999), **by
        ),
        Reviewed(at=at(900), glass="review-1", note="it was right", by="B. Chen", person_id="chen"),
    ):
        shelf.incidents.append(INCIDENT, event)


def test_the_clock_of_the_decision_runs_from_detection_to_the_end(shelf: Shelf) -> None:
    """Seven steps against the workbook's targets, from the journal and from the incident's record."""
    declare(shelf)
    shelf.keep(in_incident(good_failover()))
    story = tell_execution(shelf.journal, shelf.incidents, shelf.workbook, "x-0042").story
    clock = {tick.step: (tick.after_s, tick.target_s, tick.kept) for tick in story.around.clock}
    assert clock == {
        "detected": (0.0, None, None),
        "declared": (20.0, 120.0, True),
        "assessed": (90.0, 300.0, True),
        "approved": (160.0, 600.0, True),
        "first act": (166.0, 720.0, True),
        "first proof": (190.0, None, None),
        "done": (342.0, 900.0, True),
    }
    assert list(clock) == ["detected", "declared", "assessed", "approved", "first act", "first proof", "done"]
    assert figures(story)["targets_missed"] == 0


def test_without_an_incident_nobody_is_late_to_declare(shelf: Shelf) -> None:
    """It is not known, which is neither late nor in time."""
    shelf.keep(good_failover())
    story = tell_execution(shelf.journal, shelf.incidents, shelf.workbook, "x-0042").story
    clock = {tick.step: tick for tick in story.around.clock}
    assert (clock["declared"].at, clock["declared"].kept, clock["declared"].target_s) == (None, None, 120.0)
    assert clock["approved"].kept is True
    assert "nobody recorded who declared" in report_html(story)


def test_what_approvers_could_see_is_what_was_recorded_until_then(shelf: Shelf) -> None:
    """The plan's unknowns and the assessments before; who had approved before; what came later is not in it."""
    declare(shelf)
    w = Writer(make_plan(unknowns=("whether routes can be written",)))
    signed: dict[str, Any] = {"signed": True, "key": "ed25519 SHA256:x", "statement": "voicedr approval 1\n"}
    w.add(ev.Approved(at=at(70), person="A. Ruiz", role="on-call lead", plan_hash=w.hash, **signed))
    w.add(ev.Approved(at=at(160), person="B. Chen", role="operations director", plan_hash=w.hash))
    shelf.keep(in_incident(w.journal))
    story = tell_execution(shelf.journal, shelf.incidents, shelf.workbook, "x-0042").story
    first, second = story.around.basis
    assert first.unknowns == ("whether routes can be written", "whether TLS holds")
    assert [words.split(":")[0] for words in first.assessed] == ["A. Ruiz (technical)"]
    assert (first.statement, first.key, first.approved_before) == ("voicedr approval 1\n", "ed25519 SHA256:x", ())
    assert second.assessed[1] == "B. Chen (business): go (900 a minute)"
    assert (second.statement, second.approved_before, second.after_detection_s) == ("", ("A. Ruiz",), 160.0)
    html = report_html(story)
    assert "not known then: whether TLS holds" in html
    assert "voicedr approval 1" in html


def test_broken_glass_and_its_reviews_are_in_the_report(shelf: Shelf) -> None:
    """One was reviewed, one is open: it is a figure and a next step."""
    declare(shelf)
    shelf.keep(in_incident(good_failover()))
    story = tell_execution(shelf.journal, shelf.incidents, shelf.workbook, "x-0042").story
    assert [(glass.rule, glass.reviewed_by) for glass in story.around.glass] == [("hours", "B. Chen"), ("quorum", "")]
    assert (figures(story)["glass_broken"], figures(story)["reviews_open"]) == (2, 1)
    assert any(step.startswith("review-2 is open: A. Ruiz broke quorum") for step in story.next_steps)
    html = report_html(story)
    assert "Reviewed by B. Chen" in html
    assert "Review review-2 is open." in html
    assert story.summary[0].startswith("A. Ruiz declared support-line-incident-1")


def test_the_last_test_is_the_newest_finished_run_of_the_same_flow_and_purpose(shelf: Shelf) -> None:
    """Not a dry run, not the way home, not one that drifted, not one that came later."""
    plan = make_plan({"canary": 3, "low-risk": 3}, propagation_s_max=200.0)
    older = Writer(plan, kind=Kind.DRILL_LIVE).finish(50, "aborted")
    shelf.keep(another(older, "oldest", -30))
    shelf.keep(another(older, "last", -20))
    shelf.keep(another(Writer(plan, kind=Kind.DRY_RUN).finish(50), "dry", -10))
    shelf.keep(another(Writer(make_plan(purpose=Purpose.FAILBACK)).finish(50), "home", -9))
    shelf.keep(another(Writer(plan).finish(50, "drifted"), "drifted", -8))
    shelf.keep(another(Writer(make_plan(flow="sales")).finish(50), "other", -7))
    shelf.keep(good_failover())
    story = tell_execution(shelf.journal, shelf.incidents, shelf.workbook, "x-0042").story
    since = story.around.since_last
    assert since is not None
    assert (since.last.execution, since.last.outcome, since.last.kind) == ("last", "aborted", Kind.DRILL_LIVE)
    signs = [(change.sign, change.about) for change in since.changes]
    assert signs == [("~", "entry point"), ("~", "limit")]
    assert figures(story)["plan_changes"] == 2
    assert "~ limit longest propagation, s: 200 → 300" in report_html(story)
    assert "longest propagation, s: 200 → 300" in report_markdown(story)
    found = changes_since_last_test(shelf.journal, make_plan({"canary": 1}))
    assert found is not None
    assert found[0].execution == "x-0042"


def test_where_nothing_was_tested_before_that_is_said(shelf: Shelf) -> None:
    """None is not no difference."""
    shelf.keep(good_failover())
    story = tell_execution(shelf.journal, shelf.incidents, shelf.workbook, "x-0042").story
    assert story.around.since_last is None
    assert figures(story)["plan_changes"] is None
    assert "is in the journal, so what has changed since is not known" in report_html(story)
    assert changes_since_last_test(shelf.journal, make_plan(flow="sales")) is None


def test_gaps_are_tested_again_by_the_next_run(shelf: Shelf) -> None:
    """In the report of the first, whether they were found again; in that of the second, which of the first are gone."""
    shelf.keep(rolled_back())
    first = tell_execution(shelf.journal, shelf.incidents, shelf.workbook, "x-0042").story
    assert {gap.state for gap in first.around.gaps} == {"open"}
    shelf.keep(another(good_failover(), "x-0043", 7))
    first = tell_execution(shelf.journal, shelf.incidents, shelf.workbook, "x-0042").story
    states = {gap.name: (gap.state, gap.retested_by) for gap in first.around.gaps}
    assert states["gate-no-go low-risk"] == ("not found again", "x-0043")
    assert states["callers-not-counted"] == ("found again", "x-0043")
    second = tell_execution(shelf.journal, shelf.incidents, shelf.workbook, "x-0043").story
    assert second.around.since_last is not None
    again = {one.name: one.state for one in second.around.since_last.retested}
    assert (again["gate-blind low-risk"], again["callers-not-counted"]) == ("not found again", "found again")
    html = report_html(second)
    assert "Gaps of that test, looked for again" in html
    assert all(gap.owner for gap in second.around.gaps)


@pytest.mark.parametrize(
    ("then", "now", "words"),
    [
        ("", "b" * 64, "does not say which workbook"),
        ("a" * 64, "", "was not at hand"),
        ("a" * 64, "a" * 64, "byte for byte"),
        ("a" * 64, "b" * 64, "was changed since: it was aaaaaaaaaaaa at the opening, and is bbbbbbbbbbbb now"),
    ],
)
def test_whether_the_workbook_is_the_one_of_the_opening(shelf: Shelf, then: str, now: str, words: str) -> None:
    """By its hash, and said in words."""
    events = good_failover()
    opened = events[0]
    assert isinstance(opened, ev.Opened)
    shelf.keep([msgspec.structs.replace(opened, workbook_sha256=then), *events[1:]])
    workbook = msgspec.structs.replace(shelf.workbook, sha256=now)
    story = tell_execution(shelf.journal, shelf.incidents, workbook, "x-0042").story
    assert words in story.around.workbook
    assert words in report_html(story).replace("\n", " ") or words.capitalize() in report_html(story)


def test_told_twice_it_is_told_alike(shelf: Shelf) -> None:
    """A report is a function of what is recorded and of the workbook."""
    declare(shelf)
    shelf.keep(another(rolled_back(), "x-0041", -7))
    shelf.keep(in_incident(good_failover()))
    once, again = (tell_execution(shelf.journal, shelf.incidents, shelf.workbook, "x-0042").story for _ in range(2))
    assert report_html(once) == report_html(again)
    assert report_json(once) == report_json(again)
    assert report_markdown(once) == report_markdown(again)
