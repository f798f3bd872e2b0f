"""Calls per second that the twin carries on one core with real webhooks, beside a bare HTTP client.

Calls arrive at random at a mean rate. Each is set up, asks the application over a socket, says one word and ends: 0.3 s
and 0.4 s by the twin's settings, and whatever it takes beyond that is lateness. Step by step the rate rises until the
twin no longer keeps up: calls are late by more than ``LATE_S`` in the mean, or fewer end than were placed. The bare
client posts the same form to the same application from the same core. The target is 500 calls a second, and half of
what the bare client reaches if that is more; in processor time, which moves less with what else the machine does, a
call may cost two bare requests.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.accounts import account, numbers
from bench.figure import Line, Peer
from bench.processes import TwinProcess, bare_server, measured_core, on_core, other_core, output_of, processor_s, twin

NUMBERS = 100
TARGET_PER_SECOND = 500.0
TARGET_SHARE_OF_BARE = 0.5
BUSY_PER_SECOND = 1500.0
LASTS_S = 0.7
LATE_S = 0.25
SHARE_MIN = 0.95
RISE = 1.25
STEPS_MAX = 16


def measure(quick: bool) -> Sequence[Line]:
    """Without a status callback and with one."""
    seconds = 1.0 if quick else 4.0
    lines = []
    with tempfile.TemporaryDirectory() as directory, bare_server(other_core()) as port:
        url = f"http://127.0.0.1:{port}/ok"
        with on_core(other_core()):
            told_bare = output_of(["-m", "bench.peers.bare_client", url, str(seconds), "64"], measured_core())
            bare, bare_ms = told_bare["per_second"], told_bare["processor_s"] * 1000
            for what, callback in (("calls, one webhook each", ""), ("calls, webhook and status callback", url)):
                made = account(numbers(NUMBERS), url)
                if callback:
                    for number in made["numbers"]:
                        number["voice"]["us1"] = {**number["voice"]["us1"], "status_callback": callback}
                with twin(Path(directory), made) as served:
                    _step(served, 50.0, 1.0)
                    call_ms = _step(served, BUSY_PER_SECOND, seconds)[-1]
                    kept, told = _highest(served, seconds)
                peer = Peer("aiohttp posting to the same webhook, requests/s", bare)
                target = None if callback else max(TARGET_PER_SECOND, TARGET_SHARE_OF_BARE * bare)
                lines.append(Line(what, kept, "calls/s", peer, at_least=target, note=told))
                peer = Peer("of a request of the bare client, ms", bare_ms)
                most = None if callback else bare_ms / TARGET_SHARE_OF_BARE
                lines.append(Line(f"{what}: processor time of a call", call_ms, "ms", peer, at_most=most))
    return lines


def _highest(served: TwinProcess, seconds: float) -> tuple[float, str]:
    """The highest completed rate at which the twin kept up, and what came after it."""
    rate, best = 300.0, 0.0
    for _ in range(STEPS_MAX):
        completed, share, late_s, failed, _ = _step(served, rate, seconds)
        if failed:
            return best, f"at {rate:.0f} calls/s asked, {failed} calls were not served"
        if share < SHARE_MIN or late_s > LATE_S:
            return best, f"at {rate:.0f} calls/s asked, {completed:.0f}/s ended, {late_s:.2f} s late in the mean"
        best, rate = completed, rate * RISE
    return best, f"kept up at every rate that was tried, to {rate / RISE:.0f} calls/s"


def _all_calls(served: TwinProcess, since: float) -> list[dict[str, Any]]:
    """Every call dialled since then; one answer shows ten thousand."""
    calls: list[dict[str, Any]] = []
    until = time.time()
    while True:
        shown = served.control("GET", f"/_twin/calls?since={since}&until={until}")
        calls += shown["calls"]
        if not shown["more"]:
            return calls
        until = shown["calls"][0]["dialled_at"]


def _step(served: TwinProcess, rate: float, seconds: float) -> tuple[float, float, float, int, float]:
    """Completed calls per second, their share of those placed, mean lateness, calls not served, processor ms a call."""
    begun, used_s = time.time(), processor_s(served.pid)
    body = {"calls_per_second": rate, "duration_s": seconds, "caller": {"hangs_up_after_s": 60}}
    served.control("POST", "/_twin/load", body)
    deadline = time.monotonic() + seconds + 20
    time.sleep(seconds + LASTS_S)
    while True:
        tally: dict[str, Any] = served.control("GET", f"/_twin/tally?since={begun}")
        if not served.control("GET", "/_twin/load")["loads"] and tally["ended"] == tally["placed"]:
            break
        if time.monotonic() > deadline:
            break
        time.sleep(0.1)
    call_ms = (processor_s(served.pid) - used_s) / max(1, tally["ended"]) * 1000
    calls = _all_calls(served, begun)
    ended = [call for call in calls if call["ended_at"] is not None]
    if not ended:
        return 0.0, 0.0, float("inf"), tally["placed"], call_ms
    late_s = sum(call["ended_at"] - call["dialled_at"] - LASTS_S for call in ended) / len(ended)
    placed_until = max(call["dialled_at"] for call in calls)
    ended_late_s = max(call["ended_at"] for call in ended) - placed_until - LASTS_S
    served_ = sum(call["outcome"] == "served" for call in ended)
    # A load is random: over few seconds it brings somewhat more or less than its rate. What it brought counts.
    completed = served_ / (placed_until - begun + max(0.0, ended_late_s))
    return completed, completed / (tally["placed"] / seconds), late_s, tally["placed"] - served_, call_ms
