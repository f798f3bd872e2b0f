"""Many numbers in few words: ``+1415555010{1..9}``, as a shell would write them out again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

RUN_MIN = 3
"""Shorter runs are easier to read written out."""


def ranges(names: Iterable[str]) -> tuple[str, ...]:
    """Names in order, each once, with runs of consecutive telephone numbers as one word each."""
    numbers: list[str] = []
    others: list[str] = []
    for name in dict.fromkeys(names):
        (numbers if name[:1] == "+" and name[1:].isdecimal() and name.isascii() else others).append(name)
    numbers.sort(key=lambda number: (len(number), number))
    return (*(word for run in _runs(numbers) for word in _words(run)), *sorted(others))


def _runs(numbers: list[str]) -> Iterator[list[str]]:
    run: list[str] = []
    for number in numbers:
        if run and (len(number) != len(run[-1]) or int(number) != int(run[-1]) + 1):
            yield run
            run = []
        run.append(number)
    if run:
        yield run


def _words(run: list[str]) -> list[str]:
    if len(run) < RUN_MIN:
        return run
    first, last = run[0], run[-1]
    same = next(at for at, (left, right) in enumerate(zip(first, last, strict=True)) if left != right)
    return [f"{first[:same]}{{{first[same:]}..{last[same:]}}}"]
