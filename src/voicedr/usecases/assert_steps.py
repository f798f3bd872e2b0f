"""Looks, right now, whether what must hold before and after a cohort moves does hold.

Configuration is read by pages, not number by number, and only those lists that the cohort needs. Of many routes an even
sample is read back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from voicedr.ports.clock import Clock
from voicedr.ports.provider import ProviderError, Refused, RegionalProvider
from voicedr.program.execution import events as ev
from voicedr.program.execution.assertions import (
    SAMPLE_MAX,
    Found,
    breaks_residency,
    routed_elsewhere,
    sample,
    to_check,
    without_handler,
)
from voicedr.program.execution.conduct import Assert
from voicedr.program.execution.stages import Stage
from voicedr.program.execution.state import Execution
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.resources import Routable, Route
from voicedr.program.readiness.snapshot import RegionFacts, Snapshot
from voicedr.program.vocabulary import US1, Region

T = TypeVar("T")

LOOKS_MAX = 3
"""A look that reached nobody is repeated so many times before people are asked: one lost read stops no cutover."""

AGAIN_S = 1.0
"""Before the second look; twice that before the third."""

ROUTES_AT_ONCE_MAX = 16


class Asserter:
    """Looks at one Region that cohorts are moved to.

    Args:
        provider: That Region's; it says what is configured there.
        clock: Time.
        residency: Where the workbook, as it is now, lets the flow's calls be processed; empty: anywhere.
        routes: Who is asked for routes; None: the same.
    """

    def __init__(
        self,
        provider: RegionalProvider,
        clock: Clock,
        residency: Sequence[Region] = (),
        *,
        routes: RegionalProvider | None = None,
    ) -> None:
        self._provider = provider
        self._asked_for_routes = routes or provider
        self._clock = clock
        self._residency = tuple(residency)

    async def look(self, execution: Execution, order: Assert) -> ev.Asserted:
        """What was found. Nothing is changed by it."""
        plan, to = execution.plan, self._provider.region
        actions = execution.of_cohort(order.cohort)
        subjects = to_check(actions)
        left = sum(state.stage is Stage.SKIPPED for state in actions)
        not_looked: tuple[str, ...] = (
            (f"{left} of {len(actions)} were left where they are by a person",) if left else ()
        )
        failed, unseen = await self.handlers(subjects)
        if order.when == "before":
            if why := breaks_residency(to, plan.residency, self._residency):
                failed = (ev.Unfit("residency", why), *failed)
        else:
            chosen = sample(subjects)
            elsewhere, unread = routed_elsewhere(await self._routes(chosen), to)
            failed, unseen = (*failed, *elsewhere), (*unseen, *unread)
            if len(chosen) < len(subjects):
                not_looked += (
                    f"the routes of {len(subjects) - len(chosen)} were answered as wanted and not read again: a sample"
                    f" of {SAMPLE_MAX} was",
                )
        return ev.Asserted(
            at=self._clock.now(),
            cohort=order.cohort,
            when=order.when,
            checked=len(subjects),
            failed=failed,
            unseen=unseen,
            not_looked=not_looked,
        )

    async def handlers(self, subjects: Sequence[Routable]) -> Found:
        """Which of the entry points nobody answers in the Region, and of which nobody could see that."""
        return without_handler(subjects, self._provider.region, await self._snapshot(subjects))

    async def _snapshot(self, subjects: Sequence[Routable]) -> Snapshot:
        kinds = {subject.kind for subject in subjects}
        names = {subject.name for subject in subjects}
        region, now = self._provider.region, self._clock.now
        unasked = Unobserved("it was not needed")
        numbers = await self._fact(self._provider.numbers) if "number" in kinds else unasked
        mine = [] if isinstance(numbers, Unobserved) else [one for one in numbers.value if one.e164 in names]
        by_trunk = any(one.trunk_sid for one in mine)
        by_application = any(one.voice_application_sid and not one.trunk_sid for one in mine)
        applications = await self._fact(self._provider.applications) if by_application else unasked
        trunks = await self._fact(self._provider.trunks) if by_trunk or "trunk" in kinds else unasked
        domains = await self._fact(self._provider.sip_domains) if "sip-domain" in kinds else unasked
        facts = RegionFacts(
            credential=unasked,
            numbers=_as(numbers, lambda _all: {one.e164: one for one in mine}),
            applications=_as(applications, lambda every: {one.sid: one for one in every}),
            trunks=_as(trunks, tuple),
            sip_domains=_as(domains, tuple),
            route_write=unasked,
        )
        return Snapshot(now(), "", {region: facts}, {}, {})

    async def _routes(self, subjects: Sequence[Routable]) -> dict[str, Fact[Region]]:
        slots = asyncio.Semaphore(ROUTES_AT_ONCE_MAX)
        found: dict[str, Fact[Region]] = {}

        async def read(subject: Routable) -> None:
            async def route() -> Route | None:
                return await self._asked_for_routes.route(subject)

            async with slots:
                found[subject.key] = _as(await self._fact(route), lambda one: US1 if one is None else one.region)

        async with asyncio.TaskGroup() as group:
            for subject in subjects:
                group.create_task(read(subject))
        return {subject.key: found[subject.key] for subject in subjects}

    async def _fact(self, read: Callable[[], Awaitable[T]]) -> Fact[T]:
        why = ""
        for look in range(LOOKS_MAX):
            if look:
                await self._clock.sleep(AGAIN_S * 2 ** (look - 1))
            try:
                return Observed(await read(), self._clock.now(), f"the hosts of {self._provider.region}")
            except Refused as exc:
                return Unobserved(str(exc), refused=True)
            except ProviderError as exc:
                why = str(exc)
        return Unobserved(why)


R = TypeVar("R")


def _as(fact: Fact[T], shape: Callable[[T], R]) -> Fact[R]:
    return fact if isinstance(fact, Unobserved) else Observed(shape(fact.value), fact.at, fact.source)
