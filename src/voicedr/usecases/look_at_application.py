"""Look at the customer's own parts and at what each Region shows of calls. Only reads, and nothing of the provider is
asked in a Region that may not be asked.

Every request is a GET, or a read of one line through the provider's port. What cannot be seen is ``Unobserved`` in its
own place and stops nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TypeVar, TypeVarTuple

from voicedr.ports.clock import Clock
from voicedr.ports.http import NoResponse, Request, Send, Timeouts
from voicedr.ports.provider import ProviderError, Refused, RegionalProvider
from voicedr.program.readiness.declared import About, Declarations
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.outside.application import (
    EYES,
    ApplicationFacts,
    Credentials,
    Eye,
    Page,
    TokenAnswer,
    eye_key,
    token_key,
)
from voicedr.program.readiness.said import Said
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.urls import shown
from voicedr.program.readiness.views.forms import can_be_asked, is_url, of_region, services, texts
from voicedr.program.scope.workbook import Account, Flow
from voicedr.program.vocabulary import Region
from voicedr.usecases.ask_token_services import ask_token_service
from voicedr.usecases.compare_secrets import HeldSecrets
from voicedr.usecases.outside import Outside
from voicedr.usecases.probe_webhooks import USER_AGENT, Progress, Signer
from voicedr.usecases.read_clocks import read_clock

K = TypeVar("K")
T = TypeVar("T")
Ts = TypeVarTuple("Ts")

AT_ONCE_MAX = 8
"""Requests in flight: a few dashboards and token services, no load on anybody."""

PAGES_MAX = 100
SERVICES_MAX = 40
"""More are not asked in one reading; with 10 s each and 8 at once they end after about three minutes."""

ANSWER = Timeouts(connect_s=5.0, total_s=10.0, body_bytes_max=4 * 1024 * 1024)
"""Dashboards are large and slow, and whoever needs one has no more patience than this."""

EYES_BACK = timedelta(days=1)
"""So far back one line is asked for. It need not be there; being allowed to look is what counts."""

PAGES = (About.DASHBOARDS, About.APM, About.SUPPORT_TOOLING, About.ANALYTICS)
"""Declarations whose entries are asked for where they are URLs. What alarms is not asked: it would alarm."""


async def look_at_application(
    flows: Sequence[Flow],
    account: Account,
    declarations: Declarations,
    snapshot: Snapshot,
    providers: Mapping[Region, RegionalProvider],
    send: Send,
    clock: Clock,
    outside: Outside,
    *,
    without: frozenset[Region] = frozenset(),
    progress: Progress | None = None,
    signer: Signer | None = None,
) -> ApplicationFacts:
    """Everything that can be seen of clocks, tokens, pages, references and call records.

    Args:
        flows: The flows.
        account: Their account.
        declarations: Which token services and pages there are.
        snapshot: What was read so far; the time of looking is the clock's.
        providers: By Region, for what each shows of calls.
        send: For the customer's own parts.
        clock: For the times of the observations.
        outside: Gives what references stand for.
        without: Regions that are asked nothing.
        progress: Told what is looked at, how many are done, and of how many.
        signer: Not needed here.
    """
    looking = _Looking(account, declarations, providers, send, clock, outside, without)
    standbys = list(dict.fromkeys(flow.standby for flow in flows))
    regions = list(dict.fromkeys([*standbys, *(flow.primary for flow in flows)]))
    credentials = looking.credentials(regions)
    asked = {
        token_key(region, url): (region, url, bearer)
        for flow in flows
        for region in (flow.standby, flow.primary)  # the primary's hold clients there for as long as they live
        for url, bearer in looking.services(flow)
    }
    pages = list(dict.fromkeys(url for flow in flows for url in looking.pages(flow)))
    eyes = {eye_key(region, eye): (region, eye) for region in standbys for eye in EYES}
    return ApplicationFacts(
        credentials=credentials,
        clocks=await _each({region: (region,) for region in regions}, looking.clock, "clocks", progress),
        tokens=await _each(asked, looking.token, "token services", progress, SERVICES_MAX),
        pages=await _each({url: (url,) for url in pages}, looking.page, "pages", progress, PAGES_MAX),
        eyes=await _each(eyes, looking.eye, "call records", progress),
    )


class _Looking:
    def __init__(
        self,
        account: Account,
        declarations: Declarations,
        providers: Mapping[Region, RegionalProvider],
        send: Send,
        clock: Clock,
        outside: Outside,
        without: frozenset[Region],
    ) -> None:
        self._account = account
        self._declarations = declarations
        self._providers = providers
        self._send = send
        self._clock = clock
        self._outside = outside
        self._without = without
        self._keys: Mapping[Region, tuple[str, str]] = {}

    def credentials(self, regions: Sequence[Region]) -> dict[Region, Fact[Credentials]]:
        """How references stand. It keeps the keys for the signatures of tokens until the looking is over."""
        if self._outside.secret is None:
            return {region: Unobserved("references were not looked at this time") for region in regions}
        known = tuple(region for region in regions if region in self._account.regions)
        held = HeldSecrets(self._account, known, self._outside.secret)
        self._keys = held.keys()
        now = self._clock.now()
        return {region: Observed(held.standing(region), now, f"the references of {region}") for region in known}

    def _said(self, about: About, flow: Flow) -> object:
        said = self._declarations.about(about, flow.id, self._clock.now())
        return said.value if isinstance(said, Said) else None

    def services(self, flow: Flow) -> list[tuple[str, str | None]]:
        """The token services that somebody declared."""
        return list(services(self._said(About.TOKEN_SERVICES, flow)))

    def pages(self, flow: Flow) -> list[str]:
        """Every declared page of the standby."""
        every = (one for about in PAGES for one in texts(of_region(self._said(about, flow), flow.standby)))
        return [one for one in every if is_url(one)]

    async def clock(self, region: Region) -> Fact[float]:
        """How far ahead our clock is."""
        if region in self._without:
            return Unobserved(f"{region} is not asked in ungraceful mode")
        return await read_clock(region, self._account, self._send, self._clock, self._outside.secret)

    async def token(self, region: Region, url: str, bearer: str | None) -> Fact[TokenAnswer]:
        """What one token service says."""
        secret = None
        if bearer is not None:
            if self._outside.secret is None:
                return Unobserved("its bearer secret was not looked at this time")
            try:
                secret = self._outside.secret(bearer)
            except Exception as exc:
                # Only the kind is told: the words may hold the secret.
                return Unobserved(f"its bearer secret could not be had ({type(exc).__name__})")
        return await ask_token_service(url, secret, region, self._keys, self._send, self._clock)

    async def page(self, url: str) -> Fact[Page]:
        """Whether a page is there."""
        source = f"GET {shown(url)} from this machine"
        if not can_be_asked(url):
            return Observed(Page(None, "is not a URL that can be asked for"), self._clock.now(), source)
        request = Request("GET", url.partition("#")[0], (("User-Agent", USER_AGENT), ("Accept", "*/*")))
        try:
            response = await self._send(request, ANSWER)
        except NoResponse as exc:
            return Observed(Page(None, f"did not answer: {exc.failure.value}"), self._clock.now(), source)
        there = response.status < 400 or response.status in (401, 403)
        problem = None if there else f"answered {response.status}"
        return Observed(Page(response.status, problem), self._clock.now(), source)

    async def eye(self, region: Region, eye: Eye) -> Fact[int]:
        """Whether a Region shows its calls to its own key."""
        if region in self._without:
            return Unobserved(f"{region} is not asked in ungraceful mode")
        provider = self._providers.get(region)
        if provider is None:
            return Unobserved(f"the workbook has no access to {region}: add it under account.regions")
        now = self._clock.now()
        since = now - EYES_BACK
        try:
            match eye:
                case "call log":
                    found = len(await provider.calls(started_after=since, limit=1))
                case "alerts":
                    found = len(await provider.alerts(since=since, limit=1))
                case "recordings":
                    found = len(await provider.kept("recording", since=since, until=now, limit=1))
                case "transcriptions":
                    found = len(await provider.kept("transcription", since=since, until=now, limit=1))
        except Refused as exc:
            return Unobserved(str(exc), refused=True)
        except ProviderError as exc:
            return Unobserved(str(exc))
        return Observed(found, self._clock.now(), f"{region}'s {eye}")


async def _each(
    work: Mapping[K, tuple[*Ts]],
    look: Callable[[*Ts], Awaitable[Fact[T]]],
    what: str,
    progress: Progress | None,
    at_most: int = PAGES_MAX,
) -> dict[K, Fact[T]]:
    """Everything, a few at once, each in its place. More than ``at_most`` are not looked at, and say so."""
    over = Unobserved(f"not asked: one reading asks for at most {at_most} {what}, and there are {len(work)}")
    facts: dict[K, Fact[T]] = dict.fromkeys(work, over)
    todo = list(work.items())[:at_most]
    waiting = iter(todo)
    done = 0

    async def worker() -> None:
        nonlocal done
        for key, about in waiting:
            facts[key] = await look(*about)
            done += 1
            if progress is not None:
                progress(what, done, len(todo))

    async with asyncio.TaskGroup() as group:
        for _ in range(min(AT_ONCE_MAX, len(todo))):
            group.create_task(worker())
    return facts
