"""Work that may hang where nothing can be done about it, as a name's look-up may: its result, or its time is over."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def bounded(work: Callable[[], T], seconds: float) -> T:
    """What ``work`` gives, or raises.

    Raises:
        TimeoutError: If it is not over in time. It goes on in a thread that holds up nobody's end.
    """
    results: list[T] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            results.append(work())
        except BaseException as exc:
            raised.append(exc)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if raised:
        raise raised[0]
    if not results:
        raise TimeoutError(f"it has not ended within {seconds:g} s")
    return results[0]
