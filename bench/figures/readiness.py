"""Judging a large account, in processor time: every check over 500 flows and 10,000 numbers, then a plan for each.

Reading the account is not part of it: the snapshot of three Regions is made here, and judged in a process of its own,
whose memory is the highest that it ever had. Beside it a fifth of the account: time grows by more than five, because
each flow is judged with every queue of the account.
"""

from __future__ import annotations

from collections.abc import Sequence

from bench.figure import Line, Peer
from bench.processes import measured_core, output_of

FLOWS = 500
TARGET_S, TARGET_MB = 60.0, 500.0


def measure(quick: bool) -> Sequence[Line]:
    """Processor seconds for all of it, and memory."""
    flows = FLOWS // 10 if quick else FLOWS
    small, large = (output_of(["-m", "bench.judging", str(count)], measured_core()) for count in (flows // 5, flows))
    seconds = [found["judging_s"] + found["planning_s"] for found in (small, large)]
    share = flows / FLOWS
    return [
        Line(
            f"{flows} flows with {flows * 20:,} numbers in 3 Regions, judged and planned", seconds[1], "s of one core",
            Peer("a fifth of the account", seconds[0]), at_most=TARGET_S * share,
            note=f"{large['checks']} checks; {large['conclusions']:,} conclusions; {large['planning_s']:.2f} s of it"
            f" for plans with {large['moves']:,} moves; maps of everything in {large['mapping_s']:.1f} s more",
        ),
        Line("its memory at most", large["mb"], "MB", Peer("a fifth of the account", small["mb"]), at_most=TARGET_MB),
    ]  # fmt: skip
