"""Look at webhooks, fallbacks and the application from outside, once, and change nothing.

By construction: requests to webhooks belong to no call (``probe_webhooks``), everything else is GET or HEAD, a
handshake, a name that is resolved, or a file that is read. What it may cost is in ``web_budget``. Nothing that is dead
stops it; each thing that could not be looked at becomes ``Unobserved`` in its own place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from voicedr.ports.clock import Clock
from voicedr.ports.context import ContextError
from voicedr.ports.http import Send
from voicedr.ports.provider import ProviderError, Refused, RegionalProvider
from voicedr.program.readiness.declared import Declarations
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.outside.web import AlertCount, Alerted, ContextSeen, RestSource, WebFacts
from voicedr.program.readiness.resources import Alert, WebhookAnswer
from voicedr.program.readiness.rest_source import look
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.subjects import Case, Webhook, webhooks, webhooks_in_each
from voicedr.program.readiness.urls import host_of
from voicedr.program.readiness.views.credentials import token_services
from voicedr.program.readiness.views.hosted import product_of
from voicedr.program.readiness.views.web import hosts, secure_hosts, status_callbacks
from voicedr.program.readiness.views.web_alerts import bare
from voicedr.program.readiness.views.web_application import instances
from voicedr.program.readiness.views.web_pairs import pairs_on_hosts
from voicedr.program.readiness.views.web_rest import edges_to_ask, rest_files, rest_regions
from voicedr.program.scope.workbook import Account, Flow
from voicedr.program.vocabulary import Region
from voicedr.usecases.ask_plainly import ask_instance, context_in, reach, reach_api
from voicedr.usecases.look_at_hosts import addresses_of, certificate_of
from voicedr.usecases.outside import Outside
from voicedr.usecases.probe_webhooks import Progress, Signer, ask_webhook
from voicedr.usecases.web_budget import ALERTS_MAX, FILES_MAX, HOSTS_MAX, REQUESTS_MAX, Look, spend

ALERTS_BACK = timedelta(days=1)
"""So far back alerts count. What was repaired yesterday is no gap today."""

WEBHOOK_CODES = range(11000, 15000)
"""Fetching (11), documents (12), verbs (13) and queues (14): https://www.twilio.com/docs/api/errors."""


async def look_at_web(
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
    ask_webhooks: bool = True,
) -> WebFacts:
    """Everything that can be seen of the flows' webhooks, their hosts, the application and the REST API.

    Args:
        flows: The flows.
        account: Their account.
        declarations: What was said about instances and source files.
        snapshot: What was read so far, the first answer of each webhook with it.
        providers: By Region, for the alerts.
        send: For the webhooks, the application and the REST API's names.
        clock: For the times of the observations.
        outside: What else there is to look with.
        without: Regions whose API is asked nothing (ungraceful mode). The customer's own hosts are asked all the same.
        progress: Told what is looked at, how many are done, and of how many.
        signer: Signs requests as each Region does.
        ask_webhooks: Whether webhooks, callbacks and instances are asked anything.
    """
    now = clock.now()
    cases = [Case(flow, account, snapshot, declarations, (), now) for flow in flows]
    looking = _Looking(cases, account, providers, send, clock, outside, without, signer)
    await spend(looking.at_hosts(), "hosts", HOSTS_MAX * 2, progress)
    requests = looking.at_apis()
    if ask_webhooks:
        requests += looking.at_signatures() + looking.at_application() + looking.at_forgeries()
    await spend(requests, "requests to webhooks and applications", REQUESTS_MAX, progress)
    await looking.at_contexts()
    looking.at_files()
    await looking.at_alerts()
    return WebFacts(**looking.tables)


class _Looking:
    """One look. ``tables`` are the fields of ``WebFacts``."""

    def __init__(
        self,
        cases: Sequence[Case],
        account: Account,
        providers: Mapping[Region, RegionalProvider],
        send: Send,
        clock: Clock,
        outside: Outside,
        without: frozenset[Region],
        signer: Signer | None,
    ) -> None:
        self.tables: dict[str, dict[str, Fact[Any]]] = {name: {} for name in WebFacts.__struct_fields__}
        self._cases = cases
        self._account = account
        self._providers = providers
        self._send = send
        self._clock = clock
        self._outside = outside
        self._without = without
        self._signer = signer

    def at_hosts(self) -> list[Look]:
        """Names, then certificates."""
        names = {host.host for case in self._cases for host in hosts(case)}
        names |= {
            host for case in self._cases for pair in pairs_on_hosts(case) for host in (pair.host, pair.fallback_host)
        }
        names |= {host_of(url) or "" for case in self._cases for url in token_services(case)}
        shown = {(host.host, host.port) for case in self._cases for host in secure_hosts(case)}
        return [
            Look(self.tables["addresses"], name, partial(addresses_of, name, self._outside.names, self._clock))
            for name in sorted(names)
            if name
        ] + [
            Look(
                self.tables["certificates"],
                f"{host}:{port}",
                partial(certificate_of, host, port, self._outside.certificates, self._clock),
            )
            for host, port in sorted(shown)
            if host
        ]

    def at_signatures(self) -> list[Look]:
        """Each webhook as each Region signs, and each fallback that is told nothing."""
        looks: list[Look] = []
        for case in self._cases:
            for webhook in webhooks_in_each(case):
                if not webhook.url or product_of(webhook.url) is not None:
                    continue
                unasked = self._unaskable(webhook)
                first = webhook.answer
                key = f"{webhook.region} {webhook.url}"
                if isinstance(first, Observed) and first.value.signed_as == webhook.region:
                    self.tables["signed"][key] = first
                elif unasked or (unasked := self._unsigned(webhook.region)):
                    self.tables["signed"][key] = Unobserved(unasked)
                else:
                    looks.append(Look(self.tables["signed"], key, self._asking(webhook)))
                if webhook.role == "fallback URL" and isinstance(first, Observed):
                    looks += self._with_and_without(webhook, first.value)
        return looks

    def _with_and_without(self, webhook: Webhook, first: WebhookAnswer) -> list[Look]:
        """A fallback as it was not asked at first, if that can tell anything: told what failed, or not told."""
        if not first.told:
            table, told = self.tables["told"], True
        elif first.problem is not None:
            table, told = self.tables["untold"], False
        else:
            return []
        if unasked := self._unaskable(webhook):
            table[webhook.url] = Unobserved(unasked)
            return []
        return [Look(table, webhook.url, self._asking(webhook, told=told))]

    def at_forgeries(self) -> list[Look]:
        """Each webhook with a wrong signature, once."""
        looks: list[Look] = []
        for case in self._cases:
            for webhook in webhooks(case):
                if not webhook.url or product_of(webhook.url) is not None:
                    continue
                if unasked := self._unaskable(webhook):
                    self.tables["forged"][webhook.url] = Unobserved(unasked)
                else:
                    looks.append(Look(self.tables["forged"], webhook.url, self._asking(webhook, forged=True)))
        return looks

    def at_application(self) -> list[Look]:
        """Instances that were declared, instances that confirm the context, and who takes status callbacks."""
        send, clock = self._send, self._clock
        looks: list[Look] = []
        for case in self._cases:
            for url in dict.fromkeys(one.url for one in instances(case) if one.url):
                looks.append(Look(self.tables["instances"], url, partial(reach, "GET", url, send, clock, well=True)))
            for url in case.flow.application.confirm if case.flow.application is not None else ():
                looks.append(Look(self.tables["confirms"], url, partial(ask_instance, url, send, clock)))
            for callback in (one for one in status_callbacks(case) if one.url):
                asking = partial(reach, "HEAD", callback.url, send, clock, well=False)
                looks.append(Look(self.tables["reached"], callback.url, asking))
        return looks

    def at_apis(self) -> list[Look]:
        """The REST API under each of its names, in Regions that may be asked."""
        looks: list[Look] = []
        for region in dict.fromkeys(api.region for case in self._cases for api in rest_regions(case)):
            key = self._key(region)
            for edge in edges_to_ask(self._cases[0], region):
                place = f"{edge}.{region}"
                if isinstance(key, Unobserved):
                    self.tables["edges"][place] = key
                    continue
                asking = partial(
                    reach_api, edge, region, self._account.sid, key, self._account.address, self._send, self._clock
                )
                looks.append(Look(self.tables["edges"], place, asking))
        return looks

    async def at_contexts(self) -> None:
        """Context documents: in files, and wherever else they are."""
        for case in self._cases:
            if case.flow.application is not None:
                reference = case.flow.application.context
                in_file = re.match(r"(?!file:)[a-z]+:", reference) is None
                if in_file and case.flow.application.signing_key is None:
                    self.tables["contexts"][reference] = self._context(reference)
                else:
                    self.tables["contexts"][reference] = await self._context_elsewhere(reference)

    def at_files(self) -> None:
        """Source files, beside the workbook."""
        paths = [file.path for case in self._cases for file in rest_files(case) if file.path]
        for path in dict.fromkeys(paths[:FILES_MAX]):
            self.tables["sources"][path] = self._source(path)

    async def at_alerts(self) -> None:
        """What each Region's feed has on URLs."""
        since = self._clock.now() - ALERTS_BACK
        for region in dict.fromkeys(
            region for case in self._cases for region in (case.flow.standby, case.flow.primary)
        ):
            provider = self._providers.get(region)
            if region in self._without:
                self.tables["alerts"][region] = Unobserved(f"{region} is not asked in ungraceful mode")
            elif provider is None:
                self.tables["alerts"][region] = Unobserved(f"the workbook has no access to {region}")
            else:
                try:
                    found = await provider.alerts(since=since, limit=ALERTS_MAX)
                except ProviderError as exc:
                    self.tables["alerts"][region] = Unobserved(str(exc), refused=isinstance(exc, Refused))
                    continue
                alerted = Alerted(since, _counted(found), whole=len(found) < ALERTS_MAX)
                self.tables["alerts"][region] = Observed(alerted, self._clock.now(), f"the alerts of {region}")

    def _asking(self, webhook: Webhook, *, told: bool = True, forged: bool = False) -> Any:
        return partial(
            ask_webhook,
            webhook,
            self._account.sid,
            self._send,
            self._clock,
            self._signer,
            told=told,
            forged=forged,
        )

    def _unaskable(self, webhook: Webhook) -> str:
        """Why a webhook is not asked again, or nothing. Whoever was silent once would cost a time-out each time."""
        first = webhook.answer
        if isinstance(first, Observed) and first.value.status is None:
            return f"not asked again: it {first.value.problem or 'did not answer'}"
        return ""

    def _unsigned(self, region: Region) -> str:
        """Why nothing can be signed as a Region signs, or nothing."""
        access = self._account.regions.get(region)
        if self._signer is None or access is None or access.auth_token is None:
            return f"the workbook has no auth_token of {region}: add its reference under account.regions.{region}"
        return ""

    def _key(self, region: Region) -> tuple[str, str] | Unobserved:
        access = self._account.regions.get(region)
        if region in self._without:
            return Unobserved(f"{region} is not asked in ungraceful mode")
        if access is None:
            return Unobserved(f"the workbook has no access to {region}: add it under account.regions")
        if self._outside.secret is None:
            return Unobserved("not looked at this time: its key was not given")
        try:
            # A key's SID is no secret, and may stand in the workbook itself.
            name = access.api_key if access.api_key.startswith("SK") else self._outside.secret(access.api_key)
            return name, self._outside.secret(access.api_secret)
        except Exception:  # whatever keeps secrets raises what it likes, and its words may hold one
            return Unobserved(f"the key of {region} could not be had: see account.regions.{region}")

    def _context(self, path: str) -> Fact[ContextSeen]:
        """The context document, where a cutover that is started here would write it (``file:/path``, or a path)."""
        try:
            content = self._content(str(Path(path.removeprefix("file:")).absolute()))
        except FileNotFoundError:
            return Observed(ContextSeen(None, None, "is not there"), self._clock.now(), path)
        except OSError as exc:
            return Unobserved(str(exc.strerror or exc))
        return Observed(context_in(content), self._clock.now(), path)

    async def _context_elsewhere(self, reference: str) -> Fact[ContextSeen]:
        """A context that is signed, or that is in no file: read as a cutover reads it."""
        if self._outside.context is None:
            return Unobserved("not looked at this time: no places are read")
        try:
            found = await self._outside.context(reference)
        except ContextError as exc:
            return Unobserved(str(exc))
        seen = ContextSeen(None, None, "is not there") if found is None else ContextSeen(found.region, found.epoch)
        return Observed(seen, self._clock.now(), reference)

    def _source(self, path: str) -> Fact[RestSource]:
        try:
            content = self._content(path)
        except OSError as exc:
            return Unobserved(str(exc.strerror or exc))
        return Observed(look(content.decode("utf-8", "replace")), self._clock.now(), path)

    def _content(self, path: str) -> bytes:
        if self._outside.read_file is None:
            raise OSError("not looked at this time: no files are read")
        return self._outside.read_file(path)


def _counted(alerts: Sequence[Alert]) -> tuple[AlertCount, ...]:
    """Errors about URLs, by URL and code."""
    found: dict[tuple[str, int], AlertCount] = {}
    for alert in alerts:
        code = alert.error_code
        if alert.log_level != "error" or code is None or code not in WEBHOOK_CODES or not alert.request_url:
            continue
        key = (bare(alert.request_url), code)
        before = found.get(key)
        count, last_at = (1, alert.at) if before is None else (before.count + 1, max(before.last_at, alert.at))
        found[key] = AlertCount(*key, count, last_at)
    return tuple(found[key] for key in sorted(found))
