"""An edge that cannot be reached is left alone at once, is looked at without a request, and comes back by a trial."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.runtime.edge.circuit import FRESH, TRANSITIONS, Circuit, Event, Limits, State, after

LIMITS = Limits(failures_to_open=3, wait_s=1.0, wait_s_max=8.0, spread=0.5, lost_s=60.0)


def fold(*events: Event, start: Circuit = FRESH, now_s: float = 100.0) -> Circuit:
    """The circuit after these events, all at one time, with no chance."""
    for event in events:
        start = after(start, event, now_s, LIMITS, 0.0)
    return start


@pytest.mark.parametrize(
    ("events", "state"),
    [
        ([], State.CLOSED),
        ([Event.UNREACHED], State.OPEN),
        ([Event.FAILED] * 2, State.CLOSED),
        ([Event.FAILED] * 3, State.OPEN),
        ([Event.FAILED, Event.FAILED, Event.ANSWERED, Event.FAILED, Event.FAILED], State.CLOSED),
        ([Event.UNREACHED, Event.PROBE_REACHED], State.OPEN),
        ([Event.UNREACHED, Event.PROBE_BEGUN, Event.UNREACHED], State.OPEN),
        ([Event.UNREACHED, Event.PROBE_BEGUN, Event.PROBE_REACHED], State.HALF_OPEN),
        ([Event.UNREACHED, Event.PROBE_BEGUN, Event.PROBE_REACHED, Event.TRIAL_BEGUN], State.TRIAL),
        ([Event.UNREACHED, Event.PROBE_BEGUN, Event.PROBE_REACHED, Event.TRIAL_BEGUN, Event.ANSWERED], State.CLOSED),
        ([Event.UNREACHED, Event.PROBE_BEGUN, Event.PROBE_REACHED, Event.TRIAL_BEGUN, Event.FAILED], State.OPEN),
        ([Event.UNREACHED, Event.PROBE_BEGUN, Event.PROBE_REACHED, Event.TRIAL_BEGUN, Event.LOST], State.HALF_OPEN),
        ([Event.UNREACHED, Event.PROBE_BEGUN, Event.LOST], State.OPEN),
    ],
)
def test_each_way_through_the_table(events: list[Event], state: State) -> None:
    """A connection that fails opens at once, answers that fail open after three in a row, and only a trial closes."""
    assert fold(*events).state is state


def test_the_wait_doubles_to_its_limit_and_chance_makes_it_longer_only() -> None:
    """Opened again after each probe: 1, 2, 4, 8, 8 seconds; chance adds at most its share."""
    circuit, waits = fold(Event.UNREACHED), []
    for _ in range(5):
        waits.append(circuit.due_at_s - 100.0)
        circuit = fold(Event.PROBE_BEGUN, Event.UNREACHED, start=circuit)
    assert waits == [1, 2, 4, 8, 8]
    assert after(FRESH, Event.UNREACHED, 0.0, LIMITS, 1.0).due_at_s == 1.5


def test_an_answer_that_closes_makes_the_next_wait_short_again() -> None:
    """What was long ago does not count."""
    again = fold(Event.UNREACHED, Event.PROBE_BEGUN, Event.UNREACHED, Event.ANSWERED, Event.UNREACHED)
    assert again.due_at_s - 100.0 == 1


def test_every_state_is_in_the_table_and_none_is_without_a_way_back() -> None:
    """No edge can be left alone for ever: from each state an answer leads to closed."""
    assert set(TRANSITIONS) == set(State)
    assert all(TRANSITIONS[state][Event.ANSWERED] is State.CLOSED for state in State)


@given(st.lists(st.tuples(st.sampled_from(Event), st.floats(0, 100), st.floats(0, 1)), max_size=60))
def test_whatever_happens_waits_are_bounded_and_eras_only_rise(steps: list[tuple[Event, float, float]]) -> None:
    """An era rises exactly when requests are let through or kept away; a wait never exceeds its limit and share."""
    circuit, now_s = FRESH, 0.0
    for event, later_s, chance in steps:
        now_s += later_s
        new = after(circuit, event, now_s, LIMITS, chance)
        assert (new.era - circuit.era) == ((new.state is State.CLOSED) is not (circuit.state is State.CLOSED))
        if new.state is State.OPEN and circuit.state is not State.OPEN:
            assert 1.0 - 1e-6 <= new.due_at_s - now_s <= 8.0 * 1.5 + 1e-6
        if new.state is State.CLOSED:
            assert new.failures < 3
        circuit = new
