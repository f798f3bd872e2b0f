"""Reading a large account for readiness, and for a first workbook: how much of the provider's pace is used.

All in virtual time, through the provider's adapter, against a twin that takes a tenth of a second for every answer and
refuses whatever comes faster than its limit. A number costs one request for its route; everything else comes in pages
of 1,000. Webhooks and what is outside the account are not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bench.accounts import account, numbers
from bench.figure import Line
from voicedr.adapters.http.in_process import InProcessSend
from voicedr.adapters.pace import Pace
from voicedr.adapters.providers.twilio import TwilioRegion
from voicedr.program.readiness.facts import Observed
from voicedr.program.readiness.resources import Routable
from voicedr.program.scope.workbook import Account, Cohort, Flow, Limits, RegionAccess, Roles
from voicedr.program.vocabulary import AU1, IE1, REGIONS, US1, Region
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin.twin import Twin
from voicedr.twin.world.account import world_from_account
from voicedr.twin.world.model import World
from voicedr.usecases.draft_workbook import draft_workbook
from voicedr.usecases.read_facts import read_facts

READING_PER_S, DRAFTING_PER_S = 200.0, 20.0
ANSWER_S = 0.1
SHARE_MIN = 90.0
DRAFTED_S_MAX = 300.0


def measure(quick: bool) -> Sequence[Line]:
    """Two Regions, three Regions, and a draft."""
    count = 500 if quick else 10_000
    lines = []
    for standbys in ((IE1,), (IE1, AU1)):
        seconds, asked = run_virtual(lambda clock, to=standbys: _read(clock, count, to))
        lines.append(
            Line(
                f"of {READING_PER_S:g} requests/s, reading {count:,} numbers in {len(standbys) + 1} Regions",
                asked / seconds / READING_PER_S * 100, "%", at_least=SHARE_MIN,
                note=f"{asked:,} requests in {seconds:.1f} s, none refused",
            )
        )  # fmt: skip
    drafted = 100 if quick else 1000
    seconds, asked = run_virtual(lambda clock: _draft(clock, drafted))
    lines.append(
        Line(
            f"init of {drafted:,} numbers in 2 Regions at {DRAFTING_PER_S:g} requests/s", seconds, "s",
            at_most=DRAFTED_S_MAX, note=f"{asked:,} requests: {asked / seconds / DRAFTING_PER_S:.1%} of the pace",
        )
    )  # fmt: skip
    return lines


async def _read(clock: VirtualClock, count: int, standbys: tuple[Region, ...]) -> tuple[float, int]:
    of = numbers(count)
    world = _world(of, READING_PER_S, clock)
    twin, providers, value = _provider(world, clock, (US1, *standbys), READING_PER_S)
    share = count // len(standbys)
    flows = [
        _flow(standby, tuple(Routable("number", e164) for e164 in of[n * share : (n + 1) * share]))
        for n, standby in enumerate(standbys)
    ]
    begun_s, before = clock.monotonic_s(), sum(world.requests.values())
    snapshot = await read_facts(
        flows, value, providers, InProcessSend({}, clock), clock, whole=True, probe_webhooks=False,
        prove_route_write=False,
    )  # fmt: skip
    seconds, asked = clock.monotonic_s() - begun_s, sum(world.requests.values()) - before
    await twin.close()
    if unread := [key for key, fact in snapshot.routes.items() if not isinstance(fact, Observed)]:
        raise RuntimeError(f"{len(unread)} of {count} routes were not read: {snapshot.routes[unread[0]]}")
    if any(len(facts.numbers.value) <= count for facts in snapshot.regions.values()
           if isinstance(facts.numbers, Observed)):  # fmt: skip
        raise RuntimeError("a Region showed fewer numbers than the account has")
    return seconds, asked


async def _draft(clock: VirtualClock, count: int) -> tuple[float, int]:
    world = _world(numbers(count), DRAFTING_PER_S, clock)
    twin, providers, value = _provider(world, clock, (US1, IE1), DRAFTING_PER_S)
    drafted = await draft_workbook(value, providers, clock, _Forgets())
    seconds, asked = clock.monotonic_s(), sum(world.requests.values())
    await twin.close()
    if drafted.unread or drafted.numbers != count + 1:
        raise RuntimeError(f"{drafted.numbers} of {count + 1} numbers were drafted: {drafted.remarks}")
    return seconds, asked


def _world(of: Sequence[str], per_second: float, clock: VirtualClock) -> World:
    made = account(of, "https://app.acme.example/voice", propagation_s=[0, 0], answer_s=ANSWER_S,
                   requests_per_second=per_second)  # fmt: skip
    return world_from_account(made, 1, clock.now().timestamp())


def _provider(
    world: World, clock: VirtualClock, regions: tuple[Region, ...], per_second: float
) -> tuple[Twin, dict[Region, TwilioRegion], Account]:
    twin = Twin(world, clock, InProcessSend({}, clock))
    send = InProcessSend({}, clock, otherwise=twin.respond)
    pace, call_pace = _Strict(per_second, clock), Pace(1.0, clock)
    access, providers = {}, {}
    for region in regions:
        key = next(iter(world.regions[region].keys.values()))
        access[region] = RegionAccess(REGIONS[region], key.sid, f"env:SECRET_{region}")
        providers[region] = TwilioRegion(
            world.account_sid, region, REGIONS[region], key.sid, key.secret, send, clock, pace, call_pace,
            chance=lambda: 0.5,
        )  # fmt: skip
    return twin, providers, Account(world.account_sid, access, Limits(per_second))


def _flow(standby: Region, subjects: tuple[Routable, ...]) -> Flow:
    cohorts = (Cohort("canary", subjects[:2]), Cohort("rest", subjects[2:]))
    return Flow(f"to-{standby}", "All", 1, US1, standby, 3600.0, cohorts, Roles("noc", "tel", "biz", ("lead",)))


class _Strict(Pace):
    """A pace that may not be refused: the figure would be of something else."""

    def slow_down(self) -> None:
        """See ``Pace``."""
        raise RuntimeError("the provider refused a request for pace")


class _Forgets:
    """Keeps nothing of a reading."""

    def get(self, piece: str) -> bytes | None:
        """Nothing was kept."""
        return None

    def put(self, piece: str, content: bytes) -> None:
        """It is not kept."""

    def clear(self) -> Any:
        """There is nothing."""
