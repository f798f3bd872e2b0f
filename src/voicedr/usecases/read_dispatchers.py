"""How the targets of SBCs stand now. One that does not answer is unknown, and holds up no other one."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from voicedr.ports.clock import Clock
from voicedr.ports.dispatcher import Dispatcher, DispatcherError
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.scope.sbc import DispatcherTarget

AT_ONCE_MAX = 16

Standing = dict[str, Fact[tuple[DispatcherTarget, ...]]]
"""By where each is asked."""


async def read_dispatchers(places: Iterable[str], dispatcher: Dispatcher | None, clock: Clock) -> Standing:
    """How they stand, by where each is asked. Nothing is changed by it."""
    slots = asyncio.Semaphore(AT_ONCE_MAX)

    async def read(place: str) -> Fact[tuple[DispatcherTarget, ...]]:
        if dispatcher is None:
            return Unobserved("nothing that could ask it is installed here")
        async with slots:
            try:
                return Observed(await dispatcher.targets(place), clock.now(), f"the dispatcher list at {place}")
            except DispatcherError as exc:
                return Unobserved(str(exc))

    wanted = list(dict.fromkeys(places))
    return dict(zip(wanted, await asyncio.gather(*map(read, wanted)), strict=True))
