"""What a draft proposes for a cluster: tier, cohorts, standby, recovery time. People decide; each proposal says why.

tier      1: the flows that together take half of all calls · 2: those up to nine tenths · 3: the rest
          where no call log could be read: 2
cohorts   canary: the two quietest numbers that are called at all · low-risk: the next quietest, up to a twentieth of
          the calls and a fifth of the numbers · priority: the busiest, up to seven tenths of the calls · rest
          ten numbers or fewer: canary and rest
standby   another Region that can be reached; for us1, ie1 before au1
rto       the longest course by the forecast's arithmetic, rounded up to a quarter of an hour
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from voicedr.program.drafting.clusters import Cluster
from voicedr.program.drafting.seen import Seen
from voicedr.program.execution.forecast import forecast
from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.workbook import Account, Cohort, Flow, Roles
from voicedr.program.vocabulary import AU1, E164, IE1, US1, Region

CANARY, SMALL = 2, 10
LOW_RISK_CALLS, LOW_RISK_NUMBERS = 0.05, 0.20
PRIORITY_CALLS = 0.70
FIRST_TIER, SECOND_TIER = 0.5, 0.9
RTO_STEP_S = 900.0

_ORDER = (IE1, US1, AU1)


class Proposal(msgspec.Struct, frozen=True):
    """A flow as it is drafted.

    Attributes:
        cohorts: Name, numbers, and their share of the flow's calls (None: not known). The last one has all the rest.
        calls_per_minute: In a busy hour; None where no log could be read.
    """

    cluster: Cluster
    tier: int
    standby: Region | None
    cohorts: tuple[tuple[str, tuple[E164, ...], float | None], ...]
    rto_s: float
    calls_per_minute: float | None


def propose(every: Sequence[Cluster], seen: Seen, account: Account) -> tuple[Proposal, ...]:
    """A proposal for each cluster, those that matter most first."""
    rates = {cluster.key: _rate(cluster, seen) for cluster in every}
    total = sum(rate for rate in rates.values() if rate)
    made, before = [], 0.0
    for cluster in sorted(every, key=lambda one: (-(rates[one.key] or 0.0), -one.size, one.name)):
        rate = rates[cluster.key]
        tier = 2 if rate is None else 3 if not rate else 1 if before < FIRST_TIER * total else 2
        if rate and before >= SECOND_TIER * total:
            tier = 3
        before += rate or 0.0
        made.append(_proposal(cluster, seen, account, tier, rate))
    return tuple(sorted(made, key=lambda one: one.tier))


def _proposal(cluster: Cluster, seen: Seen, account: Account, tier: int, rate: float | None) -> Proposal:
    readable = [r for r, facts in seen.snapshot.regions.items() if isinstance(facts.credential, Observed)]
    others = [region for region in _ORDER if region != cluster.home]
    # Prefer a Region that answered; else the one that most accounts would take.
    standby = next((region for region in others if region in readable), others[0] if others else None)
    cohorts = _cohorts(cluster, seen)
    course = forecast(_as_flow(cluster, standby or cluster.home, cohorts), account)
    rto_s = max(RTO_STEP_S, math.ceil(course.longest_s / RTO_STEP_S) * RTO_STEP_S)
    return Proposal(cluster, tier, standby, cohorts, rto_s, rate)


def _rate(cluster: Cluster, seen: Seen) -> float | None:
    rates = [seen.rate(number) for number in cluster.numbers]
    known = [rate for rate in rates if rate is not None]
    if not cluster.numbers:
        return 0.0 if any(isinstance(volume, Observed) for volume in seen.volumes.values()) else None
    return sum(known) if len(known) == len(rates) else None


def _cohorts(cluster: Cluster, seen: Seen) -> tuple[tuple[str, tuple[E164, ...], float | None], ...]:
    rates = {number: seen.rate(number) for number in cluster.numbers}
    known = all(rate is not None for rate in rates.values())
    quiet = sorted(cluster.numbers, key=lambda number: (rates[number] or 0.0, number))
    total = sum(rate or 0.0 for rate in rates.values())

    def share(numbers: Sequence[E164]) -> float | None:
        return sum(rates[number] or 0.0 for number in numbers) / total if known and total else None

    if len(quiet) <= 1:
        return (("canary", (), share(quiet)),)
    # A number that nobody calls proves nothing by itself: the canary takes the quietest that are called.
    called = [number for number in quiet if rates[number]] or quiet
    canary = tuple(called[: CANARY if len(quiet) > CANARY + 1 else 1])
    left = [number for number in quiet if number not in canary]
    if len(quiet) <= SMALL:
        return (("canary", canary, share(canary)), ("rest", (), share(left)))
    low = _up_to(left, rates, total, LOW_RISK_CALLS, max(1, int(LOW_RISK_NUMBERS * len(quiet))))
    left = [number for number in left if number not in set(low)]
    busy = list(reversed(left))
    high = _up_to(busy, rates, total, PRIORITY_CALLS, max(1, len(busy) - 1))
    rest = [number for number in left if number not in set(high)]
    return (
        ("canary", canary, share(canary)),
        ("low-risk", tuple(low), share(low)),
        ("priority", tuple(high), share(high)),
        ("rest", (), share(rest)),
    )


def _up_to(
    numbers: Sequence[E164], rates: dict[E164, float | None], total: float, calls_share: float, count_max: int
) -> list[E164]:
    """Numbers in order until they have that share of the calls, or are that many; at least one."""
    taken: list[E164] = []
    calls = 0.0
    for number in numbers[:count_max]:
        rate = rates[number] or 0.0
        if taken and total and calls + rate > calls_share * total:
            break
        taken.append(number)
        calls += rate
    return taken


def _as_flow(
    cluster: Cluster, standby: Region, cohorts: tuple[tuple[str, tuple[E164, ...], float | None], ...]
) -> Flow:
    """The flow as the forecast needs it."""
    named = {number for _, numbers, _ in cohorts for number in numbers}
    rest = [Routable("number", number) for number in cluster.numbers if number not in named]
    rest += [Routable("trunk", name) for name in cluster.trunks]
    rest += [Routable("sip-domain", name) for name in cluster.sip_domains]
    made = [
        Cohort(name, tuple(Routable("number", number) for number in numbers) if numbers else tuple(rest))
        for name, numbers, _ in cohorts
    ]
    return Flow(cluster.name, cluster.name, 1, cluster.home, standby, 0.0, tuple(made), Roles("a", "b", "c", ("d",)))
