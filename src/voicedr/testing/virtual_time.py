"""An event loop in which waiting takes no time, and a clock bound to it.

A loop runs what is ready and then asks its selector to wait for the next timer. Here the selector does not wait: it
sets the loop's time to that timer. Four hours of calls are over as soon as the last of them has been worked out, and
two runs of the same program do the same things in the same order.

Nothing outside can wake such a loop, so it has no sockets, no threads and no child processes. If nothing is ready and
no timer is set, nothing will ever happen again; that is a deadlock, and it is said at once instead of hanging.

    VirtualTimeError
    ├── Deadlock       nothing ready, no timer, and main is not done
    ├── OutOfTime      the limit of virtual seconds was reached
    └── Standstill     the program is busy for ever at one instant: it polls without waiting
"""

from __future__ import annotations

import asyncio
import os.path
from asyncio import base_events
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, NoReturn, TypeVar

T = TypeVar("T")

START = datetime(2026, 1, 1, tzinfo=UTC)
"""When virtual time begins unless somebody says otherwise."""

LIMIT_S = 30 * 86_400.0
"""Virtual seconds before a program that never ends is stopped. A month is longer than any drill."""

TURNS_AT_ONE_INSTANT_MAX = 1_000_000
"""Turns of the loop during which virtual time may stand still. A million is some seconds of real time."""

_TASKS_NAMED_MAX = 10


class VirtualTimeError(RuntimeError):
    """The program cannot go on in virtual time, and why."""


class Deadlock(VirtualTimeError):
    """Every task waits for another one and no timer is set."""


class OutOfTime(VirtualTimeError):
    """The limit of virtual seconds was reached."""


class Standstill(VirtualTimeError):
    """The loop turned and turned and the time did not move."""


class _Jump:
    """The loop's selector: it waits for nothing and moves the time."""

    def __init__(self, loop: VirtualTimeLoop, limit_s: float) -> None:
        self._loop = loop
        self._limit_s = limit_s
        self._turns = 0

    def select(self, timeout: float | None) -> list[object]:
        if timeout is None:
            raise Deadlock(
                f"after {self._loop.time():.3f} virtual seconds nothing is ready, no timer is set and the program"
                f" has not ended: everybody waits for somebody else.{_who_waits(self._loop)}\n"
                "Find who should have woken them."
            )
        if timeout > 0:
            self._turns = 0
            self._advance(self._loop.next_timer_s())
            return []
        self._turns += 1
        if self._turns > TURNS_AT_ONE_INSTANT_MAX:
            self._turns = 0
            raise Standstill(
                f"the loop has turned {TURNS_AT_ONE_INSTANT_MAX:,} times at virtual second {self._loop.time():.3f}:"
                f" something polls without waiting.{_who_waits(self._loop)}\nGive it a clock.sleep of more than zero."
            )
        return []

    def _advance(self, to_s: float) -> None:
        if to_s > self._limit_s:
            raise OutOfTime(
                f"the program has not ended after {self._limit_s:g} virtual seconds (the next timer is at {to_s:g} s)."
                f"{_who_waits(self._loop)}\nEnd what runs for ever, or raise limit_s."
            )
        self._loop.set_time_s(to_s)

    def close(self) -> None:
        """There is nothing to close."""


class VirtualTimeLoop(base_events.BaseEventLoop):
    """An event loop whose time jumps to the next timer when nothing is ready.

    ``BaseEventLoop`` runs everything but the waiting; it asks ``self._selector`` to wait and hands what came back to
    ``_process_events`` (CPython, Lib/asyncio/base_events.py, ``_run_once``). These three names are all it needs.
    """

    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        super().__init__()
        self._time_s = 0.0
        self._clock_resolution = 1e-9
        self._selector = _Jump(self, limit_s)

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._time_s

    def next_timer_s(self) -> float:
        """When the next timer is due."""
        return self._scheduled[0].when()

    def set_time_s(self, to_s: float) -> None:
        """Move the time on. It never goes back."""
        self._time_s = max(self._time_s, to_s)

    def _process_events(self, event_list: list[object]) -> None:
        """Nothing comes from outside."""

    def _write_to_self(self) -> None:
        """Nobody has to be woken: there is only one thread."""

    def run_in_executor(self, *_args: object) -> NoReturn:
        """Threads would run in real time beside a virtual one."""
        raise VirtualTimeError(
            "a thread was asked for in virtual time (run_in_executor, to_thread, a name lookup, or a sync endpoint of"
            " an ASGI application). Nothing was started. Make it async, or run it on the real clock."
        )

    async def create_connection(self, *_args: object, **_options: object) -> NoReturn:
        """Sockets would wait in real time."""
        raise VirtualTimeError(
            "a socket was asked for in virtual time. Nothing was opened. Use the in-process Send instead."
        )


class VirtualClock:
    """A ``Clock`` that shows a virtual loop's time.

    Args:
        start: The time of day at the loop's second zero, aware.
        loop: The loop it is bound to; the running one if not given.
    """

    def __init__(self, start: datetime = START, loop: VirtualTimeLoop | None = None) -> None:
        if start.tzinfo is None:
            raise ValueError(
                f"the start {start.isoformat()} has no time zone: give an aware time, e.g. datetime(..., tzinfo=UTC)"
            )
        running = loop if loop is not None else asyncio.get_running_loop()
        if not isinstance(running, VirtualTimeLoop):
            raise VirtualTimeError(
                f"a VirtualClock was made in a {type(running).__name__}, whose time is real."
                " Make it inside run_virtual."
            )
        self._start = start.astimezone(UTC)
        self._loop = running

    def now(self) -> datetime:
        """The virtual time of day, aware UTC."""
        return self._start + timedelta(seconds=self._loop.time())

    def monotonic_s(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._loop.time()

    async def sleep(self, seconds: float) -> None:
        """Wait in virtual time. Zero or less lets others run and comes back."""
        await asyncio.sleep(max(0.0, seconds))


def run_virtual(
    main: Callable[[VirtualClock], Coroutine[Any, Any, T]], *, start: datetime = START, limit_s: float = LIMIT_S
) -> T:
    """Run a program to its end in virtual time and give what it returned.

    Args:
        main: The program. It gets the clock that everything in it must use.
        start: The virtual time of day at which it begins, aware.
        limit_s: Virtual seconds after which it is stopped.

    Raises:
        Deadlock: If nothing can ever happen again and the program has not ended.
        OutOfTime: If it has not ended within ``limit_s``.
        Standstill: If it is busy for ever without waiting.
    """
    loop = VirtualTimeLoop(limit_s)
    try:
        clock = VirtualClock(start, loop)
        return loop.run_until_complete(main(clock))
    finally:
        _close(loop)


def _close(loop: VirtualTimeLoop) -> None:
    """Cancel what is left and close. A task that will not be cancelled does not hide the first error."""
    try:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        if left:
            # A cancelled task may still wait for something that will never come; the reason it is being closed is
            # already on its way to the caller.
            loop.run_until_complete(_settle(left))
        loop.run_until_complete(loop.shutdown_asyncgens())
    except VirtualTimeError:
        for task in asyncio.all_tasks(loop):
            _forget(task)
    finally:
        loop.close()


async def _settle(tasks: set[asyncio.Task[Any]]) -> None:
    await asyncio.gather(*tasks, return_exceptions=True)


def _forget(task: asyncio.Task[Any]) -> None:
    """Do not let the interpreter print that a pending task was destroyed: it was, on purpose."""
    task._log_destroy_pending = False  # type: ignore[attr-defined]


def _who_waits(loop: VirtualTimeLoop) -> str:
    """A line for each waiting task: its name and where it stands."""
    tasks = sorted(asyncio.all_tasks(loop), key=lambda task: task.get_name())
    lines = [f"\n  {task.get_name()}: {_where(task)}" for task in tasks[:_TASKS_NAMED_MAX]]
    more = len(tasks) - len(lines)
    return "".join(lines) + (f"\n  and {more} more" if more > 0 else "")


def _is_library(file: str) -> bool:
    """True for asyncio's own files and for this one: where our reader does not have to look."""
    return file == __file__ or os.path.dirname(file) == os.path.dirname(asyncio.__file__)


def _where(task: asyncio.Task[Any]) -> str:
    """The innermost of our frames that a task waits in."""
    frames = []
    step: Any = task.get_coro()
    while step is not None and getattr(step, "cr_frame", None) is not None:
        frames.append(step.cr_frame)
        step = step.cr_await
    if not frames:
        return "not started"
    frame = next((frame for frame in reversed(frames) if not _is_library(frame.f_code.co_filename)), frames[-1])
    return f"{frame.f_code.co_qualname} at {frame.f_code.co_filename}:{frame.f_lineno}"
