"""Moving 1,000 numbers at a limit of 100 requests per second: from the first intent to the last answer.

The use case itself, through the provider adapter over sockets, with the journal on disk and every intent durable
before its request: test calls and looks at the call log share the pace, as they do on the day. Propagation comes
after it and is left out. The twin takes a tenth of a second for every answer, or none. Beside it a plain loop of the
official library, one number after another, which keeps to no limit, writes nothing down and looks at nothing; for it
the provider's limit of routing requests is off.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.figure import Line, Peer
from bench.moving import moved_by_peer, moved_by_us

REQUESTS_PER_SECOND = 100.0
TARGET_S = 12.0


def measure(quick: bool) -> Sequence[Line]:
    """With answers at once, and with answers after a tenth of a second."""
    count = 200 if quick else 1000
    ideal_s = count / REQUESTS_PER_SECOND
    lines = []
    for answer_s, plain_count in ((0.1, 20 if quick else 100), (0.0, count)):
        moved_s, throttled, asked_per_s = _moved_s(count, answer_s)
        plain = moved_by_peer("bench.peers.plain_loop", plain_count, answer_s=answer_s, route_requests_per_second=0)
        plain_s = plain["seconds"] / plain_count * count
        lines.append(
            Line(
                f"{count:,} numbers, answers after {answer_s:g} s", moved_s, "s",
                Peer(f"plain loop of the official library, from {plain_count} numbers", plain_s),
                at_most=TARGET_S * count / 1000,
                note=f"{moved_s / ideal_s - 1:.1%} over the ideal {ideal_s:g} s; {asked_per_s:.1f} requests/s in all;"
                f" {throttled} refused for pace",
            )
        )  # fmt: skip
    return lines


def _moved_s(count: int, answer_s: float) -> tuple[float, int, float]:
    moved = moved_by_us(count, REQUESTS_PER_SECOND, answer_s=answer_s)
    return moved.seconds, moved.throttled, moved.asked / moved.seconds
