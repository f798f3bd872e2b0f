"""Durations are said as people say them, and never round a minute into sixty seconds."""

from __future__ import annotations

import pytest

from voicedr.program.validation.spoken import countdown, listed, span


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "not known"),
        (0, "0 s"),
        (4.25, "4.2 s"),
        (9.96, "10 s"),
        (59.6, "1 min"),
        (119.7, "2 min"),
        (550, "9 min 10 s"),
        (3599.6, "1 h"),
        (3780, "1 h 03 min"),
        (-2, "-2 s"),
    ],
)
def test_a_duration_is_said(seconds: float | None, said: str) -> None:
    """Each in the unit that a person would use."""
    assert span(seconds) == said


def test_a_running_clock_counts_whole_seconds_and_never_runs_backwards() -> None:
    """It is a clock, not a measurement."""
    assert countdown(252.9) == "00:04:12"
    assert countdown(-3) == "00:00:00"


def test_a_long_list_says_how_much_it_left_out() -> None:
    """Every cut has its number."""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed([str(n) for n in range(9)]) == "0, 1, 2, 3, 4, 5 and 3 more"
