"""Pace: never more than the rate in any rolling second, fair, and slower when told so."""

from __future__ import annotations

import asyncio
import itertools
from bisect import bisect_left
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from voicedr.adapters.pace import Pace
from voicedr.testing.virtual_time import VirtualClock, run_virtual


def most_in_a_second(times: list[float]) -> int:
    """The most turns in any rolling second, its end not included."""
    return max(bisect_left(times, first + 1.0 - 1e-9) - n for n, first in enumerate(times))


class LateClock:
    """A clock whose timers fire late, as they do on a busy machine, and which sometimes stops for half a second."""

    def __init__(self, clock: VirtualClock, seed: int) -> None:
        self._clock = clock
        self._chance = Random(seed)
        self.now = clock.now
        self.monotonic_s = clock.monotonic_s

    async def sleep(self, seconds: float) -> None:
        """Wait, and then some."""
        late_s = 0.5 if self._chance.random() < 0.01 else self._chance.random() * 0.003
        await self._clock.sleep(seconds + late_s)


@settings(max_examples=40, deadline=None)
@given(rate=st.sampled_from([0.5, 1, 1.5, 7, 20, 100, 250]), burst=st.integers(1, 5), seed=st.integers(0, 999))
def test_never_more_than_the_rate_in_any_rolling_second(rate: float, burst: int, seed: int) -> None:
    """Whatever timers do, whenever tasks come, and after any rest."""
    chance = Random(seed)

    async def main(clock: VirtualClock) -> list[float]:
        pace = Pace(rate, LateClock(clock, seed), burst)
        times: list[float] = []

        async def task() -> None:
            for _ in range(chance.randint(1, 30)):
                await pace.turn()
                times.append(clock.monotonic_s())
                if chance.random() < 0.1:
                    await clock.sleep(chance.random() * 3)

        await asyncio.gather(*(task() for _ in range(chance.randint(1, 20))))
        return times

    times = run_virtual(main)
    assert times == sorted(times)
    assert most_in_a_second(times) <= max(1, int(rate))
    if rate < 1:
        assert all(later - earlier >= 1 / rate - 1e-6 for earlier, later in itertools.pairwise(times))


@pytest.mark.parametrize("rate", [1, 20, 250])
def test_the_rate_is_reached(rate: int) -> None:
    """On time, the first turn goes at once and the others a spacing apart; late timers cost next to nothing."""

    async def main(clock: VirtualClock) -> tuple[float, float]:
        seconds = []
        for used in (clock, LateClock(clock, 1)):
            begun_s = clock.monotonic_s()
            pace = Pace(rate, used)
            for _ in range(rate * 10 + 1):
                await pace.turn()
            seconds.append(clock.monotonic_s() - begun_s)
        return seconds[0], seconds[1]

    on_time_s, late_s = run_virtual(main)
    assert on_time_s == pytest.approx(10, abs=0.01)
    assert late_s < 30


def test_late_timers_alone_do_not_slow_the_pace() -> None:
    """Milliseconds of lateness are caught up; the rate holds over ten seconds."""

    async def main(clock: VirtualClock) -> float:
        class Late(LateClock):
            async def sleep(self, seconds: float) -> None:
                await clock.sleep(seconds + 0.002)

        pace = Pace(200, Late(clock, 0))
        for _ in range(2001):
            await pace.turn()
        return clock.monotonic_s()

    assert run_virtual(main) < 10.1


def test_turns_are_spaced_and_a_burst_is_what_was_allowed() -> None:
    """With a burst of one, no two go together, not even after a rest; with three, three do."""

    async def main(clock: VirtualClock) -> list[list[float]]:
        runs = []
        for burst in (1, 3):
            await clock.sleep(60)
            pace = Pace(10, clock, burst)
            await clock.sleep(60)
            begun_s = clock.monotonic_s()
            times = []
            for _ in range(5):
                await pace.turn()
                times.append(round(clock.monotonic_s() - begun_s, 6))
            runs.append(times)
        return runs

    assert run_virtual(main) == [[0, 0.1, 0.2, 0.3, 0.4], [0, 0, 0, 0.1, 0.2]]


def test_turns_are_given_in_the_order_they_were_asked_for() -> None:
    """First come, first served; who is cancelled while waiting takes nobody's turn."""

    async def main(clock: VirtualClock) -> tuple[list[int], float]:
        pace = Pace(1, clock)
        order: list[int] = []

        async def task(n: int) -> None:
            await pace.turn()
            order.append(n)

        tasks = [asyncio.create_task(task(n)) for n in range(5)]
        await clock.sleep(0.5)
        tasks[2].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        return order, clock.monotonic_s()

    assert run_virtual(main) == ([0, 1, 3, 4], 3.0)


def test_slowing_down_halves_once_a_second_to_a_floor_and_recovers() -> None:
    """A burst of 429s counts once; the rate comes back by a twentieth a second and no further than full."""

    async def main(clock: VirtualClock) -> None:
        pace = Pace(100, clock)
        for _ in range(20):
            pace.slow_down()
        assert pace.rate_per_second == 50
        await clock.sleep(2)
        assert pace.rate_per_second == pytest.approx(60)
        for _ in range(30):
            pace.slow_down()
            await clock.sleep(1)
        assert 5 <= pace.rate_per_second <= 11
        await clock.sleep(60)
        assert pace.rate_per_second == 100
        begun_s = clock.monotonic_s()
        pace.slow_down()
        for _ in range(101):
            await pace.turn()
        assert 1.5 < clock.monotonic_s() - begun_s < 2.1

    run_virtual(main)


@pytest.mark.parametrize(("rate", "burst"), [(0, 1), (-1, 1), (1, 0)])
def test_a_pace_of_nothing_is_refused(rate: float, burst: int) -> None:
    """A rate of zero would wait for ever."""

    async def main(clock: VirtualClock) -> None:
        Pace(rate, clock, burst)

    with pytest.raises(ValueError, match="more than zero"):
        run_virtual(main)
