"""Durable events per second of the journal as the recorder writes them, beside one event a transaction.

On a disk, with full sync: when a write returns, a power cut does not undo it. As many hands as the mover has each
record an intent, wait until it is durable, then record the answer; whatever comes up meanwhile shares a transaction.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.accounts import numbers, plan
from bench.figure import Line, Peer
from voicedr.adapters.clock import WallClock
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.program.execution import events as ev
from voicedr.program.execution.actions import action_id
from voicedr.program.execution.state import fold
from voicedr.program.vocabulary import IE1, Kind
from voicedr.usecases.cut_over import open_execution
from voicedr.usecases.move import AT_ONCE_MAX
from voicedr.usecases.recorder import LEASE_S, Recorder


def measure(quick: bool) -> Sequence[Line]:
    """Recorded together, recorded one by one, and read back."""
    together, single = (2_000, 100) if quick else (10_000, 1_000)
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        grouped = asyncio.run(_grouped(Path(directory) / "grouped.db", together))
        journal = SqliteJournal(Path(directory) / "grouped.db")
        begun = time.perf_counter()
        fold(record.event for record in journal.read("x"))
        folded = 2 * together / (time.perf_counter() - begun)
        journal.close()
        one_by_one = _single(Path(directory) / "single.db", single)
    peer = Peer("one event a transaction", one_by_one)
    return [
        Line(f"recorded by {AT_ONCE_MAX} hands, {2 * together:,} events", grouped, "events/s", peer),
        Line("read back, each link checked, and folded", folded, "events/s", peer),
    ]


async def _grouped(file: Path, count: int) -> float:
    clock = WallClock()
    journal, recorder = _open(file, count)
    waiting = [action_id(action) for action in recorder.execution.plan.actions]
    waiting.reverse()

    async def hand() -> None:
        while waiting:
            name = waiting.pop()
            await recorder.record(ev.Intended(at=clock.now(), action=name, attempt=1))
            await recorder.record(ev.Answered(at=clock.now(), action=name, region=IE1, source="ie1's routes host"))

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE_MAX):
            group.create_task(hand())
    seconds = time.perf_counter() - begun
    journal.close()
    return 2 * count / seconds


def _single(file: Path, count: int) -> float:
    clock = WallClock()
    journal, recorder = _open(file, 1)
    lease = journal.take("x", "bench", clock.now(), LEASE_S)
    name = action_id(recorder.execution.plan.actions[0])
    begun = time.perf_counter()
    for _ in range(count):
        journal.append(lease, [ev.Intended(at=clock.now(), action=name, attempt=1)], clock.now(), LEASE_S)
    seconds = time.perf_counter() - begun
    journal.close()
    return count / seconds


def _open(file: Path, count: int) -> tuple[SqliteJournal, Recorder]:
    clock = WallClock()
    journal = SqliteJournal(file)
    planned = plan({"all": numbers(count)}, requests_per_second=100, calls_per_second=1, propagation_s_max=300)
    open_execution(journal, planned, execution="x", kind=Kind.DRY_RUN, by="bench", now=clock.now())
    state = fold(record.event for record in journal.read("x"))
    return journal, Recorder(journal, journal.take("x", "bench", clock.now(), LEASE_S), clock, state)
