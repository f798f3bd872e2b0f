"""A provider account held in memory: what every Region has of it, its routes with their history, and its call logs.

It knows the rules that a program can trip over: a route is stored at once and takes effect later, a number nobody ever
routed is in us1, and a number without a handler in its Region is refused at the edge and leaves no line in any log
(https://www.twilio.com/docs/global-infrastructure/inbound-call-processing).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import msgspec

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
from voicedr.program.reconciliation.kept import Kept, KeptKind
from voicedr.program.vocabulary import E164, US1, Region


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
        self._sids: Counter[str] = Counter()
        self._numbers: dict[E164, tuple[str, str | None]] = {}
        self._configs: dict[tuple[Region, E164], NumberConfig] = {}
        self._applications: dict[Region, dict[str, Application]] = {}
        self._trunks: dict[Region, dict[str, Trunk]] = {}
        self._sip_domains: dict[Region, dict[str, SipDomain]] = {}
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
        self._configs[region, E164(e164)] = NumberConfig(
            E164(e164), sid, friendly_name, handler or VoiceHandler(), application_sid, trunk_sid
        )

    def add_application(self, region: Region, friendly_name: str, handler: VoiceHandler) -> Application:
        """Put a TwiML App into one Region."""
        application = Application(self.new_sid("AP"), friendly_name, handler)
        self._applications.setdefault(region, {})[application.sid] = application
        return application

    def add_trunk(self, region: Region, trunk: Trunk, *, route: Region | None = None) -> Trunk:
        """Put a trunk into one Region. An empty ``sid`` is filled in."""
        trunk = trunk if trunk.sid else msgspec.structs.replace(trunk, sid=self.new_sid("TK"))
        self._trunks.setdefault(region, {})[trunk.sid] = trunk
        if route is not None and trunk.domain_name:
            self.seed_route(Routable("trunk", trunk.domain_name), route)
        return trunk

    def add_sip_domain(self, region: Region, domain: SipDomain, *, route: Region | None = None) -> SipDomain:
        """Put a SIP domain into one Region. An empty ``sid`` is filled in."""
        domain = domain if domain.sid else msgspec.structs.replace(domain, sid=self.new_sid("SD"))
        self._sip_domains.setdefault(region, {})[domain.sid] = domain
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
        return [
            self._configs.get((region, e164), NumberConfig(e164, sid, name, VoiceHandler()))
            for e164, (sid, name) in self._numbers.items()
        ]

    def applications_in(self, region: Region) -> list[Application]:
        """The TwiML Apps of a Region."""
        return list(self._applications.get(region, {}).values())

    def trunks_in(self, region: Region) -> list[Trunk]:
        """The trunks of a Region."""
        return list(self._trunks.get(region, {}).values())

    def sip_domains_in(self, region: Region) -> list[SipDomain]:
        """The SIP domains of a Region."""
        return list(self._sip_domains.get(region, {}).values())

    # Routes

    def owns(self, subject: Routable) -> bool:
        """True if the subject is this account's."""
        match subject.kind:
            case "number":
                return E164(subject.name) in self._numbers
            case "trunk":
                return any(t.domain_name == subject.name for has in self._trunks.values() for t in has.values())
            case "sip-domain":
                return any(d.domain_name == subject.name for has in self._sip_domains.values() for d in has.values())

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
        config = self._configs.get((region, e164))
        if config is None:
            return False
        if config.trunk_sid:
            trunk = self._trunks.get(region, {}).get(config.trunk_sid)
            return trunk is not None and any(url.enabled for url in trunk.origination_urls)
        if config.voice_application_sid:
            application = self._applications.get(region, {}).get(config.voice_application_sid)
            return application is not None and application.handler.voice_url is not None
        return config.handler.voice_url is not None


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
