"""Read everything that one Region has, kind by kind, each list once and several at a time.

What the Region refuses, does not serve, or did not answer is ``Unobserved`` in its own place and stops nothing else. A
kind that belongs to another one is read parent by parent, and is seen only if every one of them could be.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from voicedr.ports.clock import Clock
from voicedr.ports.provider import ProviderError, Refused, RegionalProvider, WrongCredential
from voicedr.program.readiness.facts import Observed, Unobserved
from voicedr.program.readiness.kinds import KINDS, Kind, Resource
from voicedr.program.readiness.snapshot import UNSERVED
from voicedr.program.readiness.typed import Every
from voicedr.usecases.probe_webhooks import Progress

LISTS_AT_ONCE_MAX = 16
"""Lists in flight at one Region. Routes are read one by one beside them, and the provider's adapter paces both."""

DEAF_AFTER = 3
"""So many lists of one kind in a row that reached nobody, and the rest of them are not tried."""


async def read_estate(
    provider: RegionalProvider,
    clock: Clock,
    source: Callable[[str, str], str],
    *,
    kinds: Iterable[Kind] = tuple(KINDS.values()),
    progress: Progress | None = None,
) -> dict[str, Every]:
    """Every kind by its id.

    Args:
        provider: The Region; its key was not refused as a whole.
        clock: For the times of the observations.
        source: The source of a list, from its product and path, as a reader would look it up.
        kinds: Which kinds. The parent of each must be among them.
        progress: Told what is read, how many are done, and of how many.
    """
    reading = _Reading(provider, clock, source, progress)
    # Parents first, so that each kind finds its parent's reading begun.
    ordered = sorted(kinds, key=lambda kind: kind.parent is not None)
    for kind in ordered:
        reading.begin(kind)
    try:
        await asyncio.gather(*reading.begun.values())
    finally:
        for task in reading.begun.values():
            task.cancel()
    return {kind_id: task.result() for kind_id, task in reading.begun.items()}


class _Reading:
    def __init__(
        self,
        provider: RegionalProvider,
        clock: Clock,
        source: Callable[[str, str], str],
        progress: Progress | None,
    ) -> None:
        self.begun: dict[str, asyncio.Task[Every]] = {}
        self._provider = provider
        self._clock = clock
        self._source = source
        self._progress = progress
        self._slots = asyncio.Semaphore(LISTS_AT_ONCE_MAX)

    def begin(self, kind: Kind) -> None:
        """Start reading a kind, whose parent was begun before."""
        work = self._top(kind) if kind.parent is None else self._below(kind, self.begun[kind.parent])
        self.begun[kind.id] = asyncio.create_task(work)

    async def _top(self, kind: Kind) -> Every:
        found = await self._list(kind, None)
        if isinstance(found, Unobserved):
            return found
        return Observed(found, self._clock.now(), self._said(kind))

    async def _below(self, kind: Kind, parents: asyncio.Task[Every]) -> Every:
        above = await parents
        if isinstance(above, Unobserved):
            if above.reason == UNSERVED:
                return above
            return Unobserved(f"what they belong to could not be read: {above.reason}", above.refused)
        # What was read first is as old as this, and nothing in it is older.
        began_at = self._clock.now()
        found: dict[str, tuple[Resource, ...]] = {}
        missing: list[Unobserved] = []
        waiting = iter(above.value)
        deaf = done = 0

        async def work() -> None:
            nonlocal deaf, done
            for parent in waiting:
                if deaf >= DEAF_AFTER:
                    return
                listed = await self._list(kind, parent.sid)
                if isinstance(listed, Unobserved):
                    missing.append(Unobserved(f"those of {parent.name}: {listed.reason}", listed.refused))
                    deaf += not listed.refused
                else:
                    found[parent.sid] = listed
                    deaf = 0
                done += 1
                if self._progress is not None:
                    self._progress(f"{kind.plural} of {self._provider.region}", done, len(above.value))

        await asyncio.gather(*(work() for _ in range(min(LISTS_AT_ONCE_MAX, len(above.value)))))
        if missing:
            return missing[0]
        every = tuple(one for parent in above.value for one in found[parent.sid])
        return Observed(every, began_at, self._said(kind))

    async def _list(self, kind: Kind, parent_sid: str | None) -> tuple[Resource, ...] | Unobserved:
        try:
            async with self._slots:
                found = tuple(await self._provider.resources(kind, parent_sid))
        except WrongCredential as exc:
            # The same key was accepted a moment ago: it lacks this one permission, whatever the answer sounds like.
            region = self._provider.region
            why = f"the key of {region} may not read the {kind.plural} (answered {exc.status}). Use one that may"
            return Unobserved(why, refused=True)
        except Refused as exc:
            return Unobserved(UNSERVED) if exc.unserved else Unobserved(str(exc), refused=True)
        except ProviderError as exc:
            return Unobserved(str(exc))
        if self._progress is not None and parent_sid is None:
            self._progress(f"{kind.plural} of {self._provider.region}", 1, 1)
        return found

    def _said(self, kind: Kind) -> str:
        return self._source(kind.product, kind.path.removesuffix(".json").replace("{parent}", "…"))
