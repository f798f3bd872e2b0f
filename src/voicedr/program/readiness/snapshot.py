"""A readiness snapshot: facts about both Regions, read once. Checks, plans and reports are functions of it."""

from __future__ import annotations

from datetime import datetime

import msgspec

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.kinds import KINDS
from voicedr.program.readiness.outside.application import ApplicationFacts
from voicedr.program.readiness.outside.sip import SipFacts
from voicedr.program.readiness.outside.web import WebFacts
from voicedr.program.readiness.resources import (
    Application,
    NumberConfig,
    Routable,
    Route,
    SipDomain,
    Trunk,
    VoiceHandler,
    WebhookAnswer,
)
from voicedr.program.readiness.typed import Every
from voicedr.program.scope.sbc import DispatcherTarget
from voicedr.program.vocabulary import E164, US1, Region

UNSERVED = "the Region does not serve them"
"""Why a kind is unobserved where the Region itself said that it has no such things at all."""


class RegionFacts(msgspec.Struct, frozen=True):
    """What one Region shows of the account."""

    credential: Fact[str]
    """Observed if the key was accepted (the value says what was asked)."""
    numbers: Fact[dict[E164, NumberConfig]]
    applications: Fact[dict[str, Application]]
    """By SID."""
    trunks: Fact[tuple[Trunk, ...]]
    sip_domains: Fact[tuple[SipDomain, ...]]
    route_write: Fact[Routable]
    """The subject whose own route was written to itself through this Region's host, and came back the same."""
    estate: dict[str, Every] = {}
    """Everything that it has, by the id of the kind (``kinds.KINDS``). What is not in it was not read."""

    def every(self, kind: str) -> Every:
        """All of one kind."""
        return self.estate.get(kind) or Unobserved(f"the {KINDS[kind].plural} were not read")

    def serves(self, kind: str) -> bool | None:
        """Whether the Region has such things at all; None where nobody knows."""
        match self.estate.get(kind):
            case None:
                return None
            case Unobserved(reason):
                return False if reason == UNSERVED else None
            case Observed():
                return True


class Snapshot(msgspec.Struct, frozen=True):
    """Everything that was read, once, at about one time."""

    taken_at: datetime
    account_sid: str
    regions: dict[Region, RegionFacts]
    routes: dict[str, Fact[Route | None]]
    """By ``Routable.key``. Observed None: never set, so us1."""
    webhooks: dict[str, Fact[WebhookAnswer]]
    """By URL: what it answered to a harmless test request."""
    sip: SipFacts = SipFacts()
    """What names and addresses of SIP said."""
    web: WebFacts = WebFacts()
    """What the hosts of webhooks and of the REST API said."""
    application: ApplicationFacts = ApplicationFacts()
    """What the customer's own parts said, and what each Region shows of calls."""
    dispatchers: dict[str, Fact[tuple[DispatcherTarget, ...]]] = {}
    """How the targets of the customer's SBCs stand, by where each is asked (``Sbc.rpc``)."""

    def every(self, region: Region, kind: str) -> Every:
        """All of one kind in a Region."""
        facts = self.regions.get(region)
        return Unobserved(f"{region} was not read") if facts is None else facts.every(kind)

    def route_of(self, subject: Routable) -> Fact[Region]:
        """The Region a subject is routed to; us1 by rule where no route was ever set."""
        match self.routes.get(subject.key):
            case None:
                return Unobserved(f"the route of {subject.name} was not read")
            case Unobserved() as unknown:
                return unknown
            case Observed(value, at, source):
                return Observed(US1 if value is None else value.region, at, source)

    def number_in(self, region: Region, number: E164) -> Fact[NumberConfig | None]:
        """A number's configuration in a Region; observed None: the account has no such number."""
        facts = self.regions.get(region)
        if facts is None:
            return Unobserved(f"{region} was not read")
        if isinstance(facts.numbers, Unobserved):
            return facts.numbers
        return Observed(facts.numbers.value.get(number), facts.numbers.at, facts.numbers.source)

    def handler_in(self, region: Region, number: E164) -> Fact[VoiceHandler | Trunk | None]:
        """Who answers a number's calls in a Region: its trunk, else its application, else its URLs; None: nobody.

        The order is the provider's (https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource).
        """
        config = self.number_in(region, number)
        if isinstance(config, Unobserved):
            return config
        if config.value is None:
            return Observed(None, config.at, config.source)
        facts = self.regions[region]
        if config.value.trunk_sid:
            if isinstance(facts.trunks, Unobserved):
                return facts.trunks
            trunk = next((trunk for trunk in facts.trunks.value if trunk.sid == config.value.trunk_sid), None)
            return Observed(trunk, facts.trunks.at, facts.trunks.source)
        if config.value.voice_application_sid:
            if isinstance(facts.applications, Unobserved):
                return facts.applications
            application = facts.applications.value.get(config.value.voice_application_sid)
            handler = None if application is None or not application.handler.voice_url else application.handler
            return Observed(handler, facts.applications.at, facts.applications.source)
        return Observed(config.value.handler if config.value.handler.voice_url else None, config.at, config.source)
