"""How long a cutover takes, said before the disaster, with the arithmetic shown.

A cohort costs: its route writes at the account's pace, propagation, and then calls for its gate. Test calls are placed
at the account's calls per second; organic calls only make it quicker and are not counted on.

One cohort after another, propagation is counted once per cohort, because each waits for the gate of the one before.
Where the workbook lets them overlap, both figures are in the terms.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from voicedr.program.execution.actions import STEER_S, STEER_S_MAX
from voicedr.program.execution.course import Leg, course_s
from voicedr.program.execution.plan import Forecast
from voicedr.program.execution.plan_dispatchers import targets_steered
from voicedr.program.scope.workbook import Account, Cohort, Flow
from voicedr.program.validation.gate import calls_to_pass

CALL_S = 10.0
"""A test call is placed, answered, heard and ended, and its line read in the call log. Measured on the twin; a setting
of our own, not the provider's."""


def forecast(flow: Flow, account: Account) -> Forecast:
    """The shortest and the longest course of a flow's cutover, decision not included."""
    limits = account.limits
    quick = [_leg(cohort, flow, account, 0.0) for cohort in flow.cohorts]
    slow = [
        leg._replace(
            propagation_s=limits.propagation_s_max,
            writes_s=leg.writes_s + targets_steered(flow, cohort) * (STEER_S_MAX - STEER_S),
        )
        for cohort, leg in zip(flow.cohorts, quick, strict=True)
    ]
    terms = [
        f"{cohort.name}: {len(cohort.subjects)} writes at {limits.requests_per_second:g}/s"
        f" = {len(cohort.subjects) / limits.requests_per_second:.1f} s"
        f" + propagation 0 to {limits.propagation_s_max:g} s"
        f" + {_calls(cohort)} calls at {limits.calls_per_second:g}/s = {leg.placing_s + CALL_S:.1f} s"
        + _steered(targets_steered(flow, cohort))
        for cohort, leg in zip(flow.cohorts, quick, strict=True)
    ]
    shortest_s, longest_s = course_s(quick, flow.overlap), course_s(slow, flow.overlap)
    if flow.overlap is not None:
        terms.append(
            f"overlapped within {flow.overlap.budget:g} {flow.overlap.unit} at risk, at most"
            f" {flow.overlap.cohorts_max} waiting: {_span(shortest_s, longest_s)}; one after another:"
            f" {_span(*_in_line(quick, slow))}"
        )
    return Forecast(
        shortest_s=float(math.ceil(shortest_s)),
        longest_s=float(math.ceil(longest_s)),
        rto_s=flow.rto_s,
        terms=tuple(terms),
    )


def _leg(cohort: Cohort, flow: Flow, account: Account, propagation_s: float) -> Leg:
    limits, overlap = account.limits, flow.overlap
    calls = bool(flow.test_caller and cohort.numbers)
    return Leg(
        writes_s=len(cohort.subjects) / limits.requests_per_second + targets_steered(flow, cohort) * STEER_S,
        propagation_s=propagation_s,
        placing_s=_calls(cohort) / limits.calls_per_second if calls else 0.0,
        last_call_s=CALL_S,
        risk=0.0 if overlap is None else overlap.risk_of(len(cohort.subjects), cohort.calls_per_minute),
        overlapped=bool(cohort.numbers) and cohort.gate.on_go == "continue",
    )


def _steered(targets: int) -> str:
    return f" + {targets} targets of SBCs at {STEER_S:g} to {STEER_S_MAX:g} s" if targets else ""


def _calls(cohort: Cohort) -> int:
    """Test calls that its proof and its gate need."""
    numbers = len(cohort.numbers)
    return max(numbers, calls_to_pass(cohort.gate.test)) if cohort.gate.test.synthetic else numbers


def _in_line(quick: Sequence[Leg], slow: Sequence[Leg]) -> tuple[float, float]:
    return course_s(quick, None), course_s(slow, None)


def _span(shortest_s: float, longest_s: float) -> str:
    return f"{shortest_s:.1f} to {longest_s:.1f} s"
