"""Writes an execution's events, many at a time, and knows how the execution stands.

``await record(...)`` comes back when the events are durable; whatever else was recorded meanwhile shares the same
transaction. Nobody acts before the intent is durable, and nobody believes what is not in the journal.

A journal that does not answer is asked again, with the same events, for a bounded time. Nobody gets an intent through
meanwhile, so nothing new is sent. Whatever ends that wait ends this recorder: later events would stand after a gap.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from voicedr.ports.clock import Clock
from voicedr.ports.journal import Journal, JournalAway, JournalError, JournalLost, Lease
from voicedr.program.execution.actions import action_id
from voicedr.program.execution.events import Event
from voicedr.program.execution.state import Execution, Stage

LEASE_S = 15.0
"""A dead holder on another host blocks a takeover for so long."""

AWAY_S_MAX = 30.0
"""A journal may be away for so long: a database promotes its replica in that time, or somebody makes room on a disk."""

AGAIN_S = (0.1, 2.0)
"""The first and the longest wait before a journal that is away is asked again."""

FINISH_S_MAX = 10.0
"""How long the last write may take when everything else is over."""

SLOW_S = 0.005
"""A write that takes longer than this holds up everything else in the process."""

REST_S_MAX = 0.05
"""After a slow write others have their turn for as long as it took, and no longer than this."""

SHOWN_MAX = 3
"""So many things in flight are named in a message; the others are counted."""

T = TypeVar("T")


class Hold:
    """Until when this process may change anything, by its own monotonic clock.

    A process that was stopped, or whose journal is away, must not send what another one may already have taken over.
    """

    def __init__(self) -> None:
        self.until_s: float | None = None
        """None: it has nothing in hand, and is not held back."""

    def over(self, now_s: float) -> bool:
        """True if the lease may have ended."""
        return self.until_s is not None and now_s >= self.until_s


class Recorder:
    """One writer of one execution. See the module.

    Attributes:
        execution: How it stands, by what is durable.
        away: Why the journal does not answer at the moment; None if it does.
    """

    def __init__(
        self,
        journal: Journal,
        lease: Lease,
        clock: Clock,
        execution: Execution,
        listener: Callable[[Event, Execution], None] | None = None,
        *,
        hold: Hold | None = None,
        away_s_max: float = AWAY_S_MAX,
    ) -> None:
        self._journal = journal
        self._lease = lease
        self._clock = clock
        self._listener = listener
        self._hold = hold or Hold()
        self._away_s_max = away_s_max
        self._waiting: list[Event] = []
        self._next: asyncio.Task[None] | None = None
        self._flying: asyncio.Task[None] | None = None
        self._failed: JournalError | None = None
        self._wrote_s = 0.0
        self.execution = execution
        self.away: str | None = None

    async def record(self, *events: Event) -> None:
        """Append events; they are durable and applied to ``execution`` when this returns.

        Raises:
            Fenced: If somebody took over. Nothing was appended, and nothing more may be sent.
            JournalBroken: If the journal cannot be written. Nothing was appended.
            JournalLost: If it stayed away for too long. Nobody knows whether they were appended.
        """
        self._waiting.extend(events)
        if self._next is None:
            self._next = asyncio.ensure_future(self._append(self._flying))
            self._next.add_done_callback(_looked_at)
        await asyncio.shield(self._next)

    async def renew(self) -> None:
        """Renew the lease."""
        await self.record()

    async def finish(self) -> None:
        """Come back when nothing is being written any more; what cannot be written by then is given up."""
        for task in (self._flying, self._next):
            if task is not None and not task.done():
                await asyncio.wait({task}, timeout=FINISH_S_MAX)
                task.cancel()
        self._hold.until_s = None

    async def _append(self, before: asyncio.Task[None] | None) -> None:
        if before is not None and not before.done():
            await asyncio.wait({before})
        await self._clock.sleep(self._rest_s())
        batch, self._waiting = self._waiting, []
        self._flying, self._next = self._next, None
        if self._failed is not None:
            raise self._failed
        try:
            await self._write(batch)
        except JournalError as exc:
            self._failed = exc
            raise
        for event in batch:
            self.execution.apply(event)
        if self._listener is not None:
            for event in batch:
                self._listener(event, self.execution)

    async def _write(self, batch: Sequence[Event]) -> None:
        """Append until it is done. The journal sees to it that the same events are appended once."""
        first_s = self._clock.monotonic_s()
        wait_s, longest_s = AGAIN_S
        while True:
            began_s = self._clock.monotonic_s()
            try:
                await ask(self._journal, partial(self._journal.append, self._lease, batch, self._clock.now(), LEASE_S))
            except JournalAway as exc:
                self.away = str(exc)
                gone_s = self._clock.monotonic_s() - first_s
                if gone_s >= self._away_s_max:
                    raise self._lost(gone_s) from exc
            else:
                self.away = None
                self._wrote_s = self._clock.monotonic_s() - began_s
                # The store counts from later than this, so by our clock the lease ends no later than by its own.
                self._hold.until_s = began_s + LEASE_S
                return
            await self._clock.sleep(wait_s)
            wait_s = min(longest_s, 2 * wait_s)

    def _rest_s(self) -> float:
        """How long to gather events before the next write.

        On a slow disk a process that writes at once what there is does little else than wait for the disk: each write
        is of few events, and nothing leaves meanwhile. A journal in a thread holds up nobody.
        """
        return 0.0 if self._journal.remote or self._wrote_s < SLOW_S else min(REST_S_MAX, self._wrote_s)

    def _lost(self, gone_s: float) -> JournalLost:
        flying = [
            action_id(state.action)
            for cohort in self.execution.current
            for state in cohort.actions
            if state.stage in (Stage.IN_FLIGHT, Stage.UNSETTLED)
        ]
        named = ", ".join(flying[:SHOWN_MAX]) + (f" and {len(flying) - SHOWN_MAX} more" if flying[SHOWN_MAX:] else "")
        left = f"In flight and UNSETTLED: {named}." if flying else "Nothing was in flight."
        name = self._lease.execution
        return JournalLost(
            f"{name} stopped: its journal has been away for {gone_s:.0f} s, and nothing was begun without it."
            f" {left} It said last: {self.away}\nWhen it answers again, here or on another host: voicedr resume"
            f" {name} (looks at each before anything is repeated)."
        )


async def ask(journal: Journal, question: Callable[[], T]) -> T:
    """Ask a journal something; others go on meanwhile if it is asked over a network."""
    return await asyncio.to_thread(question) if journal.remote else question()


def what_stopped(group: ExceptionGroup[Exception]) -> Exception:
    """The journal's failure, where many tasks met it at once: they all say the same. Else the group as it is."""
    failures, _ = group.split(JournalError)
    found: Exception = failures or group
    while failures is not None and isinstance(found, ExceptionGroup):
        found = found.exceptions[0]
    return found


def _looked_at(task: asyncio.Task[None]) -> None:
    """Whoever waited has the error; if nobody did any more, it is not worth a remark of the interpreter."""
    if not task.cancelled():
        task.exception()
