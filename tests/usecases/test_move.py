"""How many acts are under way at once."""

from __future__ import annotations

import pytest

from voicedr.usecases.move import ACTS_MAX, AT_ONCE_MAX, acts_at_once


@pytest.mark.parametrize(
    ("pace", "acts"), [(1.0, AT_ONCE_MAX), (100.0, AT_ONCE_MAX), (200.0, 100), (300.0, 150), (5000.0, ACTS_MAX)]
)
def test_a_quick_pace_has_more_acts_on_their_way_and_never_more_than_can_be_looked_at(pace: float, acts: int) -> None:
    """Half a second's worth, between what was always allowed and what a crash may leave unsettled."""
    assert acts_at_once(pace) == acts
