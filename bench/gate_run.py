"""A gate read call by call, for simulations: the same verdicts as ``read_gate``, without reading all calls each time.

``tests/bench/test_gate_run.py`` holds it to ``read_gate`` call by call.
"""

from __future__ import annotations

from voicedr.program.scope.workbook import SequentialTest
from voicedr.program.validation.gate import pass_bound, step_bad, step_good, stop_bound
from voicedr.program.vocabulary import Verdict


class GateRun:
    """One gate from its first call on. Real calls only, and no veto."""

    def __init__(self, test: SequentialTest, numbers_in_cohort: int) -> None:
        self._good, self._bad = step_good(test), step_bad(test)
        self._floor, self._ceiling = pass_bound(test), stop_bound(test)
        self._calls_max = test.calls_max
        self._spread = min(test.numbers_min, numbers_in_cohort)
        self._numbers: set[int] = set()
        self._ratio = 0.0
        self._passed = self._stopped = False
        self.calls = 0

    def judge(self, good: bool, number: int) -> Verdict:
        """Take one more finished call into account."""
        self.calls += 1
        self._ratio = max(self._ratio + (self._good if good else self._bad), self._floor)
        self._passed = self._passed or self._ratio <= self._floor
        self._stopped = self._stopped or self._ratio >= self._ceiling
        if len(self._numbers) < self._spread:
            self._numbers.add(number)
        if self._stopped:
            return Verdict.NO_GO
        if self._passed and len(self._numbers) >= self._spread:
            return Verdict.GO
        return Verdict.NOT_ENOUGH_DATA

    @property
    def over_to_people(self) -> bool:
        """True once there were so many calls without an answer that a person must decide."""
        return not self._passed and not self._stopped and self.calls >= self._calls_max
