"""Callers are counted in windows, and a call whose end nobody knows is neither served nor lost."""

from __future__ import annotations

from made_journals import at
from voicedr.program.validation.callers import CallerSeen, count_callers


def test_calls_are_counted_in_the_window_they_were_placed_in() -> None:
    """A call at a cut belongs to the window that begins there."""
    calls = [CallerSeen(at(s), served) for s, served in ((-5, True), (0, False), (3, None), (9, False), (10, True))]
    tally = count_callers(calls, [("during", at(0)), ("after", at(10))], source="test")
    assert [(w.title, w.placed, w.served, w.lost) for w in tally.windows] == [
        ("before", 1, 1, 0),
        ("during", 3, 0, 2),
        ("after", 1, 1, 0),
    ]
    assert (tally.placed, tally.served, tally.lost, tally.unknown) == (5, 2, 2, 1)
    assert (tally.first_lost_at, tally.last_lost_at, tally.hurt_s) == (at(0), at(9), 9)


def test_no_lost_call_is_no_time_hurt() -> None:
    """Nothing lost, nothing to date."""
    tally = count_callers([], [], source="test")
    assert tally.hurt_s == 0
    assert tally.first_lost_at is None
