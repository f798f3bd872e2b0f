"""An execution of another journal is kept as it was written there. Twice is once; another under its id is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from scenes import Scene
from voicedr.adapters.journal.brought import put_in
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.adapters.journal.trial import try_to_write
from voicedr.ports.journal import JournalError
from voicedr.program.evidence.brought import NotBroughtIn, read_brought
from voicedr.testing.virtual_time import run_virtual
from voicedr.usecases.export_evidence import export_evidence


def ran(folder: Path, propagation_s: float = 0.0) -> bytes:
    """The evidence of a finished execution with the id x1."""
    folder.mkdir()
    scene = Scene(folder, {"canary": 1, "rest": 1}, propagation_s=propagation_s)
    scene.open()
    run_virtual(scene.run)
    try:
        return export_evidence(scene.journal, "x1")
    finally:
        scene.journal.close()


def test_it_is_kept_record_by_record_and_keeps_nobody_from_moving_the_flow(tmp_path: Path) -> None:
    """The chain is the same, so its evidence file is the same bytes; the plan is known by its hash."""
    evidence = ran(tmp_path / "laptop")
    team = SqliteJournal(tmp_path / "team.db")
    brought = read_brought(evidence)
    assert (brought.outcome, put_in(team, brought), put_in(team, brought)) == ("done", True, False)
    assert export_evidence(team, "x1") == evidence
    (listed,) = team.executions()
    assert (listed.finished, listed.held, listed.flow) == (True, False, "support-line")
    assert team.plan(brought.opened.plan_hash) is not None
    other = read_brought(ran(tmp_path / "other", propagation_s=7.0))
    with pytest.raises(NotBroughtIn, match="another execution with the id x1"):
        put_in(team, other)
    assert export_evidence(team, "x1") == evidence
    team.close()


def test_what_is_not_whole_or_not_finished_stays_out(tmp_path: Path) -> None:
    """With the way on."""
    evidence = ran(tmp_path / "laptop")
    for body, words in (
        (b"hello", "no evidence file"),
        (evidence.replace(b'"holder":"me"', b'"holder":"us"', 1), "is not whole: record"),
        (evidence[:-30], "is not whole"),
    ):
        with pytest.raises(NotBroughtIn, match=words):
            read_brought(body)
    (tmp_path / "open").mkdir()
    opened = Scene(tmp_path / "open", {"canary": 1})
    opened.open()
    with pytest.raises(NotBroughtIn, match="x1 is not finished"):
        read_brought(export_evidence(opened.journal, "x1"))
    opened.journal.close()


def test_trying_to_write_leaves_nothing_and_finds_a_journal_that_cannot_be_written(tmp_path: Path) -> None:
    """A row is written and taken back."""
    journal = SqliteJournal(tmp_path / "team.db")
    before = (tmp_path / "team.db").read_bytes()
    try_to_write(journal)
    try_to_write(journal)
    assert (tmp_path / "team.db").read_bytes() == before
    with journal.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE buckets")
    with pytest.raises(JournalError):
        try_to_write(journal)
    journal.close()
