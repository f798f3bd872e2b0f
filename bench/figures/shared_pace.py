"""Requests in the busiest second of two processes that share an account's 200 a second, beside two that do not share.

With ``VOICEDR_BENCH_POSTGRES=postgresql://…`` (an empty database) the shared pace is measured there as well.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.figure import Line, Peer
from bench.pacing import most_in_a_second, turns_of

RATE = 200
BUSIEST_MAX = 202


def measure(quick: bool) -> Sequence[Line]:
    """The busiest second, and how much of the rate is used."""
    seconds = 2.0 if quick else 10.0
    with tempfile.TemporaryDirectory(dir="/var/tmp") as directory:
        apart, _ = _measured(str(Path(directory) / "own-{n}.db"), seconds)
        peer = Peer("two processes, each with a journal of its own", apart)
        places = {"one journal file": str(Path(directory) / "shared.db")}
        if database := os.environ.get("VOICEDR_BENCH_POSTGRES"):
            places["one PostgreSQL"] = database
        lines = []
        for name, place in places.items():
            busiest, used = _measured(place, seconds)
            lines.append(Line(f"busiest second, {name}", busiest, "requests", peer, at_most=BUSIEST_MAX))
            lines.append(Line(f"on average, {name}", used, "requests/s"))
    return lines


def _measured(place: str, seconds: float) -> tuple[float, float]:
    told = turns_of(place, processes=2, rate=RATE, seconds=seconds)
    times = sorted(at for one in told for at in one)
    return float(most_in_a_second(times)), (len(times) - 1) / (times[-1] - times[0])
