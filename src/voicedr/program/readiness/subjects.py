"""What checks are said of, with the facts they need already laid beside it.

A case is a flow, its account and a snapshot. From it come views: every number as one Region sees it, every trunk, every
SIP domain, every webhook, every entry point with its route. Where the snapshot could not tell what there is, a view
stands in its place with an ``Unobserved`` fact, so that a check has something to be unknown about.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from voicedr.program.readiness.declared import NOTHING_DECLARED, About, Declarations
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.once import OncePerCase
from voicedr.program.readiness.resources import (
    NumberConfig,
    Routable,
    SipDomain,
    Trunk,
    VoiceHandler,
    WebhookAnswer,
)
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.snapshot import Snapshot
from voicedr.program.readiness.urls import shown
from voicedr.program.scope.workbook import Account, Flow, Person
from voicedr.program.vocabulary import E164, Region


@dataclass(frozen=True, slots=True)
class Case:
    """A flow with everything that is known about it. It is also what a check of the flow as a whole is said of."""

    flow: Flow
    account: Account
    snapshot: Snapshot
    declarations: Declarations = NOTHING_DECLARED
    people: tuple[Person, ...] = ()
    now: datetime | None = None
    """When it is judged; None: when the snapshot was taken."""

    def said(self, about: About) -> Said[Any] | Unsaid:
        """What somebody declared about this flow, if it counts today."""
        return self.declarations.about(about, self.flow.id, self.now or self.snapshot.taken_at)

    @property
    def kind(self) -> str:
        return "flows"

    @property
    def name(self) -> str:
        return self.flow.id

    @property
    def region(self) -> None:
        return None

    @property
    def standby_credential(self) -> Fact[str]:
        """Whether the standby accepts its key, and what was asked."""
        facts = self.snapshot.regions.get(self.flow.standby)
        return Unobserved(f"{self.flow.standby} was not read") if facts is None else facts.credential

    @property
    def standby_route_write(self) -> Fact[Routable]:
        """Whose route was written to itself through the standby's host."""
        facts = self.snapshot.regions.get(self.flow.standby)
        return Unobserved(f"{self.flow.standby} was not read") if facts is None else facts.route_write


@dataclass(frozen=True, slots=True)
class NumberIn:
    """A number as one Region has it."""

    e164: E164
    region: Region
    is_standby: bool
    config: Fact[NumberConfig | None]
    """Observed None: the account has no such number."""
    answered_by: Fact[VoiceHandler | Trunk | None]
    """By the provider's order: trunk, application, URLs. Observed None: nobody."""

    @property
    def kind(self) -> str:
        return "numbers"

    @property
    def name(self) -> str:
        return self.e164


@dataclass(frozen=True, slots=True)
class AnsweredIn:
    """A number or a SIP domain, and who answers it in one Region. Observed None: nobody."""

    name: str
    region: Region
    is_standby: bool
    answered_by: Fact[VoiceHandler | Trunk | None]

    @property
    def kind(self) -> str:
        return "entry points"


@dataclass(frozen=True, slots=True)
class TrunkIn:
    """A trunk as one Region has it: one that moves itself, or one that answers a number of the flow."""

    name: str
    region: Region
    is_standby: bool
    trunk: Fact[Trunk | None]

    @property
    def kind(self) -> str:
        return "trunks"


@dataclass(frozen=True, slots=True)
class SipDomainIn:
    """A SIP domain as one Region has it."""

    name: str
    region: Region
    is_standby: bool
    domain: Fact[SipDomain | None]

    @property
    def kind(self) -> str:
        return "SIP domains"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A URL that is asked for TwiML in one Region.

    Attributes:
        url: As stored, overrides and all; empty if nobody could see which URLs there are.
        role: What it is for. A fallback is also told which URL failed (``instead_of``).
        called: The first entry point that uses it.
    """

    url: str
    method: str
    region: Region
    is_standby: bool
    role: Literal["voice URL", "fallback URL", "disaster-recovery URL"]
    called: str
    instead_of: str | None
    answer: Fact[WebhookAnswer]

    @property
    def kind(self) -> str:
        return "webhooks"

    @property
    def name(self) -> str:
        return shown(self.url) if self.url else "its webhooks"


@dataclass(frozen=True, slots=True)
class RoutedSubject:
    """An entry point, where it is routed to, and where it should be on an ordinary day."""

    subject: Routable
    expected: Region
    route: Fact[Region]

    @property
    def kind(self) -> str:
        return "entry points"

    @property
    def name(self) -> str:
        return self.subject.name

    @property
    def region(self) -> None:
        return None


def the_flow(case: Case) -> Iterator[Case]:
    """The flow as a whole."""
    yield case


@OncePerCase
def numbers_in_both(case: Case) -> Iterator[NumberIn]:
    """Every number in scope, as the standby and as the primary have it."""
    for region, is_standby in _regions(case):
        for number in case.flow.numbers:
            config = case.snapshot.number_in(region, number)
            yield NumberIn(number, region, is_standby, config, case.snapshot.handler_in(region, number))


@OncePerCase
def answered_in_both(case: Case) -> Iterator[AnsweredIn]:
    """Every number and every SIP domain in scope, as the standby and as the primary have it."""
    for number in numbers_in_both(case):
        yield AnsweredIn(number.name, number.region, number.is_standby, number.answered_by)
    for domain in sip_domains_in_both(case):
        yield AnsweredIn(domain.name, domain.region, domain.is_standby, _handler_of(domain.domain))


@OncePerCase
def trunk_domains_in_both(case: Case) -> Iterator[TrunkIn]:
    """Every trunk domain that moves with the flow, as the standby and as the primary have it."""
    for region, is_standby in _regions(case):
        for subject in case.flow.subjects:
            if subject.kind == "trunk":
                yield TrunkIn(subject.name, region, is_standby, _trunk_by_domain(case.snapshot, region, subject.name))


@OncePerCase
def trunks_in_both(case: Case) -> Iterator[TrunkIn]:
    """Every trunk of the flow in either Region: those that move, and those that answer a number."""
    yield from trunk_domains_in_both(case)
    for region, is_standby in _regions(case):
        moving_domains = {subject.name.lower() for subject in case.flow.subjects if subject.kind == "trunk"}
        facts = case.snapshot.regions.get(region)
        if not case.flow.numbers:
            continue
        if facts is None:
            yield TrunkIn("the numbers' trunks", region, is_standby, Unobserved(f"{region} was not read"))
            continue
        if isinstance(facts.numbers, Unobserved):
            yield TrunkIn("the numbers' trunks", region, is_standby, facts.numbers)
            continue
        configs = [facts.numbers.value.get(number) for number in case.flow.numbers]
        by_sid = {} if isinstance(facts.trunks, Unobserved) else {trunk.sid: trunk for trunk in facts.trunks.value}
        for sid in dict.fromkeys(config.trunk_sid for config in configs if config is not None and config.trunk_sid):
            if isinstance(facts.trunks, Unobserved):
                yield TrunkIn(sid, region, is_standby, facts.trunks)
            elif (trunk := by_sid.get(sid)) is not None and (trunk.domain_name or "").lower() not in moving_domains:
                name = trunk.domain_name or trunk.friendly_name or sid
                yield TrunkIn(name, region, is_standby, Observed(trunk, facts.trunks.at, facts.trunks.source))


@OncePerCase
def sip_domains_in_both(case: Case) -> Iterator[SipDomainIn]:
    """Every SIP domain in scope, as the standby and as the primary have it."""
    for region, is_standby in _regions(case):
        for subject in case.flow.subjects:
            if subject.kind == "sip-domain":
                yield SipDomainIn(subject.name, region, is_standby, _sip_domain(case.snapshot, region, subject.name))


@OncePerCase
def webhooks(case: Case) -> Iterator[Webhook]:
    """Every URL that is asked for TwiML in either Region, once: one that both use, as the standby uses it."""
    seen: set[str] = set()
    for region, is_standby in _regions(case):
        for webhook in _webhooks(case, region, is_standby):
            key = webhook.url or repr(webhook.answer)
            if key not in seen:
                seen.add(key)
                yield webhook


@OncePerCase
def webhooks_in_each(case: Case) -> Iterator[Webhook]:
    """Every URL that is asked for TwiML, once for each Region that asks it."""
    for region, is_standby in _regions(case):
        seen: set[str] = set()
        for webhook in _webhooks(case, region, is_standby):
            key = webhook.url or repr(webhook.answer)
            if key not in seen:
                seen.add(key)
                yield webhook


def webhooks_in_standby(case: Case) -> Iterator[Webhook]:
    """Every URL that is asked for TwiML once the flow has moved."""
    return (webhook for webhook in webhooks(case) if webhook.is_standby)


def routed_subjects(case: Case) -> Iterator[RoutedSubject]:
    """Every entry point with its route. The trickle lives in the standby all the year."""
    trickle = set(case.flow.trickle)
    for subject in dict.fromkeys((*case.flow.subjects, *case.flow.trickle)):
        expected = case.flow.standby if subject in trickle else case.flow.primary
        yield RoutedSubject(subject, expected, case.snapshot.route_of(subject))


def _regions(case: Case) -> tuple[tuple[Region, bool], ...]:
    return ((case.flow.standby, True), (case.flow.primary, False))


def _handler_of(domain: Fact[SipDomain | None]) -> Fact[VoiceHandler | Trunk | None]:
    if isinstance(domain, Unobserved):
        return domain
    handler = domain.value.handler if domain.value is not None and domain.value.handler.voice_url else None
    return Observed(handler, domain.at, domain.source)


def _trunk_by_domain(snapshot: Snapshot, region: Region, domain: str) -> Fact[Trunk | None]:
    facts = snapshot.regions.get(region)
    if facts is None:
        return Unobserved(f"{region} was not read")
    if isinstance(facts.trunks, Unobserved):
        return facts.trunks
    wanted = domain.lower()
    found = next((trunk for trunk in facts.trunks.value if (trunk.domain_name or "").lower() == wanted), None)
    return Observed(found, facts.trunks.at, facts.trunks.source)


def _sip_domain(snapshot: Snapshot, region: Region, name: str) -> Fact[SipDomain | None]:
    facts = snapshot.regions.get(region)
    if facts is None:
        return Unobserved(f"{region} was not read")
    if isinstance(facts.sip_domains, Unobserved):
        return facts.sip_domains
    wanted = name.lower()
    found = next((domain for domain in facts.sip_domains.value if domain.domain_name.lower() == wanted), None)
    return Observed(found, facts.sip_domains.at, facts.sip_domains.source)


def _webhooks(case: Case, region: Region, is_standby: bool) -> Iterator[Webhook]:
    def webhook(
        url: str,
        method: str,
        role: Literal["voice URL", "fallback URL", "disaster-recovery URL"],
        called: str,
        instead_of: str | None = None,
    ) -> Webhook:
        answer = case.snapshot.webhooks.get(url) or Unobserved("it was not asked")
        return Webhook(url, method, region, is_standby, role, called, instead_of, answer)

    def unseen(why: Unobserved, called: str) -> Webhook:
        return Webhook("", "POST", region, is_standby, "voice URL", called, None, why)

    def of_handler(handler: VoiceHandler, called: str) -> Iterator[Webhook]:
        if handler.voice_url:
            yield webhook(handler.voice_url, handler.voice_method, "voice URL", called)
        if handler.voice_fallback_url:
            method = handler.voice_fallback_method
            yield webhook(handler.voice_fallback_url, method, "fallback URL", called, handler.voice_url)

    for number in case.flow.numbers:
        match case.snapshot.handler_in(region, number):
            case Unobserved() as why:
                yield unseen(why, number)
            case Observed(value=VoiceHandler() as handler):
                yield from of_handler(handler, number)
            case Observed():
                continue  # a trunk, which comes below, or nobody
    for trunk_in in trunks_in_both(case):
        if trunk_in.region != region:
            continue
        match trunk_in.trunk:
            case Unobserved() as why:
                yield unseen(why, trunk_in.name)
            case Observed(value=Trunk(disaster_recovery_url=str(url), disaster_recovery_method=method)):
                called = case.flow.numbers[0] if case.flow.numbers else trunk_in.name
                yield webhook(url, method, "disaster-recovery URL", called)
            case Observed():
                continue
    for domain_in in sip_domains_in_both(case):
        if domain_in.region != region:
            continue
        match domain_in.domain:
            case Unobserved() as why:
                yield unseen(why, domain_in.name)
            case Observed(value=SipDomain(handler=handler)):
                yield from of_handler(handler, domain_in.name)
            case Observed():
                continue
