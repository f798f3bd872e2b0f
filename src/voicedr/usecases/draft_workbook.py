"""Read an account in every Region, and draft the workbook of what it has.

Reading can be stopped at any instant and goes on where it was: each list, each hundred routes and each call log is kept
as soon as it is whole. What cannot be read is said, and is in no flow on a guess.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import msgspec

from voicedr.ports.clock import Clock
from voicedr.ports.drafting import ReadingStore
from voicedr.ports.provider import ProviderError, RegionalProvider, Unreachable, WrongCredential
from voicedr.program.drafting.clusters import clusters
from voicedr.program.drafting.document import document
from voicedr.program.drafting.merge import Merged, merge
from voicedr.program.drafting.proposals import propose
from voicedr.program.drafting.seen import CallVolume, Seen, volume_of
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.resources import Application, NumberConfig, Routable, Route, SipDomain, Trunk
from voicedr.program.readiness.snapshot import RegionFacts, Snapshot
from voicedr.program.scope.workbook import Account, Workbook
from voicedr.program.vocabulary import Region
from voicedr.usecases.probe_webhooks import Progress

CALLS_MAX = 20_000
"""Lines of a Region's call log that are read at most: twenty pages of the provider's largest size."""

ROUTES_KEPT_AT_ONCE = 100
ROUTES_AT_ONCE_MAX = 32
DEAF_AFTER = 5
"""So many routes in a row that reached nobody, and the rest are not asked for."""

T = TypeVar("T")


class Drafted(msgspec.Struct, frozen=True):
    """What came of it.

    Attributes:
        text: The workbook as it should be written.
        added: What is new in it, a line each.
        gone: What the workbook names and the account does not have.
        remarks: What could not be read, and what is in no flow.
        numbers, flows: How many were found, and how many flows the text has.
        unread: True if something could not be read.
    """

    text: str
    added: tuple[str, ...]
    gone: tuple[str, ...]
    remarks: tuple[str, ...]
    numbers: int
    flows: int
    unread: bool


async def draft_workbook(
    account: Account,
    providers: Mapping[Region, RegionalProvider],
    clock: Clock,
    store: ReadingStore,
    *,
    existing: tuple[str, Workbook] | None = None,
    days: int = 7,
    progress: Progress | None = None,
) -> Drafted:
    """Read, cluster, propose; merge into a workbook that is there.

    Args:
        account: Its SID, keys and limits.
        providers: By Region; at least one.
        store: Keeps what was read until the end.
        existing: The text and the values of a workbook that is there.
        days: How far back call logs are read.

    Raises:
        ValueError: If there is nothing to draft: no number is answered by anything, or nobody could look.
    """
    seen = await _Reading(account, providers, clock, store, progress).seen(days)
    found = clusters(seen)
    remarks = [*found.remarks, *_about_calls(seen)]
    unread = _unread(seen)
    numbers = sum(len(cluster.numbers) for cluster in found.every)
    if existing is None:
        proposals = propose(found.every, seen, account)
        if not proposals and (why := _why_dark(seen)):
            raise ValueError(f"the account could not be read, so there is no draft: {why}")
        text = document(proposals, account)
        added = tuple(f"{p.cluster.name}: {p.cluster.size} entry points, tier {p.tier}" for p in proposals)
        drafted = Drafted(text, added, (), tuple(remarks), numbers, len(proposals), unread)
    else:
        text, workbook = existing
        merged: Merged = merge(text, workbook, found.every, seen)
        flows = len(workbook.flows) + sum("a new flow" in line for line in merged.added)
        drafted = Drafted(merged.text, merged.added, merged.gone, tuple(remarks), numbers, flows, unread)
    return drafted


def _about_calls(seen: Seen) -> list[str]:
    told = []
    for region, volume in seen.volumes.items():
        if isinstance(volume, Unobserved):
            told.append(f"the call log of {region} could not be read, so its calls are not counted: {volume.reason}")
        elif not volume.value.whole and volume.value.since is not None:
            told.append(
                f"{region}'s call log is long: calls are counted since {volume.value.since:%Y-%m-%d %H:%MZ} only"
            )
    return told


def _why_dark(seen: Seen) -> str:
    """Why Regions could not be looked at, each with its first reason; empty if all of them could."""
    told = []
    for name, region in seen.snapshot.regions.items():
        facts: tuple[Fact[Any], ...] = (region.credential, region.numbers, region.applications, region.sip_domains)
        if reasons := [fact.reason for fact in facts if isinstance(fact, Unobserved)]:
            told.append(f"{name}: {reasons[0].rstrip('.')}")
    return "; ".join(told)


def _unread(seen: Seen) -> bool:
    facts: list[Fact[Any]] = [*seen.volumes.values(), *seen.snapshot.routes.values()]
    for region in seen.snapshot.regions.values():
        facts += [region.credential, region.numbers, region.applications, region.trunks, region.sip_domains]
    return any(isinstance(fact, Unobserved) for fact in facts)


class _Reading:
    def __init__(
        self,
        account: Account,
        providers: Mapping[Region, RegionalProvider],
        clock: Clock,
        store: ReadingStore,
        progress: Progress | None,
    ) -> None:
        self._account = account
        self._providers = providers
        self._clock = clock
        self._store = store
        self._progress = progress or (lambda _what, _done, _of: None)

    async def seen(self, days: int) -> Seen:
        found = await asyncio.gather(*(self._region(region) for region in self._providers))
        regions = dict(zip(self._providers, found, strict=True))
        snapshot = Snapshot(self._clock.now(), self._account.sid, regions, await self._routes(regions), {})
        volumes = await asyncio.gather(*(self._calls(region, days) for region in self._providers))
        return Seen(snapshot, dict(zip(self._providers, volumes, strict=True)))

    async def _region(self, region: Region) -> RegionFacts:
        provider = self._providers[region]
        no = Unobserved("writing a route is not tried for a draft")
        try:
            await provider.check_credential()
        except ProviderError as exc:
            dark = Unobserved(str(exc), refused=isinstance(exc, WrongCredential))
            return RegionFacts(dark, dark, dark, dark, dark, no)
        credential: Fact[str] = Observed("asked for something that any key may read", self._clock.now(), region)
        numbers, applications, trunks, domains = await asyncio.gather(
            self._list(region, "numbers", provider.numbers, tuple[NumberConfig, ...]),
            self._list(region, "TwiML Apps", provider.applications, tuple[Application, ...]),
            self._list(region, "trunks", provider.trunks, tuple[Trunk, ...]),
            self._list(region, "SIP domains", provider.sip_domains, tuple[SipDomain, ...]),
        )
        return RegionFacts(
            credential,
            _as(numbers, lambda every: {one.e164: one for one in every}),
            _as(applications, lambda every: {one.sid: one for one in every}),
            trunks,
            domains,
            no,
        )

    async def _list(
        self, region: Region, what: str, read: Callable[[], Awaitable[Sequence[Any]]], shape: type[T]
    ) -> Fact[T]:
        piece = f"{self._account.sid} {region} {what}"
        kept = self._kept(piece, shape)
        if kept is None:
            try:
                kept = Observed(msgspec.convert(tuple(await read()), shape), self._clock.now(), f"{what} of {region}")
            except ProviderError as exc:
                return Unobserved(str(exc))
            self._store.put(piece, msgspec.msgpack.encode(kept))
        self._progress(f"{what} of {region}", 1, 1)
        return kept

    def _kept(self, piece: str, shape: type[T]) -> Observed[T] | None:
        content = self._store.get(piece)
        if content is None:
            return None
        try:
            return msgspec.msgpack.decode(content, type=Observed[shape])  # type: ignore[valid-type]
        except msgspec.MsgspecError:
            return None  # of another release: read again

    async def _routes(self, regions: Mapping[Region, RegionFacts]) -> dict[str, Fact[Route | None]]:
        subjects = sorted(_subjects(regions))
        via = [region for region, facts in regions.items() if isinstance(facts.credential, Observed)]
        if not via:
            return {one.key: Unobserved("no Region could be asked for it") for one in subjects}
        facts: dict[str, Fact[Route | None]] = {}
        deaf = 0
        for n in range(0, len(subjects), ROUTES_KEPT_AT_ONCE):
            batch = subjects[n : n + ROUTES_KEPT_AT_ONCE]
            names = ",".join(one.key for one in batch)
            piece = f"{self._account.sid} routes {n} {names}"
            kept = self._kept(piece, dict[str, Route | None])
            if kept is None:
                read, deaf = await self._batch(via[0], batch, deaf)
                facts |= read
                if all(isinstance(fact, Observed) for fact in read.values()):
                    values = {key: fact.value for key, fact in read.items() if isinstance(fact, Observed)}
                    whole = Observed(values, self._clock.now(), f"routes through {via[0]}")
                    self._store.put(piece, msgspec.msgpack.encode(whole))
            else:
                facts |= {key: Observed(route, kept.at, kept.source) for key, route in kept.value.items()}
            self._progress("routes", len(facts), len(subjects))
        return facts

    async def _batch(
        self, via: Region, subjects: Sequence[Routable], deaf: int
    ) -> tuple[dict[str, Fact[Route | None]], int]:
        provider = self._providers[via]
        facts: dict[str, Fact[Route | None]] = {}
        waiting = iter(subjects)

        async def work() -> None:
            nonlocal deaf
            for subject in waiting:
                if deaf >= DEAF_AFTER:
                    facts[subject.key] = Unobserved(f"not asked: {deaf} reads in a row through {via} reached nobody")
                    continue
                try:
                    facts[subject.key] = Observed(await provider.route(subject), self._clock.now(), f"routes of {via}")
                    deaf = 0
                except ProviderError as exc:
                    facts[subject.key] = Unobserved(str(exc))
                    deaf = deaf + 1 if isinstance(exc, Unreachable) else 0

        await asyncio.gather(*(work() for _ in range(min(ROUTES_AT_ONCE_MAX, len(subjects)))))
        return facts, deaf

    async def _calls(self, region: Region, days: int) -> Fact[CallVolume]:
        piece = f"{self._account.sid} {region} calls of {days} days"
        kept = self._kept(piece, CallVolume)
        if kept is None:
            since = self._clock.now() - timedelta(days=days)
            try:
                calls = await self._providers[region].calls(started_after=since, limit=CALLS_MAX)
            except ProviderError as exc:
                return Unobserved(str(exc))
            volume = volume_of(calls, whole=len(calls) < CALLS_MAX)
            kept = Observed(volume, self._clock.now(), f"call log of {region}")
            self._store.put(piece, msgspec.msgpack.encode(kept))
        self._progress(f"call log of {region}", 1, 1)
        return kept


def _subjects(regions: Mapping[Region, RegionFacts]) -> set[Routable]:
    found: set[Routable] = set()
    for facts in regions.values():
        if isinstance(facts.numbers, Observed):
            found |= {Routable("number", number) for number in facts.numbers.value}
        if isinstance(facts.trunks, Observed):
            found |= {Routable("trunk", one.domain_name) for one in facts.trunks.value if one.domain_name}
        if isinstance(facts.sip_domains, Observed):
            found |= {Routable("sip-domain", one.domain_name) for one in facts.sip_domains.value}
    return found


R = TypeVar("R")


def _as(fact: Fact[T], shape: Callable[[T], R]) -> Fact[R]:
    return fact if isinstance(fact, Unobserved) else Observed(shape(fact.value), fact.at, fact.source)
