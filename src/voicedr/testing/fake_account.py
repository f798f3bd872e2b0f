"""A provider account held in memory: what every Region has of it, its routes with their history, and its call logs.

It knows the rules that a program can trip over: a route is stored at once and takes effect later, a number nobody ever
routed is in us1, and a number without a handler in its Region is refused at the edge and leaves no line in any log
(https://www.twilio.com/docs/global-infrastructure/inbound-call-processing).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import msgspec

from voicedr.program.readiness.kinds import KINDS, Kind, Resource, Value
from voicedr.program.readiness.resources import (
    Alert,
    Application,
    CallRecord,
    NumberConfig,
    Routable,
    Route,
    SipDomain,
    Trunk,
    VoiceHandler,
)
from voicedr.program.readiness.typed import application_of, fields_of, number_of, sip_domain_of, trunk_of
from voicedr.program.reconciliation.kept import Kept, KeptKind
from voicedr.program.vocabulary import E164, REGIONS, US1, Region
from voicedr.testing.fake_estate import FakeEstate


class RouteChange(msgspec.Struct, frozen=True):
    """One write of a route: when, to where, through whose host, and when the edges had it."""

    subject: Routable
    region: Region
    via: Region
    at: datetime
    effective_at: datetime


class Write(msgspec.Struct, frozen=True):
    """One request that changes something, as a hook sees it. ``n`` counts the account's writes from 1."""

    n: int
    via: Region
    method: str
    about: str


class InboundCall(msgspec.Struct, frozen=True):
    """A call that is about to arrive somewhere, for the function that decides how it ends."""

    from_: str
    to: str
    region: Region
    has_handler: bool
    at: datetime


Outcome = Callable[[InboundCall], str | None]
"""How an inbound call ends: its status in the log, or None for a call that leaves no line there."""

WriteHook = Callable[[Write], None]
"""Called before or after a write takes effect. What it raises goes through: a campaign kills the program here."""


def answered_if_handled(call: InboundCall) -> str | None:
    """Completed where somebody answers; refused at the edge, without a line in the log, where nobody does."""
    return "completed" if call.has_handler else None


class FakeAccount:
    """One account, shared by a ``FakeProvider`` for each Region.

    Args:
        account_sid: Its SID.
        propagation_s: How long a route change takes to reach the edges: seconds, or a function that gives them for each
            change.

    Attributes:
        outcome: How inbound calls end. Replace it at will.
        before_write, after_write: Hooks round the effect of every write in every Region.
        asked: How often each method was asked of each Region: ``asked["ie1", "set_route"]``.
        made: What was created or updated by requests, as it was then.
        removed: What was taken off by requests.
    """

    def __init__(
        self, account_sid: str = "AC" + "0" * 31 + "1", *, propagation_s: float | Callable[[], float] = 0.0
    ) -> None:
        self.account_sid = account_sid
        self.propagation_s = propagation_s
        self.outcome: Outcome = answered_if_handled
        self.before_write: WriteHook | None = None
        self.after_write: WriteHook | None = None
        self.asked: Counter[tuple[Region, str]] = Counter()
        self.writes: list[Write] = []
        self.changes: list[RouteChange] = []
        self.placed: list[CallRecord] = []
        self.made: list[tuple[Region, Resource]] = []
        self.removed: list[tuple[Region, Resource]] = []
        self._sids: Counter[str] = Counter()
        self._numbers: dict[E164, tuple[str, str | None]] = {}
        self._estate = FakeEstate(self.new_sid)
        self._routes: dict[Routable, list[RouteChange]] = {}
        self._route_sids: dict[Routable, str] = {}
        self._calls: dict[Region, list[CallRecord]] = {}
        self._alerts: dict[Region, list[Alert]] = {}
        self._kept: dict[Region, list[Kept]] = {}
        self._media: dict[tuple[Region, str], bytes] = {}

    # What is in the account

    def add_number(self, e164: str, friendly_name: str | None = None, *, route: Region | None = None) -> E164:
        """Own a number. ``route`` None: nobody ever routed it."""
        number = E164(e164)
        self._numbers[number] = self.new_sid("PN"), friendly_name
        if route is not None:
            self.seed_route(Routable("number", number), route)
        return number

    def configure(
        self,
        region: Region,
        e164: str,
        handler: VoiceHandler | None = None,
        *,
        application_sid: str | None = None,
        trunk_sid: str | None = None,
    ) -> None:
        """Set a number's voice configuration in one Region. The others are not touched."""
        sid, friendly_name = self._numbers[E164(e164)]
        config = NumberConfig(E164(e164), sid, friendly_name, handler or VoiceHandler(), application_sid, trunk_sid)
        self._estate.add(region, Resource("number", sid, None, fields_of(config)))

    def add_application(self, region: Region, friendly_name: str, handler: VoiceHandler) -> Application:
        """Put a TwiML App into one Region."""
        application = Application("", friendly_name, handler)
        return application_of(self._estate.add(region, Resource("application", "", None, fields_of(application))))

    def add_trunk(self, region: Region, trunk: Trunk, *, route: Region | None = None) -> Trunk:
        """Put a trunk into one Region. An empty ``sid`` is filled in."""
        made = self._estate.add(region, Resource("trunk", trunk.sid, None, fields_of(trunk)))
        urls = [
            self._estate.add(region, Resource("origination-url", url.sid, made.sid, fields_of(url)))
            for url in trunk.origination_urls
        ]
        trunk = trunk_of(made, urls)
        if route is not None and trunk.domain_name:
            self.seed_route(Routable("trunk", trunk.domain_name), route)
        return trunk

    def add_sip_domain(self, region: Region, domain: SipDomain, *, route: Region | None = None) -> SipDomain:
        """Put a SIP domain into one Region. An empty ``sid`` is filled in."""
        domain = sip_domain_of(self._estate.add(region, Resource("sip-domain", domain.sid, None, fields_of(domain))))
        if route is not None:
            self.seed_route(Routable("sip-domain", domain.domain_name), route)
        return domain

    def add_alert(self, region: Region, alert: Alert) -> None:
        """Put a line into one Region's alert feed."""
        self._alerts.setdefault(region, []).append(alert)

    def keep(self, region: Region, kept: Kept, media: bytes | None = None) -> Kept:
        """Let one Region keep a recording, a transcription or a message, and the sound of a recording."""
        self._kept.setdefault(region, []).append(kept)
        if media is not None:
            self._media[region, kept.sid] = media
        return kept

    def kept_in(self, region: Region, kind: KeptKind) -> list[Kept]:
        """What a Region keeps of one kind, newest first. Its calls are those of its log."""
        if kind == "call":
            return [_kept_call(region, call) for call in self.calls_in(region)]
        return [one for one in reversed(self._kept.get(region, [])) if one.kind == kind]

    def media_in(self, region: Region, recording_sid: str) -> bytes | None:
        """The sound of a recording; None if the Region has none."""
        return self._media.get((region, recording_sid))

    def numbers_in(self, region: Region) -> list[NumberConfig]:
        """Every number with its configuration in a Region; one that was never configured there has no URLs."""
        return [number_of(one) for one in self._number_resources(region)]

    def applications_in(self, region: Region) -> list[Application]:
        """The TwiML Apps of a Region."""
        return [application_of(one) for one in self._estate.every(region, "application")]

    def trunks_in(self, region: Region) -> list[Trunk]:
        """The trunks of a Region."""
        return [
            trunk_of(one, self._estate.every(region, "origination-url", one.sid))
            for one in self._estate.every(region, "trunk")
        ]

    def sip_domains_in(self, region: Region) -> list[SipDomain]:
        """The SIP domains of a Region."""
        return [sip_domain_of(one) for one in self._estate.every(region, "sip-domain")]

    # Any kind

    def add_resource(self, region: Region, resource: Resource) -> Resource:
        """Put anything into one Region, unchecked. An empty SID is made; a number must have been added before."""
        if resource.kind == "number":
            self._number_named(resource.sid)
        return self._estate.add(region, resource)

    def resources_in(self, region: Region, kind: Kind, parent_sid: str | None = None) -> list[Resource]:
        """What a Region lists of a kind.

        Raises:
            Refused: If it does not serve the kind, or has no such parent.
        """
        if kind.id == "number":
            return self._number_resources(region)
        return self._estate.listed(region, kind, parent_sid)

    def create(self, region: Region, kind: Kind, fields: Mapping[str, Value], parent_sid: str | None) -> Resource:
        """Make one as a request does.

        Raises:
            Refused: As the provider would. Nothing changed.
        """
        resource = self._estate.create(region, kind, fields, parent_sid)
        self.made.append((region, resource))
        return resource

    def update(
        self, region: Region, kind: Kind, sid: str, fields: Mapping[str, Value], parent_sid: str | None
    ) -> Resource:
        """Set fields of one as a request does. A number's friendly name is the same in every Region.

        Raises:
            Refused: As the provider would. Nothing changed.
        """
        if kind.id == "number" and (number := next((n for n, (s, _) in self._numbers.items() if s == sid), None)):
            self._estate.add(region, self._number_resource(region, number))
            if "friendly_name" in fields:
                self._numbers[number] = sid, None if fields["friendly_name"] is None else str(fields["friendly_name"])
        resource = self._estate.update(region, kind, sid, fields, parent_sid)
        self.made.append((region, resource))
        return resource

    def remove(self, region: Region, kind: Kind, sid: str, parent_sid: str | None) -> None:
        """Take one off as a request does; one that is not there is off.

        Raises:
            Refused: As the provider would. Nothing changed.
        """
        gone = self._estate.remove(region, kind, sid, parent_sid)
        if gone is not None:
            self.removed.append((region, gone))

    def _number_resources(self, region: Region) -> list[Resource]:
        return [self._number_resource(region, number) for number in self._numbers]

    def _number_resource(self, region: Region, number: E164) -> Resource:
        sid, friendly_name = self._numbers[number]
        told = self._estate.one(region, "number", sid) or _UNCONFIGURED
        return Resource("number", sid, None, {**told.fields, "phone_number": number, "friendly_name": friendly_name})

    def _number_named(self, sid: str) -> E164:
        for number, (known, _) in self._numbers.items():
            if known == sid:
                return number
        raise KeyError(f"the account has no number {sid}: add it first")

    # Routes

    def owns(self, subject: Routable) -> bool:
        """True if the subject is this account's."""
        match subject.kind:
            case "number":
                return E164(subject.name) in self._numbers
            case kind:
                everywhere = (one for region in REGIONS for one in self._estate.every(region, kind))
                return any(one.fields["domain_name"] == subject.name for one in everywhere)

    def seed_route(self, subject: Routable, region: Region) -> None:
        """Let a subject have been routed long ago."""
        long_ago = datetime.fromisoformat("2020-01-01T00:00:00+00:00")
        self._routes.setdefault(subject, []).append(RouteChange(subject, region, region, long_ago, long_ago))

    def stored_route(self, subject: Routable) -> Route | None:
        """What the provider would answer now; None where nobody ever set it."""
        history = self._routes.get(subject)
        return self._route(subject, history[-1].region) if history else None

    def effective_region(self, subject: Routable, at: datetime) -> Region:
        """Where a call would go at that moment: the last change that has reached the edges, us1 if none has."""
        for change in reversed(self._routes.get(subject, [])):
            if change.effective_at <= at:
                return change.region
        return US1

    def write_route(self, subject: Routable, region: Region, *, via: Region, now: datetime) -> Route:
        """Store a route and let it take effect after the propagation."""
        wait_s = self.propagation_s if isinstance(self.propagation_s, int | float) else self.propagation_s()
        before = self._routes.get(subject, [])
        # A change never overtakes the one before it.
        effective_at = max([now + timedelta(seconds=wait_s), *(change.effective_at for change in before[-1:])])
        change = RouteChange(subject, region, via, now, effective_at)
        self._routes.setdefault(subject, []).append(change)
        self.changes.append(change)
        return self._route(subject, region)

    def history(self, subject: Routable) -> Sequence[RouteChange]:
        """Every change of a subject's route in order, the first perhaps from long ago."""
        return tuple(self._routes.get(subject, []))

    def _route(self, subject: Routable, region: Region) -> Route:
        sid = self._route_sids.get(subject)
        if sid is None:
            sid = self._route_sids[subject] = self.new_sid("QQ")
        return Route(subject, region, sid)

    # Calls

    def place_call(self, from_: str, to: str, *, now: datetime) -> tuple[Region, CallRecord | None]:
        """A caller dials one of the account's numbers. Gives the Region it arrived in and its line in the log there.

        Raises:
            KeyError: If the number is not the account's.
        """
        if E164(to) not in self._numbers:
            raise KeyError(f"{to} is not a number of {self.account_sid}")
        region = self.effective_region(Routable("number", to), now)
        call = InboundCall(from_, to, region, self._has_handler(region, E164(to)), now)
        status = self.outcome(call)
        if status is None:
            return region, None
        return region, self.log_call(region, from_, to, status=status, direction="inbound", now=now)

    def log_call(
        self, region: Region, from_: str, to: str, *, status: str, direction: str, now: datetime
    ) -> CallRecord:
        """Put a line into one Region's call log. Like the provider's, it knows whole seconds."""
        record = CallRecord(
            sid=self.new_sid("CA"),
            from_=from_,
            to=to,
            status=status,
            direction=direction,
            started_at=now.replace(microsecond=0),
            duration_s=0,
        )
        self._calls.setdefault(region, []).append(record)
        return record

    def calls_in(self, region: Region) -> list[CallRecord]:
        """A Region's call log, newest first."""
        return list(reversed(self._calls.get(region, [])))

    def alerts_in(self, region: Region) -> list[Alert]:
        """A Region's alerts, newest first."""
        return sorted(self._alerts.get(region, []), key=lambda alert: alert.at, reverse=True)

    def new_sid(self, prefix: str) -> str:
        """The next SID of a kind: two letters and 32 hexadecimal digits."""
        self._sids[prefix] += 1
        return f"{prefix}{self._sids[prefix]:032x}"

    def _has_handler(self, region: Region, e164: E164) -> bool:
        """True if somebody answers the number there: its trunk, else its application, else its URL."""
        number = self._estate.one(region, "number", self._numbers[e164][0])
        if number is None:
            return False
        if trunk_sid := number.fields["trunk_sid"]:
            urls = self._estate.every(region, "origination-url", str(trunk_sid))
            there = self._estate.one(region, "trunk", str(trunk_sid)) is not None
            return there and any(url.fields["enabled"] for url in urls)
        if application_sid := number.fields["voice_application_sid"]:
            application = self._estate.one(region, "application", str(application_sid))
            return application is not None and application.fields["voice_url"] is not None
        return number.fields["voice_url"] is not None


_UNCONFIGURED = Resource("number", "", None, {field.name: field.default for field in KINDS["number"].fields})
"""A number in a Region where nobody ever configured it."""


def _kept_call(region: Region, call: CallRecord) -> Kept:
    return Kept(
        kind="call",
        sid=call.sid,
        at=call.started_at,
        url=f"https://{region}.example/Calls/{call.sid}.json",
        raw=msgspec.json.encode(call),
        from_=call.from_,
        to=call.to,
        status=call.status,
        direction=call.direction,
        parent_sid=call.parent_sid or "",
    )
