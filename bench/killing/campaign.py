"""Many trials, one process per core: ``python -m bench.killing.campaign KILLS [FIRST_SEED]``.

Exit codes: 0 nothing was lost, doubled, stuck or slow; 1 something was, and its seeds are in the output; 2 wrong use.
"""

from __future__ import annotations

import gc
import json
import logging
import multiprocessing
import sys
import tempfile
import time
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.killing.story import story
from bench.killing.trial import run
from bench.killing.verdict import wrong
from bench.machine import cores

SEEDS_AT_ONCE = 20
SHOWN_MAX = 10
USAGE = "python -m bench.killing.campaign KILLS [FIRST_SEED]: give whole numbers, KILLS more than 0"


@dataclass
class Tally:
    """What trials came to."""

    trials: int = 0
    kills: int = 0
    where: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    """Of what is wrong, by its first word."""

    found: list[str] = field(default_factory=list)
    acted_s: list[float] = field(default_factory=list)
    """How long each process that had something to do took to do it."""

    virtual_s: float = 0.0
    processor_s: float = 0.0

    def add(self, other: Tally) -> None:
        """Count those too."""
        self.trials += other.trials
        self.kills += other.kills
        self.where += other.where
        self.outcomes += other.outcomes
        self.kinds += other.kinds
        self.found += other.found
        self.acted_s += other.acted_s
        self.virtual_s += other.virtual_s
        self.processor_s += other.processor_s

    @property
    def slowest_s(self) -> float:
        """The slowest takeover that had something to do."""
        return max(self.acted_s, default=0.0)


def trials(seeds: Sequence[int]) -> Tally:
    """Run these seeds one after another in this process."""
    tally, begun_s = Tally(), time.process_time()
    # The dead tidy nothing up, and the interpreter remarks on it.
    warnings.simplefilter("ignore", RuntimeWarning)
    logging.getLogger("asyncio").disabled = True
    place = "/dev/shm" if Path("/dev/shm").is_dir() else None
    for seed in seeds:
        drawn = story(seed)
        with tempfile.TemporaryDirectory(dir=place, prefix="voicedr-killing-") as folder:
            told = run(drawn, Path(folder))
        tally.trials += 1
        tally.kills += len(told.deaths)
        tally.where.update(one.where for one in told.deaths)
        ended = told.state is not None and told.state.finished is not None
        tally.outcomes[told.state.finished.outcome if ended else "stuck"] += 1  # type: ignore[union-attr]
        for one in wrong(told):
            tally.kinds[one.partition(":")[0]] += 1
            tally.found.append(f"{one} ({drawn})")
        tally.acted_s += [one.acted_s for one in told.takeovers if one.acted_s is not None]
        tally.virtual_s += told.lasted_s
    gc.collect()
    tally.processor_s = time.process_time() - begun_s
    return tally


def campaign(kills: int, first_seed: int = 1, *, processes: int | None = None) -> Tally:
    """Trials of consecutive seeds until so many processes were killed, on every core."""
    total = Tally()
    processes = processes or len(cores())
    if processes == 1:
        for seeds in _blocks(first_seed):
            total.add(trials(seeds))
            if total.kills >= kills:
                return total
    # A fresh interpreter each: a forked one would share whatever this one has open.
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        blocks = _blocks(first_seed)
        going = [pool.apply_async(trials, (next(blocks),)) for _ in range(processes)]
        while going:
            total.add(going.pop(0).get())
            if total.kills < kills:
                going.append(pool.apply_async(trials, (next(blocks),)))
    return total


def _blocks(first_seed: int) -> Iterator[Sequence[int]]:
    for n in count():
        first = first_seed + n * SEEDS_AT_ONCE
        yield range(first, first + SEEDS_AT_ONCE)


def main(arguments: Sequence[str]) -> int:
    """Run one and print what it came to."""
    if not 1 <= len(arguments) <= 2 or not all(one.isdigit() for one in arguments) or int(arguments[0]) < 1:
        print(USAGE, file=sys.stderr)
        return 2
    kills, first_seed = int(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 1
    begun_s = time.monotonic()
    total = campaign(kills, first_seed)
    real_s = time.monotonic() - begun_s
    print(
        f"{total.kills:,} kills in {total.trials:,} trials, seeds {first_seed} to {first_seed + total.trials - 1}:"
        f" {total.kills / real_s:.1f} a second, {total.kills / total.processor_s:.1f} a second of one core,"
        f" {total.virtual_s / 3600:.0f} virtual hours in {real_s:.0f} s"
    )
    print(json.dumps({"where": total.where, "outcomes": total.outcomes, "slowest takeover, s": total.slowest_s}))
    print(f"wrong: {dict(total.kinds) or 'nothing'}")
    for one in total.found[:SHOWN_MAX]:
        print(f"  {one}")
    return 1 if total.found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
