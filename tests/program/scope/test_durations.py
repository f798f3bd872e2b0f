"""Durations are read as people write them and written as people read them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.program.scope.durations import DURATION_PATTERN, parse_duration_s, write_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("15m", 900),
        ("90s", 90),
        ("1h30m", 5400),
        ("2h", 7200),
        ("1h0m1s", 3601),
        ("0s", 0),
        ("1.5s", 1.5),
        ("", None),
        ("15", None),
        ("15 m", None),
        ("m15", None),
        ("15M", None),
        ("30m1h", None),
        ("-5m", None),
        ("1.5h", None),
        ("15m\n", None),
        ("１５m", None),
        ("99999h", None),
    ],
)
def test_only_a_duration_is_a_duration(text: str, seconds: float | None) -> None:
    """A unit for every number, in the order hours, minutes, seconds."""
    assert parse_duration_s(text) == seconds


@given(st.integers(min_value=0, max_value=9999 * 3600 * 1000))
def test_what_is_written_reads_back(milliseconds: int) -> None:
    """To the millisecond, and the published pattern agrees."""
    text = write_duration(milliseconds / 1000)
    assert parse_duration_s(text) == pytest.approx(milliseconds / 1000, abs=1e-6)
    assert re.search(DURATION_PATTERN, text)
