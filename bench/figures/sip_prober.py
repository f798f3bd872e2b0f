"""200 SIP addresses probed, a quarter of them dead, beside sipsak asking the same ones after another.

We give an address 4 s; sipsak is told to (8 times T1), and takes what it takes. It is timed on some of each kind, and
the sum is told for all: it would take minutes.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import time
from collections.abc import Sequence

from bench.figure import Line, Peer
from bench.processes import measured_core, on_core, other_core, running
from voicedr.runtime.sipkit import Probed, Standing, Target, probe

EVERY = 4
NAME = "sbc.acme.example"
TOOK_S_MAX = 5.0
SIPSAK_4_S = 8
"""sipsak's timeout factor: so many times T1 = 0.5 s."""


def measure(quick: bool) -> Sequence[Line]:
    """Ours, then sipsak."""
    count = 40 if quick else 200
    with (
        running(["-m", "bench.peers.sip_crowd", str(count), str(EVERY)], other_core()) as (_, told),
        on_core(measured_core()),
    ):
        targets = [Target("udp", host, port, NAME, NAME) for host, port in [*told["alive"], *told["dead"]]]
        alive = targets[: len(told["alive"])]
        used_s = sum(os.times()[:2])
        found, took_s = _probed(targets)
        used_s = sum(os.times()[:2]) - used_s
        _, alone_s = _probed(alive)
        _check(found, len(alive))
        lines = [_line(f"{count} addresses, every {EVERY}th dead", took_s, None, TOOK_S_MAX if not quick else None)]
        sipsak = shutil.which("sipsak")
        if sipsak is None:
            note = "sipsak is not on this machine; install it to have the peer measured"
            return [*lines, Line("processor time of an address", used_s / count * 1000, "ms", note=note)]
        of_each = (5, 1) if quick else (20, 3)
        good_s = _one_by_one(sipsak, told["alive"][: of_each[0]]) / of_each[0]
        bad_s = _one_by_one(sipsak, told["dead"][: of_each[1]]) / of_each[1]
    all_s = good_s * len(alive) + bad_s * (count - len(alive))
    beside = f"sipsak, one after another, from {of_each[0]} alive and {of_each[1]} dead, s"
    return [
        _line(
            lines[0].what, took_s, Peer(beside, all_s), lines[0].at_most, f"sipsak needs {bad_s:.1f} s for a dead one"
        ),
        Line(f"{len(alive)} that are alive", alone_s, "s", Peer("sipsak, one after another, s", good_s * len(alive))),
        Line("processor time of an address", used_s / count * 1000, "ms"),
    ]


def _line(what: str, took_s: float, peer: Peer | None, at_most: float | None, note: str = "") -> Line:
    return Line(what, took_s, "s", peer, at_most=at_most, note=note)


def _probed(targets: list[Target]) -> tuple[tuple[Probed, ...], float]:
    began = time.monotonic()
    found = asyncio.run(probe(targets))
    return found, time.monotonic() - began


def _check(found: tuple[Probed, ...], alive: int) -> None:
    """A figure of a prober that is wrong is none."""
    seen = [one.standing for one in found]
    if seen != [Standing.ALIVE] * alive + [Standing.DEAD] * (len(found) - alive):
        raise RuntimeError(f"of {alive} that answer {seen.count(Standing.ALIVE)} were seen alive")


def _one_by_one(sipsak: str, places: list[list[object]]) -> float:
    began = time.monotonic()
    for host, port in places:
        subprocess.run(
            [sipsak, "-s", f"sip:probe@{host}:{port}", f"--timeout-factor={SIPSAK_4_S}", "--timer-t1=500"],
            stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
        )  # fmt: skip
    return time.monotonic() - began
