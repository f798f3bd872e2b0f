"""How long a cutover takes, said before the disaster, with the arithmetic shown.

A cohort costs: its route writes at the account's pace, propagation, and then calls for its gate. Propagation is counted
once per cohort because cohorts wait for the gate of the one before. Test calls are placed at the account's calls per
second; organic calls only make it quicker and are not counted on.
"""

from __future__ import annotations

import math

from voicedr.program.execution.plan import Forecast
from voicedr.program.scope.workbook import Account, Flow
from voicedr.program.validation.gate import calls_to_pass

CALL_S = 10.0
"""A test call is placed, answered, heard and ended, and its line read in the call log. Measured on the twin; a setting
of our own, not the provider's."""


def forecast(flow: Flow, account: Account) -> Forecast:
    """The shortest and the longest course of a flow's cutover, decision not included."""
    limits = account.limits
    shortest = longest = 0.0
    terms: list[str] = []
    for cohort in flow.cohorts:
        writes_s = len(cohort.subjects) / limits.requests_per_second
        numbers = len(cohort.numbers)
        needed = max(numbers, calls_to_pass(cohort.gate.test)) if cohort.gate.test.synthetic else numbers
        calls_s = needed / limits.calls_per_second + CALL_S if flow.test_caller and numbers else CALL_S
        cohort_longest = writes_s + limits.propagation_s_max + calls_s
        shortest += writes_s + calls_s
        longest += cohort_longest
        terms.append(
            f"{cohort.name}: {len(cohort.subjects)} writes at {limits.requests_per_second:g}/s = {writes_s:.1f} s"
            f" + propagation 0 to {limits.propagation_s_max:g} s"
            f" + {needed} calls at {limits.calls_per_second:g}/s = {calls_s:.1f} s"
        )
    return Forecast(
        shortest_s=float(math.ceil(shortest)), longest_s=float(math.ceil(longest)), rto_s=flow.rto_s, terms=tuple(terms)
    )
