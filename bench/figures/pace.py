"""Moving 10,000 numbers at a limit of 200, and of 300, routing requests a second: how much of the limit is used.

The use case itself, as in ``move_1000``, against a twin that answers after a tenth of a second and refuses what
is above the limit. Beside it the official library against the same twin: a plain loop, and every request at once with
its async client, each over some of the numbers. ``VOICEDR_BENCH_MOVES`` says how many are moved; 10,000 if it does not.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from bench.figure import Line, Peer
from bench.moving import moved_by_peer, moved_by_us

LIMITS = (200, 300)
SHARE_MIN = 95.0
ANSWER_S = 0.1
LOOP_NUMBERS, CROWD_NUMBERS = 50, 1000


def measure(quick: bool) -> Sequence[Line]:
    """The share of the limit, the time of the whole, and what becomes of the same with no pace."""
    count = 600 if quick else int(os.environ.get("VOICEDR_BENCH_MOVES", "10000"))
    lines = []
    for limit in LIMITS:
        settings = {"route_requests_per_second": limit}
        us = moved_by_us(count, float(limit), answer_s=ANSWER_S, **settings)
        loop = moved_by_peer("bench.peers.plain_loop", LOOP_NUMBERS, answer_s=ANSWER_S, **settings)
        crowd = moved_by_peer("bench.peers.crowd", CROWD_NUMBERS, answer_s=ANSWER_S, **settings)
        loop_s = loop["seconds"] / LOOP_NUMBERS * count
        lines += [
            Line(
                f"of {limit} routing requests/s, {count:,} numbers", us.asked / us.seconds / limit * 100, "%",
                Peer(f"plain loop of the official library, {LOOP_NUMBERS} numbers, %",
                     LOOP_NUMBERS / loop["seconds"] / limit * 100),
                at_least=SHARE_MIN,
                note=f"{us.throttled} times 429; looks and test calls are {us.asked - count} of {us.asked:,} requests;"
                f" {us.processor_s / us.seconds:.0%} of a core",
            ),
            Line(
                f"{count:,} numbers at {limit}/s, from the first intent to the last answer", us.seconds, "s",
                Peer(f"plain loop, extrapolated from {LOOP_NUMBERS} numbers", loop_s),
            ),
            Line(
                f"moved of {CROWD_NUMBERS:,} at {limit}/s by the official async client with all at once",
                crowd["moved"] / CROWD_NUMBERS * 100, "%",
                note=f"{crowd['refused']:.0f} were refused with 429 and not repeated, in {crowd['seconds']:.1f} s",
            ),
        ]  # fmt: skip
    return lines
