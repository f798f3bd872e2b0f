"""Background traffic that runs: each load is a task that places calls until it is stopped or its time is over."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.load import Load
from voicedr.twin.clock import Clock
from voicedr.twin.world.model import World

LOADS_MAX = 100
"""Loads at once."""

LATE_MAX_S = 5.0
"""How far a load may be behind before it gives calls up."""

Dial = Callable[[str, str, Caller], object]
"""Places a call: who calls, whom, and how they behave."""


@dataclass(slots=True)
class _Placing:
    """A load that places calls."""

    load: Load
    started_at: float
    placed: int = 0
    task: asyncio.Task[None] | None = None


class Loads:
    """Every load of a switchboard."""

    def __init__(self, world: World, clock: Clock, dial: Dial) -> None:
        self._world = world
        self._clock = clock
        self._dial = dial
        self._running: dict[str, _Placing] = {}

    def start(self, load: Load) -> str:
        """Place calls at random times at this load's rate, from now on. Gives its id.

        Raises:
            ValueError: If there are too many loads already. Nothing changed.
        """
        if len(self._running) >= LOADS_MAX:
            raise ValueError(f"{LOADS_MAX} loads are running and no more can be started; stop one first.")
        load_id = self._world.mint("LD")
        placing = self._running[load_id] = _Placing(load, self._clock.now().timestamp())
        placing.task = asyncio.create_task(self._place(load_id, placing))
        return load_id

    def stop(self, load_id: str) -> None:
        """Place no more calls of this load; those that last are left alone.

        Raises:
            KeyError: If there is no such load, or it is over.
        """
        placing = self._running.pop(load_id)
        if placing.task is not None:
            placing.task.cancel()

    def shown(self) -> dict[str, dict[str, object]]:
        """The loads that run, by id, with how many calls each has placed."""
        return {
            load_id: {
                "calls_per_second": placing.load.calls_per_second,
                "numbers": list(placing.load.numbers),
                "duration_s": placing.load.duration_s,
                "started_at": placing.started_at,
                "placed": placing.placed,
            }
            for load_id, placing in self._running.items()
        }

    def close(self) -> list[asyncio.Task[None] | None]:
        """Forget every load; gives their tasks, which are to be cancelled."""
        tasks = [placing.task for placing in self._running.values()]
        self._running.clear()
        return tasks

    async def _place(self, load_id: str, placing: _Placing) -> None:
        load, world, clock = placing.load, self._world, self._clock
        begun = due = clock.monotonic_s()
        while True:
            due += load.gap_s(world.draw())
            if load.duration_s is not None and due - begun > load.duration_s:
                break
            # Behind by seconds, this machine is too slow for the load: what was missed is not placed in one burst.
            due = max(due, clock.monotonic_s() - LATE_MAX_S)
            await clock.sleep(due - clock.monotonic_s())
            number, from_ = load.number(world.draw()), load.caller_number(world.draw())
            self._dial(from_, number, load.caller)
            placing.placed += 1
        self._running.pop(load_id, None)
