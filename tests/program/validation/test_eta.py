"""The expected end of a running execution is inside its bounds, and gets narrower with what is measured."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from made_journals import Writer, at, crashed, good_failover, make_plan, rolled_back
from voicedr.program.execution import events as ev
from voicedr.program.scope.moving import Overlap
from voicedr.program.validation.eta import BAND_S_MIN, Eta, eta
from voicedr.program.validation.story import tell
from voicedr.program.vocabulary import Verdict

SIZES = {"canary": 2, "low": 20, "rest": 20}


def running(**changes: object) -> Writer:
    """A run of three cohorts that has begun."""
    return Writer(make_plan(SIZES, **changes)).approve().run()


def expected(writer: Writer, now: datetime) -> Eta:
    """The expectation, which there must be."""
    found = eta(tell(writer.journal), now)
    assert found is not None
    assert found.earliest <= found.at <= found.latest
    assert found.plus_minus_s >= BAND_S_MIN
    return found


def band_s(found: Eta) -> float:
    """From the earliest to the latest."""
    return (found.latest - found.earliest).total_seconds()


def test_before_anything_is_measured_it_is_the_forecast() -> None:
    """Three propagations of up to five minutes, and calls at one a second."""
    found = expected(running(), at(166))
    assert band_s(found) == pytest.approx(3 * 300.0)
    assert found.plus_minus_s == pytest.approx(450.0)


def test_a_propagation_that_was_seen_narrows_the_band() -> None:
    """The canary was proved after twenty seconds: the others are expected to be, though they may take the longest."""
    w = running().move("canary", 166)
    before = expected(w, at(170))
    w.prove("canary", 186, each_s=1).calls("canary", 190, 34).gate("canary", 260, Verdict.GO, 34, 0)
    after = expected(w, at(261))
    assert after.plus_minus_s < before.plus_minus_s / 10
    assert after.at < before.at
    assert band_s(after) < band_s(before)


def test_a_pace_that_was_measured_counts_and_not_the_planned_one() -> None:
    """Twenty writes took a minute: the provider slowed us down, and the rest will take as long."""
    slow = running().move("canary", 166).prove("canary", 186, 1).gate("canary", 190, Verdict.GO, 34, 0)
    quick = running().move("canary", 166).prove("canary", 186, 1).gate("canary", 190, Verdict.GO, 34, 0)
    quick.move("low", 191)
    slow.add(ev.CohortStarted(at=at(191), cohort="low"))
    for n, event in enumerate(
        event for event in quick.journal if isinstance(event, ev.Answered) and event.at > at(191)
    ):
        moved_at = at(192 + 3 * n)
        slow.add(
            ev.Intended(at=moved_at - timedelta(seconds=1), action=event.action, attempt=1),
            ev.Answered(at=moved_at, action=event.action, region=event.region, source="test"),
        )
    assert expected(slow, at(260)).at - expected(quick, at(260)).at > timedelta(seconds=50)


def test_overlap_is_in_it() -> None:
    """Where cohorts may wait side by side, the end is sooner."""
    alone = expected(running(), at(166))
    both = expected(running(overlap=Overlap(cohorts_max=2, entry_points_max=40)), at(166))
    assert both.latest <= alone.latest - timedelta(seconds=250)


@pytest.mark.parametrize(
    "event",
    [
        ev.Paused(at=at(170), by="voicedr", why="look"),
        ev.Stopped(at=at(170), by="ana", why="smoke"),
        ev.Aborted(at=at(170), by="ana", why="enough"),
        ev.DecisionAsked(at=at(170), cohort="canary", question="good?", roles=("lead",)),
        ev.RollbackOrdered(at=at(170), by="ana", why="bad", actions=()),
        ev.Finished(at=at(170), outcome="aborted"),
    ],
)
def test_where_people_hold_it_nothing_is_promised(event: ev.Event) -> None:
    """Nobody knows how long people take; an end that is there needs no guess."""
    w = running().move("canary", 166)
    assert eta(tell(w.journal), at(169)) is not None
    assert eta(tell(w.add(event).journal), at(171)) is None


def test_every_beginning_of_a_journal_has_one_or_none() -> None:
    """No record makes it fail, and a time in the past is never expected."""
    for journal in (good_failover(), rolled_back(), crashed()):
        for length in range(len(journal) + 1):
            now = journal[max(0, length - 1)].at
            found = eta(tell(journal[:length]), now)
            assert found is None or now <= found.earliest <= found.at <= found.latest


def test_it_is_said_in_words() -> None:
    """For a screen."""
    found = expected(running(), at(166))
    assert found.words.startswith("ETA ")
    assert " ± 7 min 30 s (" in found.words
