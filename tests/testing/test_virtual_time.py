"""Virtual time: waiting takes none, the order is always the same, and a standstill is said."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime, timedelta

import pytest

from voicedr.testing.virtual_time import (
    START,
    Deadlock,
    OutOfTime,
    Standstill,
    VirtualClock,
    VirtualTimeError,
    run_virtual,
)


def test_hours_pass_at_once_and_the_clock_shows_them() -> None:
    """Four hours of waiting end now, and the time of day and the seconds have moved by four hours."""
    begun_s = time.perf_counter()

    async def main(clock: VirtualClock) -> tuple[datetime, float]:
        await clock.sleep(4 * 3600)
        return clock.now(), clock.monotonic_s()

    now, seconds = run_virtual(main)
    assert now == START + timedelta(hours=4)
    assert now.tzinfo is UTC
    assert seconds == 4 * 3600
    assert time.perf_counter() - begun_s < 5


def test_timers_fire_in_order_and_exactly_on_time() -> None:
    """Who sleeps less wakes first; who sleeps the same wakes in the order of going to sleep."""

    async def main(clock: VirtualClock) -> list[tuple[str, float]]:
        woken: list[tuple[str, float]] = []

        async def sleeper(name: str, seconds: float) -> None:
            await clock.sleep(seconds)
            woken.append((name, clock.monotonic_s()))

        await asyncio.gather(sleeper("c", 0.3), sleeper("a", 0.1), sleeper("b", 0.1), sleeper("now", -1))
        return woken

    assert run_virtual(main) == [("now", 0.0), ("a", 0.1), ("b", 0.1), ("c", 0.3)]
    assert run_virtual(main) == run_virtual(main)


def test_timeouts_are_virtual_too() -> None:
    """asyncio.timeout is wound by the same clock."""

    async def main(clock: VirtualClock) -> float:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await asyncio.Event().wait()
        return clock.monotonic_s()

    assert run_virtual(main) == 60


def test_a_deadlock_is_said_and_names_who_waits_where() -> None:
    """Nothing ready, no timer, main not done: an error at once, with the lines where the tasks wait."""

    async def main(clock: VirtualClock) -> None:
        async def never_woken() -> None:
            await asyncio.Event().wait()

        await clock.sleep(7)
        await asyncio.create_task(never_woken(), name="the one that waits")

    with pytest.raises(Deadlock) as caught:
        run_virtual(main)
    message = str(caught.value)
    assert "7.000 virtual seconds" in message
    assert "the one that waits: " in message
    assert __file__ in message


def test_a_task_that_will_not_be_cancelled_does_not_hide_the_deadlock() -> None:
    """Cleaning up cannot hang either."""

    async def main(clock: VirtualClock) -> None:
        async def stubborn() -> None:
            while True:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    continue

        task = asyncio.create_task(stubborn())
        await asyncio.Event().wait()
        await task

    with pytest.raises(Deadlock):
        run_virtual(main)


def test_time_has_an_end() -> None:
    """A program that never ends is stopped at its limit."""

    async def main(clock: VirtualClock) -> None:
        while True:
            await clock.sleep(60)

    with pytest.raises(OutOfTime, match="3600 virtual seconds"):
        run_virtual(main, limit_s=3600)


def test_polling_without_waiting_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """A loop that turns for ever at one instant is stopped."""
    monkeypatch.setattr("voicedr.testing.virtual_time.TURNS_AT_ONE_INSTANT_MAX", 1000)

    async def main(clock: VirtualClock) -> None:
        while True:
            await clock.sleep(0)

    with pytest.raises(Standstill, match="polls without waiting"):
        run_virtual(main)


def test_threads_and_sockets_are_refused() -> None:
    """They would run in real time beside the virtual one."""

    async def main(clock: VirtualClock) -> None:
        with pytest.raises(VirtualTimeError, match="thread"):
            await asyncio.to_thread(print)
        with pytest.raises(VirtualTimeError, match="socket"):
            await asyncio.open_connection("127.0.0.1", 9)

    run_virtual(main)


def test_what_main_raises_comes_out_and_what_it_left_is_cancelled() -> None:
    """An exception goes through; tasks still running get their cancellation."""
    ended: list[str] = []

    async def main(clock: VirtualClock) -> None:
        async def background() -> None:
            try:
                await clock.sleep(1000)
            finally:
                ended.append("background")

        task = asyncio.create_task(background())
        await clock.sleep(1)
        raise ValueError(f"main broke, {task.get_name()} was running")

    with pytest.raises(ValueError, match="main broke"):
        run_virtual(main)
    assert ended == ["background"]


def test_a_virtual_clock_belongs_to_a_virtual_loop() -> None:
    """In a real loop it says so; a start without a time zone is refused; inside, it binds itself."""

    async def real() -> None:
        VirtualClock()

    with pytest.raises(VirtualTimeError, match="time is real"):
        asyncio.run(real())

    async def main(clock: VirtualClock) -> None:
        assert VirtualClock(clock.now()).now() == clock.now()
        with pytest.raises(ValueError, match="time zone"):
            VirtualClock(datetime(2026, 1, 1))  # noqa: DTZ001

    run_virtual(main)


def test_fifty_thousand_timers_take_a_second_or_two() -> None:
    """A timer costs tens of microseconds; the bound here is loose because the machine is shared."""

    async def main(clock: VirtualClock) -> None:
        async def sleeper(n: int) -> None:
            for _ in range(500):
                await clock.sleep(0.1 + n * 0.001)

        await asyncio.gather(*(sleeper(n) for n in range(100)))

    begun_s = time.perf_counter()
    run_virtual(main)
    assert time.perf_counter() - begun_s < 5
