"""A view is worked out once for a case."""

from __future__ import annotations

from collections.abc import Iterator

from voicedr.program.readiness.once import OncePerCase


def test_a_view_is_worked_out_once_for_a_case_and_anew_for_another() -> None:
    """Equal is not the same: another case is looked at again, and each caller gets everything."""
    walked: list[list[int]] = []

    @OncePerCase
    def doubled(case: list[int]) -> Iterator[int]:
        """Twice each."""
        walked.append(case)
        yield from (2 * number for number in case)

    first, equal = [1, 2], [1, 2]
    assert list(doubled(first)) == list(doubled(first)) == [2, 4]
    assert len(walked) == 1
    assert next(doubled(first)) == next(doubled(first)) == 2
    assert list(doubled(equal)) == [2, 4]
    assert walked == [first, equal]
    assert len(walked) == 2
    assert doubled.__doc__ == "Twice each."
