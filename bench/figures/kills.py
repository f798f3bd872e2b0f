"""Executions killed at borders of the journal, in the middle of requests and at random, judged by the twin's history.

All in virtual time, through the provider's adapter, against the twin: failovers and failbacks, graceful and not, with
overlap, rollbacks, emergency stops, a changed mode, lost answers, 429s and an API that is down for a while. Each trial
follows from its seed. ``VOICEDR_BENCH_KILLS`` says how many; 1,000 if it does not.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence

from bench.figure import Line
from bench.killing.campaign import SHOWN_MAX, campaign
from bench.killing.verdict import RESUMED_S_MAX

KILLS = 1000
KILLS_QUICK = 40
FIRST_SEED = 20260101


def measure(quick: bool) -> Sequence[Line]:
    """What was lost, doubled and stuck, how soon the next process acted, and how many kills a second this does."""
    kills = KILLS_QUICK if quick else int(os.environ.get("VOICEDR_BENCH_KILLS", str(KILLS)))
    begun_s = time.monotonic()
    total = campaign(kills, FIRST_SEED)
    real_s = time.monotonic() - begun_s
    seeds = f"seeds {FIRST_SEED} to {FIRST_SEED + total.trials - 1}"
    ends = ", ".join(f"{count} {outcome}" for outcome, count in sorted(total.outcomes.items()))
    what = f"of {total.kills:,} kills in {total.trials:,} executions"
    shown = "; ".join(total.found[:SHOWN_MAX])
    wrong = {"lost": "lost", "doubled": "doubled", "stuck": "stuck", "asked": "requests to a Region that is not asked"}
    return [
        *(Line(f"{words}, {what}", total.kinds[kind], "", at_most=0) for kind, words in wrong.items()),
        Line(
            "slowest process to go on with what was due, virtual time", total.slowest_s, "s", at_most=RESUMED_S_MAX,
            note=f"{len(total.acted_s):,} of them had something due; {ends}; {seeds}" + (f"; {shown}" if shown else ""),
        ),
        Line("kills", total.kills / real_s, "kills/s", note=f"{total.virtual_s / 3600:.1f} virtual hours"),
    ]  # fmt: skip
