"""The guard lets through what may leave now, and asks the journal no more often than it says."""

from __future__ import annotations

from voicedr.program.vocabulary import IE1, US1
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.usecases.guard import STOP_LOOK_S, Guard


def test_a_stop_is_noticed_within_the_documented_time_and_seldom_asked_for() -> None:
    """A thousand requests in a second ask ten times, and a stop is known one look later."""

    async def run(clock: VirtualClock) -> None:
        looks: list[float] = []
        said = False

        async def look() -> bool:
            looks.append(clock.monotonic_s())
            return said

        guard = Guard()
        guard.follow(look, clock)
        for _ in range(1000):
            assert await guard.why_not(IE1, writes=True) is None
            await clock.sleep(0.001)
        assert 9 <= len(looks) <= 11
        said = True
        at_s = clock.monotonic_s()
        while await guard.why_not(IE1, writes=True) is None:
            await clock.sleep(0.001)
        assert clock.monotonic_s() - at_s <= STOP_LOOK_S + 0.002
        assert await guard.why_not(IE1, writes=False) is None, "looking goes on"
        guard.let_go()
        assert await guard.why_not(IE1, writes=True) is None

    run_virtual(run)


def test_a_barred_region_is_not_even_looked_at() -> None:
    """Reads and writes alike, until it is let in again; the others are not touched by it."""

    async def run(_clock: VirtualClock) -> None:
        guard = Guard()
        guard.bar(US1)
        for writes in (True, False):
            assert await guard.why_not(US1, writes=writes) == "us1 is not asked in ungraceful mode"
            assert await guard.why_not(IE1, writes=writes) is None
        guard.bar()
        assert await guard.why_not(US1, writes=False) is None

    run_virtual(run)
