"""Processes that share one account's pace: each takes turns for a while and says when it had them."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from bisect import bisect_left
from collections.abc import Sequence

from voicedr.adapters.clock import WallClock
from voicedr.adapters.journal.buckets import Bucket
from voicedr.adapters.journal.opened import open_journal
from voicedr.adapters.shared_pace import SharedPace


def most_in_a_second(times: Sequence[float]) -> int:
    """The most turns in any rolling second, its end not included."""
    return max(bisect_left(times, first + 1.0) - n for n, first in enumerate(times))


def turns_of(
    place: str, *, processes: int, rate: float, seconds: float, tasks: int = 30, slow_after_s: float = -1.0
) -> list[list[float]]:
    """When each process had its turns, by the machine's monotonic clock.

    ``{n}`` in the place is each process's number. ``slow_after_s``: so much later the first one says that it got a 429;
    less than zero: nobody does.
    """
    spec = json.dumps([place, processes, rate, seconds, tasks, slow_after_s])
    done = subprocess.run(
        [sys.executable, __file__, spec], capture_output=True, text=True, timeout=seconds + 60, check=False
    )
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


async def _take(
    place: str, rate: float, begin_s: float, seconds: float, tasks: int, slow_after_s: float
) -> list[float]:
    clock = WallClock()
    journal = open_journal(place)
    pace = SharedPace(Bucket(journal, "test"), rate, clock)
    await clock.sleep(begin_s - clock.monotonic_s())
    end_s = max(begin_s, clock.monotonic_s()) + seconds
    times: list[float] = []

    async def task() -> None:
        while clock.monotonic_s() < end_s:
            await pace.turn()
            times.append(clock.monotonic_s())

    async def refused() -> None:
        await clock.sleep(slow_after_s)
        pace.slow_down()

    await asyncio.gather(*(task() for _ in range(tasks)), *([refused()] if slow_after_s >= 0 else []))
    journal.close()
    return sorted(times)


def main(place: str, processes: int, rate: float, seconds: float, tasks: int, slow_after_s: float) -> None:
    """Fork the processes, which begin together, and print what each had."""
    begin_s = time.monotonic() + 0.3
    pipes = []
    for n in range(processes):
        read, write = os.pipe()
        if not os.fork():
            times = asyncio.run(
                _take(place.replace("{n}", str(n)), rate, begin_s, seconds, tasks, -1.0 if n else slow_after_s)
            )
            with os.fdopen(write, "w") as to:
                json.dump(times, to)
            os._exit(0)
        os.close(write)
        pipes.append(read)
    for read in pipes:
        with os.fdopen(read) as told:
            print(told.read())


if __name__ == "__main__":
    main(*json.loads(sys.argv[1]))
