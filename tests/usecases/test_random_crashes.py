"""Executions of random size, killed and resumed at random, with random answers lost: the world still changes once.

``VOICEDR_SOAK_SEED`` and ``VOICEDR_SOAK_RUNS`` choose other seeds and more of them; a failure names its seed.
"""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from scenes import Scene
from voicedr.ports.journal import Lease
from voicedr.program.execution import events as ev
from voicedr.program.execution.state import Execution
from voicedr.program.vocabulary import IE1
from voicedr.testing.fake_account import Write
from voicedr.testing.fake_provider import Fault
from voicedr.testing.virtual_time import START, VirtualClock, run_virtual

# A process that dies tidies nothing up, and the interpreter remarks on it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::RuntimeWarning")

FIRST_SEED = int(os.environ.get("VOICEDR_SOAK_SEED", "1"))
RUNS = int(os.environ.get("VOICEDR_SOAK_RUNS", "5"))

DEATHS_MAX = 4
LOST = (Fault.ANSWER_LOST_BEFORE, Fault.ANSWER_LOST_AFTER, Fault.THROTTLED, Fault.UNREACHABLE)


@pytest.fixture(autouse=True)
def bury() -> Iterator[None]:
    """Let the tasks of the dead be collected here, where what the loop says of them is captured."""
    yield
    gc.collect()


class Killed(SystemExit):
    """The process ends here, with nothing tidied up."""


class DyingJournal:
    """The scene's journal, in a process that dies just before or just after its n-th append."""

    def __init__(self, journal: Any, n: int, *, before: bool) -> None:
        self._journal = journal
        self._left = n
        self._before = before

    def __getattr__(self, name: str) -> Any:
        return getattr(self._journal, name)

    def append(self, lease: Lease, events: Sequence[ev.Event], now: datetime, lease_s: float) -> None:
        """Append, or die."""
        self._left -= 1
        if self._left == 0 and self._before:
            raise Killed
        self._journal.append(lease, events, now, lease_s)
        if self._left == 0:
            raise Killed


@pytest.mark.parametrize("seed", range(FIRST_SEED, FIRST_SEED + RUNS))
def test_dying_at_random_with_answers_lost_at_random_changes_each_route_once(tmp_path: Path, seed: int) -> None:
    """Whatever dies and whatever is lost, the last process finishes with one write for each number."""
    chance = random.Random(seed)
    sizes = {f"cohort-{n}": chance.randint(1, 6) for n in range(chance.randint(1, 3))}
    scene = Scene(tmp_path, sizes, propagation_s=lambda: chance.uniform(0, 60))
    scene.open()
    whole = scene.journal
    told = f"seed {seed}: {sizes}"
    for process in range(DEATHS_MAX):
        told += f"; {_arm(scene, whole, chance)}"
        try:
            state = _process(scene, chance, process)
        except Killed:
            scene.journal, scene.account.before_write, scene.account.after_write = whole, None, None
            continue
        break
    else:
        state = _process(scene, chance, DEATHS_MAX)
    scene.journal.close()
    assert state.finished is not None, f"{told}: {state.paused}"
    assert state.finished.outcome == "done", told
    assert set(scene.routed().values()) == {IE1}, told
    assert set(scene.changes_per_number().values()) == {1}, told


def _arm(scene: Scene, journal: Any, chance: random.Random) -> str:
    """Choose where the next process dies."""
    n = chance.randint(1, 40)
    if chance.random() < 0.5:
        before = chance.random() < 0.5
        scene.journal = DyingJournal(journal, n, before=before)  # type: ignore[assignment]
        return f"dies {'before' if before else 'after'} append {n}"
    when = chance.choice(["before", "after"])
    at = len(scene.account.writes) + chance.randint(1, 6)

    def die(write: Write) -> None:
        if write.n == at:
            raise Killed

    setattr(scene.account, f"{when}_write", die)
    return f"dies {when} write {at}"


def _process(scene: Scene, chance: random.Random, n: int) -> Execution:
    """One process, an hour after the one before, with some answers lost."""
    orders = [(chance.choice(LOST), chance.randint(1, 12)) for _ in range(chance.randint(0, 4))]

    async def run(clock: VirtualClock) -> Execution:
        providers = scene.providers(clock)
        for fault, on in orders:
            providers[IE1].fail("set_route", fault, on={on})
        return await scene.run(clock, providers, holder=f"process-{n}")

    return run_virtual(run, start=START + timedelta(hours=n))
