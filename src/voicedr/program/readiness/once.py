"""A view that is worked out once for a case, however many checks are said of it.

A flow may have 100,000 numbers that share three URLs. Finding the three takes one walk over all of them; thirty checks
would walk thirty times. A case never changes, so what was found of it stays true.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

C = TypeVar("C")
V = TypeVar("V")


class OncePerCase(Generic[C, V]):
    """Gives what ``find`` finds in a case, and finds it anew only for another case. It remembers the last one."""

    def __init__(self, find: Callable[[C], Iterable[V]]) -> None:
        self.__doc__ = find.__doc__
        self._find = find
        self._last: tuple[C, tuple[V, ...]] | None = None

    def __call__(self, case: C) -> Iterator[V]:
        """Everything that the view finds in the case, in its order."""
        last = self._last
        if last is None or last[0] is not case:
            last = self._last = (case, tuple(self._find(case)))
        return iter(last[1])
