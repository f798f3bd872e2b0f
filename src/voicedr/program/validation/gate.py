"""A gate's verdict: Wald's sequential probability ratio test on calls, with stated error rates.

Every call is good or bad. Two hypotheses: the share of bad calls is ``bad_share_ok``, or it is ``bad_share_bad``. Each
call moves the log likelihood ratio; above one bound the cohort is stopped, below the other it passes, between them
there is not enough data yet. The bounds keep the two errors at about ``false_stop`` and ``missed_bad``
(A. Wald, Sequential Analysis, 1947, ch. 3).

Three things override the arithmetic: a veto stops at once; a pass needs calls to several numbers, because a hundred
good calls to one number say nothing about its neighbour; and after ``calls_max`` calls people decide.

A gate stays armed after it has passed. The ratio never falls below the pass bound, as in Page's cumulative sum
(Biometrika 41, 1954), so that a standby that dies after a thousand good calls is stopped by the next few bad ones and
not by the next hundred.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import msgspec

from voicedr.program.scope.workbook import SequentialTest
from voicedr.program.vocabulary import E164, Verdict


class JudgedCall(msgspec.Struct, frozen=True):
    """One finished call in the new Region, and what the signals said of it."""

    sid: str
    number: E164
    good: bool
    synthetic: bool
    why: str = ""
    veto: bool = False


class GateReading(msgspec.Struct, frozen=True):
    """A verdict in words with the counts behind it. ``good`` and ``bad`` include the synthetic ones that count."""

    verdict: Verdict
    why: str
    good: int
    bad: int
    synthetic: int
    numbers: int
    good_to_go: int
    """So many more good calls, without a bad one, and the arithmetic is satisfied."""


def step_bad(test: SequentialTest) -> float:
    """How far one bad call moves the ratio towards stopping."""
    return math.log(test.bad_share_bad / test.bad_share_ok)


def step_good(test: SequentialTest) -> float:
    """How far one good call moves it; negative."""
    return math.log((1 - test.bad_share_bad) / (1 - test.bad_share_ok))


def stop_bound(test: SequentialTest) -> float:
    """At or above this the cohort is stopped."""
    return math.log((1 - test.missed_bad) / test.false_stop)


def pass_bound(test: SequentialTest) -> float:
    """At or below this it passes."""
    return math.log(test.missed_bad / (1 - test.false_stop))


def calls_to_pass(test: SequentialTest) -> int:
    """Good calls in a row that pass."""
    return math.ceil(pass_bound(test) / step_good(test))


def calls_to_stop(test: SequentialTest) -> int:
    """Bad calls in a row that stop."""
    return math.ceil(stop_bound(test) / step_bad(test))


def read_gate(test: SequentialTest, calls: Iterable[JudgedCall], numbers_in_cohort: int) -> GateReading:
    """A gate's verdict on the calls seen so far.

    Args:
        test: What is asked.
        calls: Finished calls of the cohort, each once, in the order in which they ended.
        numbers_in_cohort: So many numbers can be called at all.
    """
    good = bad = synthetic = 0
    ratio = 0.0
    floor = pass_bound(test)
    passed = stopped = False
    numbers: set[E164] = set()
    veto: JudgedCall | None = None
    for call in calls:
        if call.synthetic:
            synthetic += 1
        if call.veto and veto is None:
            veto = call
        if call.synthetic and not test.synthetic:
            continue
        numbers.add(call.number)
        if call.good:
            good += 1
            ratio += step_good(test)
        else:
            bad += 1
            ratio += step_bad(test)
        ratio = max(ratio, floor)
        passed = passed or ratio <= floor
        stopped = stopped or ratio >= stop_bound(test)
    good_to_go = 0 if passed else math.ceil((floor - ratio) / step_good(test))

    def reading(verdict: Verdict, why: str) -> GateReading:
        return GateReading(verdict, why, good, bad, synthetic, len(numbers), good_to_go)

    if veto is not None:
        return reading(Verdict.NO_GO, f"veto by call {veto.sid}: {veto.why}")
    if stopped:
        return reading(
            Verdict.NO_GO,
            f"{bad} of {good + bad} calls bad: that speaks for a share of {test.bad_share_bad:.0%} or more, not for"
            f" {test.bad_share_ok:.0%}",
        )
    spread = min(test.numbers_min, numbers_in_cohort)
    if passed:
        if len(numbers) < spread:
            return reading(
                Verdict.NOT_ENOUGH_DATA, f"{good} good calls, but to {len(numbers)} of at least {spread} numbers"
            )
        return reading(Verdict.GO, f"{good} calls good, {bad} bad")
    if good + bad >= test.calls_max:
        return reading(
            Verdict.NOT_ENOUGH_DATA,
            f"{good + bad} calls ({bad} bad) and still no answer either way: a person must decide",
        )
    if good + bad == 0:
        return reading(Verdict.NOT_ENOUGH_DATA, "no call has ended yet")
    return reading(Verdict.NOT_ENOUGH_DATA, f"{good} calls good, {bad} bad; about {good_to_go} more good ones pass")
