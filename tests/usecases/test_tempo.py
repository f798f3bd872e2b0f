"""The rhythm of an execution follows how soon routes arrive."""

from __future__ import annotations

import pytest

from voicedr.usecases.tempo import Tempo, tempo_for


@pytest.mark.parametrize(("propagation_s_max", "again_s"), [(300.0, 10.0), (20.0, 10.0), (10.0, 5.0), (1.0, 2.0)])
def test_unproved_numbers_are_called_again_sooner_only_where_routes_arrive_sooner(
    propagation_s_max: float, again_s: float
) -> None:
    """An account of the usual propagation keeps the usual rhythm; nothing else of it changes in any case."""
    assert tempo_for(propagation_s_max) == Tempo(again_s=again_s)
