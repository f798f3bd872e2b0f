"""The simulations' gate is the product's gate."""

from __future__ import annotations

from bench.gate_run import GateRun
from hypothesis import given, settings
from hypothesis import strategies as st

from voicedr.program.scope.workbook import SequentialTest
from voicedr.program.validation.gate import JudgedCall, read_gate
from voicedr.program.vocabulary import E164

TESTS = (SequentialTest(), SequentialTest(bad_share_ok=0.05, bad_share_bad=0.5, calls_max=12, numbers_min=3))


@settings(max_examples=60)
@given(
    st.sampled_from(TESTS),
    st.lists(st.tuples(st.sampled_from([True] * 12 + [False]), st.integers(0, 4)), max_size=150),
    st.integers(1, 5),
)
def test_call_by_call_it_says_what_read_gate_says(
    test: SequentialTest, calls: list[tuple[bool, int]], numbers: int
) -> None:
    """After every call the verdict is the same, and people are asked at the same call."""
    run = GateRun(test, numbers)
    seen: list[JudgedCall] = []
    for n, (good, number) in enumerate(calls):
        seen.append(JudgedCall(f"CA{n}", E164(f"+1415555000{number % numbers}"), good, synthetic=False))
        reading = read_gate(test, seen, numbers)
        assert run.judge(good, number % numbers) is reading.verdict
        assert run.over_to_people == ("a person must decide" in reading.why)
