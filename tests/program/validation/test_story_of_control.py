"""What people do to a running execution, and what was looked at on the way, is told in the log and in the report."""

from __future__ import annotations

import pytest

from made_journals import Writer, at, good_failover
from voicedr.program.execution import events as ev
from voicedr.program.validation.story import tell
from voicedr.program.validation.timeline import timeline_line
from voicedr.program.vocabulary import Mode

UNFIT = ev.Unfit("number +14155550100", "has no handler in ie1; configure it there")
UNSEEN = ev.Unfit("+14155550101", "nobody was reached")


@pytest.mark.parametrize(
    ("event", "words", "notable"),
    [
        (ev.Stopped(at=at(1), by="ana", why="smoke"), ("EMERGENCY STOP by ana", "smoke"), True),
        (ev.Resumed(at=at(1), by="ana", why="it was the kettle"), ("resumed by ana: it was the kettle",), True),
        (
            ev.CommandRefused(at=at(1), name="go", by="ana", why="no question is open"),
            ("go by ana meant nothing",),
            True,
        ),
        (
            ev.ModeSwitched(at=at(1), mode=Mode.GRACEFUL, by="ana", why="green", role="lead", seen="us1 answered"),
            ("graceful from now on, by ana (lead): green", "us1 answered"),
            True,
        ),
        (
            ev.RunnerStarted(at=at(1), holder="b@noc2:7", term=2, gap_s=125.0),
            ("term 2, after 2 min 05 s in which nobody had it",),
            True,
        ),
        (
            ev.Asserted(at=at(1), cohort="canary", when="before", checked=2),
            ("canary, before it moves: 2 entry points looked at; all as it must be",),
            False,
        ),
        (
            ev.Asserted(at=at(1), cohort="canary", when="after", checked=2, failed=(UNFIT,), unseen=(UNSEEN,)),
            ("after it has moved", "1 not as it must be (number +14155550100 has no handler", "nobody could look"),
            True,
        ),
        (
            ev.Asserted(at=at(1), cohort="canary", when="before", checked=2, unseen=(UNSEEN,), waived_by="ana"),
            ("ana goes on in spite of it",),
            True,
        ),
    ],
)
def test_each_is_a_line_of_the_log(event: ev.Event, words: tuple[str, ...], notable: bool) -> None:
    """What changes what a person would do is notable."""
    line = timeline_line(event)
    assert line.notable is notable
    for one in words:
        assert one in line.words


def test_a_stop_is_a_stretch_of_standing_still() -> None:
    """From the stop to the resume, and what to do meanwhile."""
    w = Writer().approve().run().move("canary", 166)
    w.add(ev.Paused(at=at(170), by="ben", why="look"), ev.Stopped(at=at(180), by="ana", why="smoke"))
    standing = tell(w.journal)
    assert [(stop.kind, stop.to_at) for stop in standing.stops] == [("paused", at(180)), ("stopped", None)]
    assert "voicedr resume x-0042 --why REASON" in standing.next_steps[0]
    story = tell(w.add(ev.Resumed(at=at(200), by="ana", why="kettle")).journal)
    assert story.stops[-1].to_at == at(200)


def test_what_was_taken_on_is_in_the_deficiencies_with_its_name() -> None:
    """Somebody has to look afterwards at what nobody saw."""
    doubt = ev.Asserted(at=at(170), cohort="canary", when="after", checked=2, unseen=(UNSEEN,), waived_by="ana")
    story = tell(Writer().approve().run().move("canary", 166).add(doubt).journal)
    (found,) = [one for one in story.deficiencies if "because ana said so" in one.what]
    assert found.hurts == "proof"
    assert "+14155550101" in found.do


def test_a_doubt_that_was_looked_at_again_and_held_is_none() -> None:
    """The last look counts."""
    doubt = ev.Asserted(at=at(167), cohort="canary", when="before", checked=2, failed=(UNFIT,))
    held = ev.Asserted(at=at(168), cohort="canary", when="before", checked=2)
    story = tell(sorted([*good_failover(), doubt, held], key=lambda event: event.at))
    assert not [one for one in story.deficiencies if "+14155550100" in one.what]


def test_the_mode_is_told_as_it_was_in_the_end() -> None:
    """Requests to the Region that was left count against the run only once it is ungraceful."""
    switched = ev.ModeSwitched(at=at(170), mode=Mode.GRACEFUL, by="ana", why="green", role="lead", seen="us1 answered")
    story = tell(Writer().approve().run().move("canary", 166).add(switched).finish(300, "aborted", requests=4))
    assert story.mode == Mode.GRACEFUL
    assert not [one for one in story.deficiencies if "which is not to be asked" in one.what]
    (change,) = story.mode_changes
    assert (change.at, change.by) == (at(170), "ana")
