"""Leaves checkpoints of a running execution's journal at places elsewhere, beside the work and never in its way.

One hand looks at how long the journal has become and makes a checkpoint when one is due. Each place has a hand of its
own that leaves the newest one, so that a place which is slow or away delays no other and loses nothing: a later
checkpoint covers all that an earlier one would have.

How a place stands, and what is told once each time it changes:

    keeping      the newest is there, or is about to be
    away         it did not answer; tried again after 1 s, 2 s, 4 s … one minute, until the process ends
    given up     it refuses us, or what is there contradicts the journal. Nothing more is left there by this process
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from voicedr.ports.checkpoints import CheckpointPlace, Contradicted, PlaceAway, PlaceError
from voicedr.ports.clock import Clock
from voicedr.ports.journal import Journal, JournalAway, JournalError, Record
from voicedr.program.evidence.chain import GENESIS
from voicedr.program.evidence.file import Checkpoint, checkpoint_words
from voicedr.program.execution.events import Event
from voicedr.program.execution.state import Execution
from voicedr.program.scope.checkpoints import Checkpoints
from voicedr.usecases.recorder import ask

LOOK_S = 0.5
"""How often is looked whether one is due."""

FOLLOW_RECORDS = 250
"""After so many records the journal is read on, due or not: a few milliseconds, so that no move waits for long."""

AGAIN_S = (1.0, 60.0)
"""The first and the longest wait before a place that is away is tried again."""

CONTRADICTED = "CONTRADICTED"
"""How a finding begins among lines that are only mishaps."""

LAST_S_MAX = 20.0
"""How long the checkpoint at the end may take. The execution is over by then, and somebody waits for the prompt."""


@dataclass
class _Stand:
    """How a place stands."""

    size: int = 0
    away: str = ""
    given_up: str = ""
    wait_s: float = AGAIN_S[0]
    again_s: float = 0.0


class CheckpointKeeper:
    """Leaves checkpoints of one execution. See the module.

    Args:
        journal: Where the execution is recorded.
        execution: Its id.
        places: Where checkpoints are left.
        rhythm: How often.
        clock: Time.
        sign: The machine's signature.
        tell: Told, in words, each time that the standing of a place changes. Called from the loop.
        after: The last record there is already; None: there is none. It saves reading them all again.
    """

    def __init__(
        self,
        journal: Journal,
        execution: str,
        places: Sequence[CheckpointPlace],
        rhythm: Checkpoints,
        clock: Clock,
        *,
        sign: Callable[[bytes], bytes] | None = None,
        tell: Callable[[str], None] = lambda _words: None,
        after: Record | None = None,
    ) -> None:
        self._journal = journal
        self._execution = execution
        self._stands = [(place, _Stand()) for place in places]
        self._rhythm = rhythm
        self._clock = clock
        self._sign = sign
        self._tell = tell
        self._size, self._head = (after.seq, after.hash) if after is not None else (0, GENESIS)
        self._newer = 0
        self._newest: Checkpoint | None = None
        self._made_s = clock.monotonic_s()
        self._broken = False

    def saw(self, _event: Event, _state: Execution) -> None:
        """One more event is durable."""
        self._newer += 1

    async def keep(self) -> None:
        """Leave checkpoints for as long as nobody cancels it."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._follow())
            for place, stand in self._stands:
                group.create_task(self._serve(place, stand))

    async def finish(self) -> None:
        """Leave one at the end, at every place that was not given up; tell where there is none."""
        self._newest = await self._make()
        if self._newest is None:
            return
        last = self._newest
        for _, stand in self._stands:
            stand.wait_s, stand.again_s = AGAIN_S[0], 0.0
        until_s = self._clock.monotonic_s() + LAST_S_MAX
        await asyncio.gather(*(self._last(place, stand, last, until_s) for place, stand in self._stands))
        for place, stand in self._stands:
            if stand.size < last.size:
                finding = f"{CONTRADICTED}: " if stand.given_up.startswith(CONTRADICTED) else ""
                why = "" if stand.given_up or stand.away else "; it did not answer in time"  # else it was told before
                self._tell(
                    f"{finding}{place.name} has no checkpoint of the {last.size} records at the end{why}."
                    f" By hand, to any place: voicedr checkpoint {self._execution} --to PLACE"
                )

    def broke(self, defect: BaseException) -> None:
        """Tell of a defect that ended it."""
        self._tell(
            f"checkpoints are missing because of a defect of voicedr ({defect!r}); the execution is not touched."
        )

    async def _follow(self) -> None:
        while True:
            if self._due():
                self._newest = await self._make() or self._newest
            elif self._newer >= FOLLOW_RECORDS:
                await self._read_on()
            await self._clock.sleep(LOOK_S)

    def _due(self) -> bool:
        rhythm, since = self._rhythm, self._newer + self._size - (self._newest.size if self._newest else 0)
        if since <= 0 or self._broken:
            return False
        if rhythm.every_records is not None:
            return since >= rhythm.every_records
        return self._clock.monotonic_s() - self._made_s >= (rhythm.every_s or 0.0)

    async def _make(self) -> Checkpoint | None:
        """A checkpoint of what is durable; None if it cannot be read now."""
        if not await self._read_on() or not self._size:
            return None
        now = self._clock.now()
        words = checkpoint_words(self._execution, self._size, self._head, now)
        self._made_s = self._clock.monotonic_s()
        return Checkpoint(self._execution, self._size, self._head, now, self._sign(words).hex() if self._sign else "")

    async def _read_on(self) -> bool:
        """Follow the journal to its end. False if it does not answer; the runner is told by its own hands."""
        try:
            records = await ask(self._journal, partial(self._journal.read, self._execution, self._size))
        except JournalAway:
            return False
        except JournalError as exc:
            if not self._broken:
                self._tell(f"no more checkpoints are left: the journal cannot be read. {exc}")
            self._broken = True
            return False
        self._newer = max(0, self._newer - len(records))
        if records:
            self._size, self._head = records[-1].seq, records[-1].hash
        return True

    async def _serve(self, place: CheckpointPlace, stand: _Stand) -> None:
        while True:
            newest = self._newest
            now_s = self._clock.monotonic_s()
            if newest is not None and newest.size > stand.size and not stand.given_up and now_s >= stand.again_s:
                await self._leave(place, stand, newest)
            await self._clock.sleep(LOOK_S)

    async def _last(self, place: CheckpointPlace, stand: _Stand, last: Checkpoint, until_s: float) -> None:
        while stand.size < last.size and not stand.given_up:
            left_s = until_s - self._clock.monotonic_s()
            if left_s <= 0:
                return
            try:
                async with asyncio.timeout(left_s):
                    await self._leave(place, stand, last)
            except TimeoutError:
                return
            if stand.away:
                await self._clock.sleep(min(stand.wait_s, max(0.0, until_s - self._clock.monotonic_s())))

    async def _leave(self, place: CheckpointPlace, stand: _Stand, checkpoint: Checkpoint) -> None:
        try:
            await place.leave(checkpoint)
        except PlaceAway as exc:
            if not stand.away:
                self._tell(f"checkpoints wait: {exc}")
            stand.away = str(exc)
            stand.again_s = self._clock.monotonic_s() + stand.wait_s
            stand.wait_s = min(AGAIN_S[1], 2 * stand.wait_s)
        except Contradicted as exc:
            stand.given_up = f"{CONTRADICTED}: {exc}"
            self._tell(f"{stand.given_up} Nothing more is left there; keep the journal and the place as they are.")
        except PlaceError as exc:
            stand.given_up = str(exc)
            self._tell(f"checkpoints are not left any more: {exc}")
        else:
            if stand.away:
                self._tell(f"checkpoints are left at {place.name} again, {checkpoint.size} records")
            stand.size, stand.away, stand.wait_s = checkpoint.size, "", AGAIN_S[0]


Listener = Callable[[Event, Execution], None]


@asynccontextmanager
async def checkpoints_beside(keeper: CheckpointKeeper | None, listener: Listener) -> AsyncIterator[Listener]:
    """Leave checkpoints while the work goes on, and one at its end, unless it ends with an exception.

    Gives the listener that the work must have; None as the keeper leaves nothing.
    """
    if keeper is None:
        yield listener
        return

    def saw(event: Event, state: Execution) -> None:
        keeper.saw(event, state)
        listener(event, state)

    keeping = asyncio.ensure_future(keeper.keep())
    try:
        yield saw
    finally:
        keeping.cancel()
        await asyncio.wait({keeping})
    try:
        if not keeping.cancelled():
            keeping.result()
        await keeper.finish()
    except Exception as exc:  # a defect of ours; whatever was moved is moved, and the command says so
        keeper.broke(exc)
