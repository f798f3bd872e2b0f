"""Whoever holds an execution up, or moves it back, is on record with how they stood to the authority."""

from __future__ import annotations

import os

import pytest

from approval_desk import Desk
from program.scope.support_line import GOOD
from scenes import NOW
from voicedr.adapters.journal.holders import this_holder
from voicedr.program.execution import events as ev

APPROVED_ROLLBACK = """\
authority:
  rollback: approval
  detection: {may: [declare]}
  technical_assessment: {may: [assess]}
  business_impact: {may: [assess, stop]}
  approval: {may: [approve-failover]}
"""


@pytest.fixture
def running(desk: Desk) -> Desk:
    """An execution that a living process has in hand."""
    desk.scene.open()
    desk.scene.journal.take("x1", this_holder("ana", os.uname().nodename), NOW, 15.0)
    desk.put("voicedr.yaml", GOOD)
    return desk


def notes(desk: Desk) -> list[tuple[str, str, str]]:
    """What waits for the process."""
    return [(one.name, one.by, one.note) for one in desk.scene.journal.commands("x1")]


def test_anybody_may_stop_and_it_is_said_who_they_were(running: Desk) -> None:
    """Outside the authority it holds all the same; the screen and the journal say so."""
    running.put("voicedr.yaml", GOOD + APPROVED_ROLLBACK)
    said = running.voicedr("stop", "x1", "--as", "ruiz", "--why", "smoke")
    words = "smoke; outside the authority: A. Ruiz may not stop for support-line"
    assert (said.code, f"on record: {words}" in said.out) == (0, True)
    assert notes(running) == [("stop", "A. Ruiz", words)]


def test_who_is_in_the_authority_is_on_record_as_that(running: Desk) -> None:
    """Pausing takes no reason; the standing is there."""
    said = running.voicedr("pause", "x1", "--as", "chen")
    assert said.code == 0, said
    nobody = running.voicedr("abort", "x1", "--why", "enough", "--json")
    assert nobody.code == 0, nobody
    (pause, _, paused), (_, _, aborted) = notes(running)
    assert (pause, paused) == ("pause", "asked to; in the authority as business impact and approval")
    assert aborted == "enough; outside the authority: nobody of the workbook was named"
    assert aborted in nobody.out


def test_a_command_that_goes_on_keeps_its_note_as_it_is(running: Desk) -> None:
    """An answer is a decision of its own, and is not decorated."""
    lease = running.scene.journal.take("x1", this_holder("ana", os.uname().nodename), NOW, 15.0)
    running.scene.journal.append(lease, [ev.Paused(at=NOW, by="ana", why="look")], NOW, 15.0)
    assert running.voicedr("resume", "x1", "--as", "ruiz", "--why", "seen").code == 0
    assert notes(running) == [("resume", "A. Ruiz", "seen")]


def test_a_rollback_is_open_to_everybody_by_default(running: Desk) -> None:
    """With how they stood."""
    assert running.voicedr("rollback", "x1").code == 0
    assert notes(running)[0][2] == "asked to; outside the authority: nobody of the workbook was named"


def test_a_rollback_may_be_kept_for_those_who_may_approve_one(running: Desk) -> None:
    """Refused with 4 and whom to ask; nothing is said to the process."""
    running.put("voicedr.yaml", GOOD + APPROVED_ROLLBACK.replace("assess, stop", "assess, approve-rollback"))
    nobody = running.voicedr("rollback", "x1")
    assert (nobody.code, "Say who you are: --as PERSON. Ask B. Chen (chen)" in nobody.err) == (4, True)
    assert nobody.err.endswith("Nothing was moved back.")
    ruiz = running.voicedr("rollback", "x1", "--as", "ruiz")
    assert (ruiz.code, "A. Ruiz may not approve a rollback for support-line" in ruiz.err) == (4, True)
    assert notes(running) == []
    assert running.voicedr("rollback", "x1", "--as", "chen", "--primary-is-back").code == 0
    assert notes(running)[0][2] == "asked to (primary-is-back); in the authority as business impact"
