"""Look at everything once: what both Regions of some flows hold, where things are routed, what webhooks say.

Nothing that cannot be seen stops the reading. Each thing that could not be looked at becomes ``Unobserved`` with the
reason, in its own place and nowhere else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

import msgspec

from voicedr.ports.clock import Clock
from voicedr.ports.dispatcher import Dispatcher
from voicedr.ports.http import Send
from voicedr.ports.provider import (
    ProviderError,
    Refused,
    RegionalProvider,
    Unreachable,
    WrongCredential,
)
from voicedr.program.readiness.declared import NOTHING_DECLARED, Declarations
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.kinds import KINDS
from voicedr.program.readiness.resources import Routable, Route
from voicedr.program.readiness.snapshot import RegionFacts, Snapshot
from voicedr.program.readiness.subjects import Case, Webhook, webhooks
from voicedr.program.readiness.typed import applications_seen, numbers_seen, sip_domains_seen, trunks_seen
from voicedr.program.scope.workbook import Account, Flow
from voicedr.program.vocabulary import REGIONS, Region
from voicedr.usecases.look_at_application import look_at_application
from voicedr.usecases.look_at_sip import look_at_sip
from voicedr.usecases.look_at_web import look_at_web
from voicedr.usecases.outside import NOWHERE, Outside
from voicedr.usecases.probe_webhooks import Progress, Signer
from voicedr.usecases.probe_webhooks import probe_webhooks as ask_webhooks
from voicedr.usecases.read_dispatchers import read_dispatchers
from voicedr.usecases.read_estate import read_estate

T = TypeVar("T")

ROUTES_AT_ONCE_MAX = 32
"""Route reads in flight at one Region. The provider limits requests at once, without saying how many
(https://www.twilio.com/docs/api/errors/20429), and its adapter paces them; this bounds our memory."""

DEAF_AFTER = 5
"""So many reads in a row that reached nobody, and the rest are not tried: a dead host would cost a time-out for each
of 100,000 numbers."""


async def read_facts(
    flows: Sequence[Flow],
    account: Account,
    providers: Mapping[Region, RegionalProvider],
    send: Send,
    clock: Clock,
    *,
    declarations: Declarations = NOTHING_DECLARED,
    outside: Outside = NOWHERE,
    whole: bool = False,
    without: frozenset[Region] = frozenset(),
    probe_webhooks: bool = True,
    prove_route_write: bool = True,
    progress: Progress | None = None,
    signer: Signer | None = None,
    dispatcher: Dispatcher | None = None,
) -> Snapshot:
    """Read everything that judging and planning these flows needs.

    Args:
        flows: The flows.
        account: Their account.
        providers: By Region; a Region without one is unobserved.
        send: For the webhooks.
        clock: For the times of the observations.
        declarations: What people said, as far as it tells where to look.
        outside: What is looked at beside the provider, if ``whole``.
        whole: Read all kinds of things of both Regions, and look outside, as judging needs it. Planning does not: it
            needs numbers, applications, trunks, SIP domains and routes, and must not wait for the rest.
        without: Regions that are asked nothing (ungraceful mode).
        probe_webhooks: Whether webhooks are asked for TwiML.
        prove_route_write: Whether a route is written to itself through each standby. Not while an execution runs:
            somebody may move the entry point between our reading and our writing of it.
        progress: Told what is read, how many are done, and of how many.
        signer: Signs the webhook requests; without it they are unsigned.
        dispatcher: Asked how the targets of the flows' SBCs stand; without it that is unobserved.
    """
    reading = _Reading(flows, account, providers, clock, without, progress, whole)
    credentials = await reading.credentials()
    places = [sbc.rpc for flow in flows for sbc in flow.sbcs]
    regions, routes, dispatchers = await asyncio.gather(
        reading.regions(credentials), reading.routes(credentials), read_dispatchers(places, dispatcher, clock)
    )
    if prove_route_write:
        proofs = await reading.route_writes(regions, routes)
        regions = {
            region: msgspec.structs.replace(facts, route_write=proofs[region]) if region in proofs else facts
            for region, facts in regions.items()
        }
    snapshot = Snapshot(clock.now(), account.sid, regions, routes, webhooks={}, dispatchers=dispatchers)
    to_ask = list(_standbys_first(flows, account, snapshot))
    if probe_webhooks:
        answers = await ask_webhooks(to_ask, account.sid, send, clock, signer=signer, progress=progress)
    else:
        unasked = Unobserved("webhooks were not asked this time")
        answers = {webhook.url: unasked for webhook in to_ask}
    snapshot = msgspec.structs.replace(snapshot, webhooks=answers)
    if not whole:
        return snapshot
    sip = await look_at_sip(
        flows, account, declarations, snapshot, providers, send, clock, outside,
        without=without, progress=progress, signer=signer,
    )  # fmt: skip
    snapshot = msgspec.structs.replace(snapshot, sip=sip)
    web = await look_at_web(
        flows, account, declarations, snapshot, providers, send, clock, outside,
        without=without, progress=progress, signer=signer, ask_webhooks=probe_webhooks,
    )  # fmt: skip
    snapshot = msgspec.structs.replace(snapshot, web=web)
    application = await look_at_application(
        flows, account, declarations, snapshot, providers, send, clock, outside,
        without=without, progress=progress, signer=signer,
    )  # fmt: skip
    return msgspec.structs.replace(snapshot, application=application)


def _standbys_first(flows: Sequence[Flow], account: Account, snapshot: Snapshot) -> Iterator[Webhook]:
    """Every webhook of the flows. What the standby uses comes first: that side is the one nobody has heard lately, and
    a URL that both Regions use is asked as the standby would ask."""
    found = [webhook for flow in flows for webhook in webhooks(Case(flow, account, snapshot)) if webhook.url]
    yield from (webhook for webhook in found if webhook.is_standby)
    yield from (webhook for webhook in found if not webhook.is_standby)


class _Reading:
    def __init__(
        self,
        flows: Sequence[Flow],
        account: Account,
        providers: Mapping[Region, RegionalProvider],
        clock: Clock,
        without: frozenset[Region],
        progress: Progress | None,
        whole: bool,
    ) -> None:
        self._whole = whole
        self._flows = flows
        self._account = account
        self._providers = providers
        self._clock = clock
        self._without = without
        self._progress = progress

    async def credentials(self) -> dict[Region, Fact[str]]:
        """Whether each Region's key is accepted, all Regions at once."""
        names = list(dict.fromkeys(region for flow in self._flows for region in (flow.standby, flow.primary)))
        facts = await _together([self._credential(region) for region in names])
        return dict(zip(names, facts, strict=True))

    async def regions(self, credentials: Mapping[Region, Fact[str]]) -> dict[Region, RegionFacts]:
        """What each Region shows, all Regions at once."""
        facts = await _together([self._region(region, credential) for region, credential in credentials.items()])
        return dict(zip(credentials, facts, strict=True))

    async def _region(self, region: Region, credential: Fact[str]) -> RegionFacts:
        provider = self._askable(region)
        if isinstance(provider, Unobserved):
            return _nothing_seen(provider, provider)
        if isinstance(credential, Unobserved) and credential.refused:
            # Every other answer would be the same refusal.
            return _nothing_seen(credential, Unobserved(credential.reason))
        untried = Unobserved("writing a route was not tried this time")
        if self._whole:
            estate = await read_estate(provider, self._clock, partial(self._source_of, region), progress=self._progress)
            return RegionFacts(
                credential=credential,
                numbers=numbers_seen(estate["number"]),
                applications=applications_seen(estate["application"]),
                trunks=trunks_seen(estate["trunk"], estate["origination-url"]),
                sip_domains=sip_domains_seen(estate["sip-domain"]),
                route_write=untried,
                estate=estate,
            )
        numbers, applications, trunks, sip_domains = await asyncio.gather(
            self._fact(provider.numbers, self._source("api", region, "IncomingPhoneNumbers")),
            self._fact(provider.applications, self._source("api", region, "Applications")),
            self._fact(provider.trunks, self._source("trunking", region, "Trunks")),
            self._fact(provider.sip_domains, self._source("api", region, "SIP/Domains")),
        )
        return RegionFacts(
            credential=credential,
            numbers=_as(numbers, lambda every: {number.e164: number for number in every}),
            applications=_as(applications, lambda every: {application.sid: application for application in every}),
            trunks=_as(trunks, tuple),
            sip_domains=_as(sip_domains, tuple),
            route_write=untried,
        )

    async def _credential(self, region: Region) -> Fact[str]:
        provider = self._askable(region)
        if isinstance(provider, Unobserved):
            return provider
        try:
            await provider.check_credential()
        except WrongCredential as exc:
            return Unobserved(str(exc), refused=True)
        except ProviderError as exc:
            return Unobserved(str(exc))
        source = self._source("api", provider.region, "")
        return Observed("asked for something that any key may read", self._clock.now(), source)

    async def _fact(self, read: Callable[[], Awaitable[T]], source: str) -> Fact[T]:
        try:
            value = await read()
        except ProviderError as exc:
            return Unobserved(str(exc))
        if self._progress is not None:
            self._progress(source, 1, 1)
        return Observed(value, self._clock.now(), source)

    async def routes(self, credentials: Mapping[Region, Fact[str]]) -> dict[str, Fact[Route | None]]:
        """Every route, read through the side that survives; through the other one where that may not be asked."""
        through: dict[Region, list[Routable]] = {}
        facts: dict[str, Fact[Route | None]] = {}
        for flow in self._flows:
            via = self._via(flow, credentials)
            for subject in (*flow.subjects, *flow.trickle):
                if subject.key in facts:
                    continue
                if isinstance(via, Unobserved):
                    facts[subject.key] = via
                else:
                    facts[subject.key] = Unobserved("its route was not read")
                    through.setdefault(via, []).append(subject)
        total = sum(len(subjects) for subjects in through.values())
        done = 0

        async def read(region: Region, subjects: list[Routable]) -> None:
            provider = self._providers[region]
            source = self._source("routes", region, "")
            waiting = iter(subjects)
            deaf = 0

            async def work() -> None:
                nonlocal deaf, done
                for subject in waiting:
                    if deaf >= DEAF_AFTER:
                        why = f"not asked: {deaf} reads in a row through {region} reached nobody. Check the network"
                        facts[subject.key] = Unobserved(why)
                    else:
                        try:
                            facts[subject.key] = Observed(await provider.route(subject), self._clock.now(), source)
                            deaf = 0
                        except ProviderError as exc:
                            facts[subject.key] = Unobserved(str(exc))
                            deaf = deaf + 1 if isinstance(exc, Unreachable) else 0
                    done += 1
                    if self._progress is not None:
                        self._progress("routes", done, total)

            await _together([work() for _ in range(min(ROUTES_AT_ONCE_MAX, len(subjects)))])

        await _together([read(region, subjects) for region, subjects in through.items()])
        return facts

    def _via(self, flow: Flow, credentials: Mapping[Region, Fact[str]]) -> Region | Unobserved:
        why: Unobserved | None = None
        for region in (flow.standby, flow.primary):
            askable = self._askable(region)
            if isinstance(askable, Unobserved):
                why = why or askable
                continue
            credential = credentials[region]
            if isinstance(credential, Unobserved) and credential.refused:
                # What only the Region that may fail can read does not count as read.
                return Unobserved(credential.reason)
            return region
        return why or Unobserved("no Region may be asked")

    async def route_writes(
        self, regions: Mapping[Region, RegionFacts], routes: Mapping[str, Fact[Route | None]]
    ) -> dict[Region, Fact[Routable]]:
        """For each standby, whether it can write routes: one entry point of a first cohort is routed to where it is."""
        standbys = list(dict.fromkeys(flow.standby for flow in self._flows))
        proofs = await _together([self._route_write(region, regions[region], routes) for region in standbys])
        return dict(zip(standbys, proofs, strict=True))

    async def _route_write(
        self, region: Region, facts: RegionFacts, routes: Mapping[str, Fact[Route | None]]
    ) -> Fact[Routable]:
        provider = self._askable(region)
        if isinstance(provider, Unobserved):
            return provider
        if isinstance(facts.credential, Unobserved):
            return Unobserved(facts.credential.reason, refused=facts.credential.refused)
        canaries = [subject for flow in self._flows if flow.standby == region for subject in _first_cohort_of(flow)]
        explicit = [subject for subject in canaries if _is_explicit(routes.get(subject.key))]
        if not explicit:
            unread = [fact for subject in canaries if isinstance(fact := routes.get(subject.key), Unobserved)]
            if unread:
                return Unobserved(f"no route of a first cohort could be read: {unread[0].reason}")
            return Unobserved(
                f"none of the {len(canaries)} entry points of the first cohorts has a route that was ever set, and"
                " writing one would set it. Route one test number explicitly to where it is, once, and check again"
            )
        subject = explicit[0]
        try:
            # Read again right before the write: what is written must be how it stands now.
            before = await provider.route(subject)
            if before is None or before.region not in REGIONS:
                return Unobserved(f"the route of {subject.name} changed while it was looked at. Check again")
            after = await provider.set_route(subject, before.region)
        except Refused as exc:
            return Unobserved(str(exc), refused=True)
        except ProviderError as exc:
            return Unobserved(str(exc))
        if after.region != before.region or after.subject != subject:
            return Unobserved(
                f"routing {subject.name} to {before.region}, where it was, was answered with {after.subject.name} in"
                f" {after.region}. Look at the route of {subject.name} before anything else",
                refused=True,
            )
        if self._progress is not None:
            self._progress(f"route write through {region}", 1, 1)
        return Observed(subject, self._clock.now(), self._source("routes", region, ""))

    def _askable(self, region: Region) -> RegionalProvider | Unobserved:
        if region in self._without:
            return Unobserved(f"{region} is not asked in ungraceful mode")
        provider = self._providers.get(region)
        if provider is None:
            return Unobserved(f"the workbook has no access to {region}: add it under account.regions")
        return provider

    def _source_of(self, region: Region, product: str, what: str) -> str:
        return self._source(product, region, what)

    def _source(self, product: str, region: Region, what: str) -> str:
        access = self._account.regions.get(region)
        edge = access.edge if access is not None else REGIONS.get(region, "")
        return f"{product}.{edge}.{region} {what}".strip()


def _nothing_seen(credential: Fact[str], why: Unobserved) -> RegionFacts:
    return RegionFacts(credential, why, why, why, why, route_write=why, estate=dict.fromkeys(KINDS, why))


def _first_cohort_of(flow: Flow) -> Iterable[Routable]:
    return flow.cohorts[0].subjects if flow.cohorts else ()


def _is_explicit(fact: Fact[Route | None] | None) -> bool:
    return isinstance(fact, Observed) and fact.value is not None


R = TypeVar("R")


def _as(fact: Fact[T], shape: Callable[[T], R]) -> Fact[R]:
    return fact if isinstance(fact, Unobserved) else Observed(shape(fact.value), fact.at, fact.source)


async def _together(work: Iterable[Awaitable[T]]) -> list[T]:
    return list(await asyncio.gather(*work))
