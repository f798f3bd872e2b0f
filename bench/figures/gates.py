"""Simulated decisions of a gate at its defaults: how often it is wrong, and how many calls it takes.

Each decision begins with no call and ends with go, with no-go, or after ``calls_max`` calls with a question to people.
Beside it the fixed sample that keeps to the same two error rates: so many calls, judged once, at the end. An armed
gate is one that has said go and goes on watching: a standby that dies is stopped by it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import comb
from statistics import fmean

from bench.figure import Line, Peer
from bench.gate_run import GateRun
from voicedr.program.scope.workbook import SequentialTest
from voicedr.program.vocabulary import Verdict

SEED = 20260101
NUMBERS = 10
ARMED_CALLS = 1000


@dataclass
class _Tally:
    go: int = 0
    no_go: int = 0
    people: int = 0
    calls: list[int] = field(default_factory=list)

    @property
    def decisions(self) -> int:
        return len(self.calls)


def measure(quick: bool) -> Sequence[Line]:
    """The two errors, the calls to a decision, and the calls until a dead standby is stopped."""
    decisions, dead, armed = (4_000, 1_000, 100) if quick else (100_000, 2_000, 5_000)
    test = SequentialTest()
    fixed = _fixed_sample(test)
    fixed_peer = Peer("fixed sample with the same error rates", fixed)
    fine = _decide(test, test.bad_share_ok, decisions, random.Random(SEED))
    bad = _decide(test, test.bad_share_bad, decisions, random.Random(SEED + 1))
    stops = [_dies(test, random.Random(SEED + 2 + n)) for n in range(dead)]
    false_alarms = sum(_alarmed(test, random.Random(SEED + 2 + dead + n)) for n in range(armed))
    people = f"{fine.people / decisions:.2%} were left to people"
    return [
        Line(
            f"false stops where {test.bad_share_ok:.0%} are bad, of {decisions:,} decisions",
            fine.no_go / decisions * 100, "%", Peer("stated, %", test.false_stop * 100),
            at_most=test.false_stop * 100, note=f"{people}; seed {SEED}",
        ),
        Line(
            f"bad passed where {test.bad_share_bad:.0%} are bad, of {decisions:,} decisions",
            bad.go / decisions * 100, "%", Peer("stated, %", test.missed_bad * 100),
            at_most=test.missed_bad * 100, note=f"{bad.people / decisions:.2%} were left to people; seed {SEED + 1}",
        ),
        Line("calls to a decision, healthy, mean", fmean(fine.calls), "calls", fixed_peer),
        Line("calls to a decision, healthy, 95th centile", _centile(fine.calls, 0.95), "calls", fixed_peer),
        Line("calls to a decision, bad, mean", fmean(bad.calls), "calls", fixed_peer),
        Line("calls to a decision, bad, 95th centile", _centile(bad.calls, 0.95), "calls", fixed_peer),
        Line(
            f"calls until a standby that dies after {ARMED_CALLS:,} good calls is stopped, worst of {dead:,}",
            max(stops), "calls", fixed_peer,
            note=f"every call bad from then on; mean {fmean(stops):.2f}; seeds from {SEED + 2}",
        ),
        Line(
            f"false stops of an armed gate within {ARMED_CALLS:,} healthy calls, of {armed:,} gates",
            false_alarms / armed * 100, "%",
            note="the price of staying armed: the error rates above are those of one decision",
        ),
    ]  # fmt: skip


def _decide(test: SequentialTest, bad_share: float, decisions: int, chance: random.Random) -> _Tally:
    tally = _Tally()
    draw = chance.random
    for _ in range(decisions):
        run = GateRun(test, NUMBERS)
        while True:
            verdict = run.judge(draw() >= bad_share, int(draw() * NUMBERS))
            if verdict is Verdict.GO:
                tally.go += 1
            elif verdict is Verdict.NO_GO:
                tally.no_go += 1
            elif run.over_to_people:
                tally.people += 1
            else:
                continue
            break
        tally.calls.append(run.calls)
    return tally


def _dies(test: SequentialTest, chance: random.Random) -> int:
    """Bad calls in a row until a gate stops that had passed a healthy standby before."""
    while True:
        run = GateRun(test, NUMBERS)
        verdict = Verdict.NOT_ENOUGH_DATA
        for n in range(ARMED_CALLS):
            if (verdict := run.judge(chance.random() >= test.bad_share_ok, n % NUMBERS)) is Verdict.NO_GO:
                break
        if verdict is Verdict.NO_GO:
            continue
        bad = 1
        while run.judge(False, bad % NUMBERS) is not Verdict.NO_GO:
            bad += 1
        return bad


def _alarmed(test: SequentialTest, chance: random.Random) -> bool:
    """Whether a gate that has passed stops a healthy standby within so many calls."""
    while True:
        run = GateRun(test, NUMBERS)
        verdict = Verdict.NOT_ENOUGH_DATA
        while verdict is Verdict.NOT_ENOUGH_DATA:
            verdict = run.judge(chance.random() >= test.bad_share_ok, int(chance.random() * NUMBERS))
        if verdict is Verdict.NO_GO:
            continue
        return any(
            run.judge(chance.random() >= test.bad_share_ok, n % NUMBERS) is Verdict.NO_GO for n in range(ARMED_CALLS)
        )


def _fixed_sample(test: SequentialTest) -> int:
    """The fewest calls after which some count of bad ones tells the two shares apart with both errors kept."""
    calls = 1
    while True:
        at_most = 0
        # The least count of bad calls, above which a healthy standby comes rarely enough.
        while 1 - _share_up_to(at_most, calls, test.bad_share_ok) > test.false_stop:
            at_most += 1
        if _share_up_to(at_most, calls, test.bad_share_bad) <= test.missed_bad:
            return calls
        calls += 1


def _share_up_to(bad: int, calls: int, share: float) -> float:
    return sum(comb(calls, n) * share**n * (1 - share) ** (calls - n) for n in range(bad + 1))


def _centile(values: list[int], part: float) -> int:
    return sorted(values)[int(part * (len(values) - 1))]
