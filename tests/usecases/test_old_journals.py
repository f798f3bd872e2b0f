"""A journal that an older release wrote is read, verified, told and gone on with by this one.

``journal-0.1.db.gz`` was recorded by 0.1.0 on SQLite over the scene of these tests, in virtual time: ``old-done`` ran
to its end; the process of ``old-cut`` died with three changes in flight, after 29 records.
"""

from __future__ import annotations

import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from scenes import Scene, number
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.program.evidence.file import verify
from voicedr.program.execution import events as ev
from voicedr.program.execution.state import Execution, Stage, fold
from voicedr.program.readiness.resources import Routable
from voicedr.program.vocabulary import IE1
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual
from voicedr.usecases.export_evidence import export_evidence
from voicedr.usecases.write_report import report_html, report_json, story_of

RECORDED = Path(__file__).parent.parent / "fixtures" / "journal-0.1.db.gz"
IN_FLIGHT = [f"route number {number(n)} -> ie1" for n in (1, 2, 3)]


@pytest.fixture
def journal(tmp_path: Path) -> SqliteJournal:
    """The recorded one, opened by this release."""
    (tmp_path / "journal.db").write_bytes(gzip.decompress(RECORDED.read_bytes()))
    return SqliteJournal(tmp_path / "journal.db")


def test_it_is_whole_and_tells_its_story(journal: SqliteJournal) -> None:
    """Both executions are listed, their evidence verifies, and the report has its figures."""
    assert {one.execution: one.finished for one in journal.executions()} == {"old-done": True, "old-cut": False}
    for execution, records in (("old-done", 55), ("old-cut", 29)):
        verdict = verify(export_evidence(journal, execution))
        assert verdict.whole, verdict.what
        assert verdict.records == records
    story = story_of(journal.read("old-done"))
    assert (story.outcome, story.moved, story.proved, len(story.approvals)) == ("done", 4, 4, 2)
    assert "old-done" in report_html(story)
    assert report_json(story)


def test_what_was_in_flight_is_in_flight(journal: SqliteJournal) -> None:
    """The state is the one it died in."""
    state = fold(record.event for record in journal.read("old-cut"))
    assert [name for name, one in state.actions.items() if one.stage is Stage.IN_FLIGHT] == IN_FLIGHT


def test_this_release_goes_on_with_it(journal: SqliteJournal, tmp_path: Path) -> None:
    """It looks at the three before anything else, moves the two that had not moved, and moves none twice."""
    scene = Scene(tmp_path, {"canary": 1, "rest": 3}, execution="old-cut")
    for n in (0, 2):
        scene.account.seed_route(Routable("number", number(n)), IE1)

    async def run(clock: VirtualClock) -> Execution:
        return await scene.run(clock, holder="another")

    state = run_virtual(run, start=START + timedelta(hours=1))
    assert state.finished is not None
    assert state.finished.outcome == "done"
    looked = [event.action for event in scene.events if isinstance(event, ev.Looked)]
    assert sorted(looked) == IN_FLIGHT
    moved = [write.about for write in scene.account.writes if write.method == "set_route"]
    assert sorted(moved) == [number(1), number(3)]
    assert verify(export_evidence(journal, "old-cut")).whole
