"""Resident memory of the twin: with 10,000 numbers, and for 1,000 calls that last."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from bench.accounts import account, numbers
from bench.figure import Line, Peer
from bench.processes import TwinProcess, bare_server, other_core, twin

NUMBERS = 10_000
TARGET_MB = 300.0
CALLS_PER_SECOND = 200.0


def measure(quick: bool) -> Sequence[Line]:
    """An empty twin, a large one, and the large one full of calls."""
    calls_for_s = 5.0 if quick else 10.0
    with tempfile.TemporaryDirectory() as directory, bare_server(other_core()) as port:
        with twin(Path(directory)) as empty:
            empty_mb = empty.resident_mb()
        made = account(numbers(NUMBERS), f"http://127.0.0.1:{port}/hold")
        with twin(Path(directory), made) as served:
            before_mb = served.resident_mb()
            live = _ring(served, calls_for_s)
            with_calls_mb = served.resident_mb()
    per_thousand_mb = (with_calls_mb - before_mb) / live * 1000
    one_number_kb = (before_mb - empty_mb) * 1000 / NUMBERS
    return [
        Line(
            f"{NUMBERS:,} numbers, configured in two Regions", before_mb, "MB", Peer("an empty twin", empty_mb),
            at_most=TARGET_MB, note=f"{one_number_kb:.1f} kB a number",
        ),
        Line("1,000 live calls", per_thousand_mb, "MB", Peer("an empty twin", empty_mb), note=f"from {live} calls"),
    ]  # fmt: skip


def _ring(served: TwinProcess, seconds: float) -> int:
    """Let calls arrive that do not end. Gives how many last."""
    body = {"calls_per_second": CALLS_PER_SECOND, "duration_s": seconds, "caller": {"hangs_up_after_s": 3600}}
    served.control("POST", "/_twin/load", body)
    time.sleep(seconds)
    deadline = time.monotonic() + 10
    while served.control("GET", "/_twin/load")["loads"] and time.monotonic() < deadline:
        time.sleep(0.2)
    time.sleep(1.0)
    tally = served.control("GET", "/_twin/tally")
    return int(tally["placed"] - tally["ended"])
