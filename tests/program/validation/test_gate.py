"""A gate says go, no-go or not enough data, keeps its error rates, and stays armed."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from voicedr.program.scope.workbook import SequentialTest
from voicedr.program.validation.gate import JudgedCall, calls_to_pass, calls_to_stop, read_gate
from voicedr.program.vocabulary import E164, Verdict

TEST = SequentialTest()


def calls(*good: bool, synthetic: bool = False, numbers: int = 10) -> list[JudgedCall]:
    """Calls to so many numbers in turn."""
    return [JudgedCall(f"CA{n}", E164(f"+1415555{n % numbers:04d}"), one, synthetic) for n, one in enumerate(good)]


def test_no_call_is_not_enough_data() -> None:
    """An empty gate does not pass."""
    assert read_gate(TEST, [], 10).verdict is Verdict.NOT_ENOUGH_DATA


def test_a_dead_standby_is_stopped_by_the_third_bad_call_at_the_latest() -> None:
    """The default settings stop after two bad calls in a row."""
    assert calls_to_stop(TEST) <= 3
    assert read_gate(TEST, calls(*[False] * calls_to_stop(TEST)), 10).verdict is Verdict.NO_GO
    assert read_gate(TEST, calls(*[False] * (calls_to_stop(TEST) - 1)), 10).verdict is Verdict.NOT_ENOUGH_DATA


def test_so_many_good_calls_pass_and_one_fewer_does_not() -> None:
    """The number that the plan names is the number that passes."""
    needed = calls_to_pass(TEST)
    assert read_gate(TEST, calls(*[True] * needed), 10).verdict is Verdict.GO
    short = read_gate(TEST, calls(*[True] * (needed - 1)), 10)
    assert short.verdict is Verdict.NOT_ENOUGH_DATA
    assert short.good_to_go == 1


def test_good_calls_to_one_number_say_nothing_about_its_neighbours() -> None:
    """A pass needs calls to several numbers, or to the only one there is."""
    many = calls(*[True] * 200, numbers=1)
    assert read_gate(TEST, many, 10).verdict is Verdict.NOT_ENOUGH_DATA
    assert read_gate(TEST, many, 1).verdict is Verdict.GO


def test_synthetic_calls_are_counted_apart_and_do_not_count_where_they_must_not() -> None:
    """With synthetic: false our own calls neither pass nor stop a cohort; they are shown in any case."""
    only_real = msgspec.structs.replace(TEST, synthetic=False)
    reading = read_gate(only_real, calls(*[True] * 100, synthetic=True), 10)
    assert reading.verdict is Verdict.NOT_ENOUGH_DATA
    assert (reading.good, reading.synthetic) == (0, 100)


def test_a_veto_stops_whatever_the_arithmetic_says() -> None:
    """One vetoing call after a thousand good ones is no-go, and the reason names it."""
    vetoed = JudgedCall("CAveto", E164("+14155550001"), False, False, "lost to another Region", veto=True)
    reading = read_gate(TEST, [*calls(*[True] * 1000), vetoed], 10)
    assert reading.verdict is Verdict.NO_GO
    assert "CAveto" in reading.why


def test_a_standby_that_dies_after_a_thousand_good_calls_is_stopped_by_a_few_bad_ones() -> None:
    """The gate stays armed: the past does not buy a hundred bad calls."""
    reading = read_gate(TEST, calls(*[True] * 1000, *[False] * 4), 10)
    assert reading.verdict is Verdict.NO_GO
    assert read_gate(TEST, calls(*[True] * 1000, False), 10).verdict is Verdict.GO


def test_after_calls_max_people_decide() -> None:
    """Calls that speak for neither are not a pass and not a stop, and the reason says who decides."""
    test = SequentialTest(calls_max=20, bad_share_ok=0.3, bad_share_bad=0.35)
    reading = read_gate(test, calls(*[True, True, False] * 7), 10)
    assert reading.verdict is Verdict.NOT_ENOUGH_DATA
    assert "a person must decide" in reading.why


@pytest.mark.parametrize(("share", "wrong", "at_most"), [(0.01, Verdict.NO_GO, 0.01), (0.10, Verdict.GO, 0.05)])
def test_the_stated_error_rates_hold(share: float, wrong: Verdict, at_most: float) -> None:
    """False stops at the share we can live with, and missed ones at the share that must stop us, stay in bounds."""
    chance = random.Random(20261121)
    trials, errors = 1500, 0
    for _ in range(trials):
        seen: list[JudgedCall] = []
        while True:
            seen.append(
                JudgedCall(f"CA{len(seen)}", E164(f"+1415555{len(seen) % 10:04d}"), chance.random() >= share, False)
            )
            verdict = read_gate(TEST, seen, 10).verdict
            if verdict is not Verdict.NOT_ENOUGH_DATA or len(seen) >= TEST.calls_max:
                errors += verdict is wrong
                break
    # Three standard errors of a share of one in a hundred over so many trials.
    assert errors / trials <= at_most + 3 * (at_most * (1 - at_most) / trials) ** 0.5


@given(st.lists(st.booleans(), max_size=120))
def test_one_more_bad_call_never_turns_a_reading_towards_go(history: list[bool]) -> None:
    """Bad calls only ever make the verdict worse."""
    rank = {Verdict.GO: 0, Verdict.NOT_ENOUGH_DATA: 1, Verdict.NO_GO: 2}
    before = read_gate(TEST, calls(*history), 10)
    after = read_gate(TEST, calls(*history, False), 10)
    assert rank[after.verdict] >= rank[before.verdict] or before.numbers < after.numbers
