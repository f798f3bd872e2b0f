"""Virtual seconds per real second of a whole execution, beside a virtual clock with nothing to do.

Numbers in four cohorts, propagation of up to five minutes, one test call a second, gates that ask for proof, and a
provider in memory: what a drill in virtual time costs. The bare clock runs as many timers as the execution has hands,
at their rhythm, and they do nothing.
"""

from __future__ import annotations

import asyncio
import random
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bench.accounts import TEST_CALLER, numbers, plan
from bench.figure import Line, Peer
from voicedr.adapters.journal.sqlite import SqliteJournal
from voicedr.program.execution.state import Execution
from voicedr.program.readiness.resources import VoiceHandler
from voicedr.program.vocabulary import IE1, US1, Kind
from voicedr.testing.fake_account import FakeAccount
from voicedr.testing.fake_provider import FakeProvider
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual
from voicedr.usecases.cut_over import OBEY_S, RENEW_S, TICK_S, cut_over, open_execution
from voicedr.usecases.tempo import Tempo

SEED = 7
COHORTS = {"canary": 2, "first": 20, "second": 60, "rest": 118}
HANDLER = VoiceHandler(voice_url="https://app.example/voice")


def measure(quick: bool) -> Sequence[Line]:
    """One execution from its opening to its end: with its journal on a disk, and in memory where there is a way."""
    sizes = {name: max(1, size // 10) for name, size in COHORTS.items()} if quick else COHORTS
    places = {"journal on disk, full sync": Path("/var/tmp"), "journal in memory": Path("/dev/shm")}
    lines = []
    for what, place in places.items():
        if not place.is_dir():
            continue
        begun = time.perf_counter()
        virtual_s, state = _execution(sizes, place)
        real_s = time.perf_counter() - begun
        if state.finished is None or state.finished.outcome != "done":
            raise RuntimeError(f"the execution did not end well: {state.finished or state.paused}")
        begun = time.perf_counter()
        run_virtual(partial(_ticks, seconds=virtual_s))
        bare_s = time.perf_counter() - begun
        peer = Peer("a virtual clock whose timers do nothing", virtual_s / bare_s)
        note = f"{virtual_s:,.0f} virtual seconds in {real_s:.2f} s; propagation up to 300 s; seed {SEED}"
        lines.append(Line(f"{sum(sizes.values())} numbers, {what}", virtual_s / real_s, "virtual s/s", peer, note=note))
    return lines


def _execution(sizes: dict[str, int], place: Path) -> tuple[float, Execution]:
    chance = random.Random(SEED)
    every = iter(numbers(sum(sizes.values())))
    cohorts = {name: [next(every) for _ in range(size)] for name, size in sizes.items()}
    account = FakeAccount(propagation_s=lambda: chance.uniform(0, 300))
    for one in (*numbers(sum(sizes.values())), TEST_CALLER):
        account.add_number(one, route=US1)
        account.configure(US1, one, HANDLER)
        account.configure(IE1, one, HANDLER)
    planned = plan(cohorts, requests_per_second=100, calls_per_second=1, propagation_s_max=300)
    with tempfile.TemporaryDirectory(dir=place) as directory:
        journal = SqliteJournal(Path(directory) / "journal.db")
        open_execution(journal, planned, execution="x", kind=Kind.DRILL_TWIN, by="bench", now=START)

        async def run(clock: VirtualClock) -> tuple[float, Execution]:
            providers = {IE1: FakeProvider(account, IE1, clock, latency_s=0.05)}
            done = await cut_over("x", journal, providers, None, clock, holder="bench", stay_when_paused=False)
            return clock.monotonic_s(), done

        try:
            return run_virtual(run)
        finally:
            journal.close()


async def _ticks(clock: VirtualClock, seconds: float) -> None:
    async def every(rhythm_s: float) -> None:
        while clock.monotonic_s() < seconds:
            await clock.sleep(rhythm_s)

    await asyncio.gather(*(every(s) for s in (OBEY_S, TICK_S, TICK_S, TICK_S, Tempo().look_s, RENEW_S)))
