"""Writes an execution's events, many at a time, and knows how the execution stands.

``await record(...)`` comes back when the events are durable; whatever else was recorded meanwhile shares the same
transaction. Nobody acts before the intent is durable, and nobody believes what is not in the journal.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from voicedr.ports.clock import Clock
from voicedr.ports.journal import Journal, Lease
from voicedr.program.execution.events import Event
from voicedr.program.execution.state import Execution

LEASE_S = 15.0
"""A dead holder on another host blocks a takeover for so long."""


class Recorder:
    """One writer of one execution. See the module."""

    def __init__(
        self,
        journal: Journal,
        lease: Lease,
        clock: Clock,
        execution: Execution,
        listener: Callable[[Event, Execution], None] | None = None,
    ) -> None:
        self._journal = journal
        self._lease = lease
        self._clock = clock
        self._listener = listener
        self._waiting: list[Event] = []
        self._flush: asyncio.Task[None] | None = None
        self.execution = execution

    async def record(self, *events: Event) -> None:
        """Append events; they are durable and applied to ``execution`` when this returns.

        Raises:
            Fenced: If somebody took over. Nothing was appended, and nothing more may be sent.
            JournalBroken: If the journal cannot be written. Nothing was appended.
        """
        self._waiting.extend(events)
        if self._flush is None or self._flush.done():
            self._flush = asyncio.ensure_future(self._append())
        await asyncio.shield(self._flush)

    async def renew(self) -> None:
        """Renew the lease."""
        self._journal.append(self._lease, [], self._clock.now(), LEASE_S)

    async def _append(self) -> None:
        await self._clock.sleep(0)
        batch, self._waiting = self._waiting, []
        self._journal.append(self._lease, batch, self._clock.now(), LEASE_S)
        for event in batch:
            self.execution.apply(event)
        if self._listener is not None:
            for event in batch:
                self._listener(event, self.execution)
