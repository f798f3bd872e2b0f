"""Faults seeded in a healthy account, one and two at a time: how many readiness finds, and what it says besides.

The account is the twin's, reached by the provider's adapter; application, token services, names, SIP, certificates and
files are stand-ins beside it. Each kind of fault names, before anything is read, the checks that have to turn red (or
dark, where nobody can see any more), and what else may fail from the same cause. Whatever else fails is a false gap;
so is every gap of an account that is healthy, in one way or another. ``VOICEDR_BENCH_FAULT_SEEDS`` says how many seeds
of each kind and direction are tried; 3 if it does not.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from random import Random

from bench.figure import Line
from bench.readiness.account import HealthyAccount
from bench.readiness.blind import BLIND
from bench.readiness.campaign import Tally, campaign, can_be_both, judged, seeded
from bench.readiness.customer import CannotBeBoth
from bench.readiness.estate import BACK, OUT
from bench.readiness.faults import all_kinds
from bench.readiness.healthy import VARIANTS

SEEDS, FIRST_SEED = 3, 1
PAIRS, PAIRS_QUICK = 300, 10
SHOWN_MAX = 10


def measure(quick: bool) -> Sequence[Line]:
    """What was found of single faults and of pairs, and how many gaps were false."""
    kinds = tuple(all_kinds().values())[:: 6 if quick else 1]
    seeds = range(FIRST_SEED, FIRST_SEED + (1 if quick else int(os.environ.get("VOICEDR_BENCH_FAULT_SEEDS", SEEDS))))
    single = campaign(kinds, seeds, (OUT,) if quick else (OUT, BACK))
    other = _healthy_in_other_ways()
    pairs, hidden = _pairs(PAIRS_QUICK if quick else PAIRS)
    found = single.faults - len(single.missed)
    gaps = single.gaps + pairs.gaps + other.gaps
    false = single.false + pairs.false + other.false
    practices = len({kind.practice for kind in kinds})
    return [
        Line(
            f"found of {single.faults:,} seeded faults, {len(kinds)} kinds over {practices} practices",
            found / single.faults * 100, "%", at_least=99.0,
            note=f"seeds {seeds.start} to {seeds.stop - 1}; {_shown([str(one) for one in single.missed])}",
        ),
        Line(
            f"gaps that nothing seeded explains, of {gaps:,} in {single.readings + pairs.readings + other.readings:,}"
            " readings", false / max(gaps, 1) * 100, "%", at_most=1.0,
            note=_shown([*single.wrong, *pairs.wrong, *other.wrong]),
        ),
        Line(
            f"pairs of faults of which one makes the other look well, of {pairs.readings:,}", float(len(hidden)), "",
            at_most=0.0, note=_shown(hidden),
        ),
        Line(
            "kinds besides that are known not to be looked for", float(len(BLIND)), "",
            note="; ".join(f"{name}: {why}" for name, (why, _) in BLIND.items()),
        ),
    ]  # fmt: skip


def _healthy_in_other_ways() -> Tally:
    tally = Tally()
    account = HealthyAccount(OUT)
    for variant in VARIANTS:
        account.heal()
        variant(account)
        tally.add(judged(account.read(), (), OUT, 0))
    return tally


def _pairs(count: int) -> tuple[Tally, list[str]]:
    """Two kinds at once. One may leave nobody able to see the other, and that is said; it may not look well."""
    tally, hidden = Tally(), []
    chance = Random(FIRST_SEED)
    account = HealthyAccount(OUT)
    kinds = [kind for kind in all_kinds().values() if OUT in kind.ways and kind.red and not kind.dark]
    seed = 0
    while tally.readings < count:
        first, second = chance.sample(kinds, 2)
        seed += 1
        try:
            verdict = seeded(account, (first, second), seed) if can_be_both(first, second) else None
        except CannotBeBoth:
            verdict = None
        if verdict is None:
            continue
        if any("(pass)" in one for one in verdict.missed):
            hidden.append(str(verdict))
        tally.readings += 1
        tally.gaps += verdict.gaps
        tally.false += len(verdict.false)
        tally.wrong += [str(verdict)] if verdict.false else []
    return tally, hidden


def _shown(lines: list[str]) -> str:
    more = f"; and {len(lines) - SHOWN_MAX} more" if len(lines) > SHOWN_MAX else ""
    return "; ".join(lines[:SHOWN_MAX]) + more if lines else "none missed or wrong"
