"""The twin's whole state, as plain values. Whoever changes it is told the time; nothing here reads a clock.

One account. Each Region has its own store (keys, voice configuration, applications, trunks, SIP domains, calls,
alerts); numbers and routes are global (https://www.twilio.com/docs/global-infrastructure/understanding-twilio-regions).
Ids are minted from the seed and a counter, and so is chance, so two worlds with one seed that are told the same things
are equal to the byte.

Times are seconds since the epoch as float, UTC: what the clock said when something was told to the world.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Literal

from voicedr.twin.world.account_settings import Settings as Settings
from voicedr.twin.world.holdings import Holdings
from voicedr.twin.world.meetings import Conference as Conference
from voicedr.twin.world.meetings import Participant as Participant
from voicedr.twin.world.meetings import Queue as Queue
from voicedr.twin.world.meetings import QueueMember as QueueMember
from voicedr.twin.world.meetings import Recording as Recording
from voicedr.twin.world.permissions import Annotation, AuditEvent, CallerId, DialingPermission
from voicedr.twin.world.sip_lists import CredentialList, IpAccessControlList
from voicedr.twin.world.webhook_configuration import WebhookConfiguration

REGIONS: dict[str, str] = {"us1": "ashburn", "ie1": "dublin", "au1": "sydney"}
"""Processing Regions and the edge that is named with each in a host."""

EDGES: tuple[str, ...] = (
    "ashburn", "umatilla", "dublin", "frankfurt", "sydney", "singapore", "tokyo", "sao-paulo",
)  # fmt: skip

RouteKind = Literal["PhoneNumbers", "Trunks", "SipDomains"]


@dataclass(slots=True)
class Voice:
    """Who answers: URLs as the provider stores them. Empty means not set."""

    voice_url: str = ""
    voice_method: str = "POST"
    voice_fallback_url: str = ""
    voice_fallback_method: str = "POST"
    status_callback: str = ""
    status_callback_method: str = "POST"


@dataclass(slots=True)
class NumberVoice:
    """A number's configuration in one Region."""

    voice: Voice = field(default_factory=Voice)
    voice_application_sid: str = ""
    trunk_sid: str = ""
    voice_caller_id_lookup: bool = False
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"
    updated_at: float = 0.0
    sms_application_sid: str = ""
    """Overrides every ``sms_*`` of the number."""


@dataclass(slots=True)
class Number:
    """A number the account owns, in every Region the same."""

    sid: str
    e164: str
    friendly_name: str
    created_at: float
    address_sid: str = ""
    bundle_sid: str = ""


@dataclass(slots=True)
class RouteChange:
    """One write to a route. Edges follow at ``effective_at``; until then they use the one before."""

    at: float
    region: str
    effective_at: float
    via: str


@dataclass(slots=True)
class RouteEntry:
    """A route and everything that was ever written to it."""

    sid: str
    kind: RouteKind
    name: str
    friendly_name: str
    created_at: float
    changes: list[RouteChange] = field(default_factory=list)

    def stored(self) -> str:
        """The Region that a GET shows."""
        return self.changes[-1].region if self.changes else "us1"

    def effective(self, now: float) -> str:
        """The Region that the edges use now: the newest write that has arrived, us1 before the first."""
        arrived = [change for change in self.changes if change.effective_at <= now]
        return max(arrived, key=lambda change: change.at).region if arrived else "us1"


@dataclass(slots=True)
class Application:
    """A TwiML App."""

    sid: str
    friendly_name: str
    voice: Voice
    created_at: float
    updated_at: float
    sms_url: str = ""
    sms_method: str = "POST"
    sms_fallback_url: str = ""
    sms_fallback_method: str = "POST"


@dataclass(slots=True)
class OriginationUrl:
    """One place a trunk's calls go to."""

    sid: str
    sip_url: str
    priority: int
    weight: int
    enabled: bool
    friendly_name: str
    created_at: float
    updated_at: float


@dataclass(slots=True)
class Trunk:
    """An Elastic SIP trunk."""

    sid: str
    friendly_name: str
    domain_name: str
    disaster_recovery_url: str
    disaster_recovery_method: str
    secure: bool
    auth_type: str
    created_at: float
    updated_at: float
    origination_urls: dict[str, OriginationUrl] = field(default_factory=dict)
    ip_access_control_lists: dict[str, float] = field(default_factory=dict)
    """The lists that are mapped to it, by SID, and when each was mapped. ``auth_type`` follows from them."""
    credential_lists: dict[str, float] = field(default_factory=dict)
    recording_mode: str = "do-not-record"
    recording_trim: str = "do-not-trim"
    transfer_mode: str = "disable-all"
    transfer_caller_id: str = "from-transferee"
    cnam_lookup_enabled: bool = False


@dataclass(slots=True)
class SipDomain:
    """A SIP domain."""

    sid: str
    domain_name: str
    friendly_name: str
    voice: Voice
    auth_type: str
    sip_registration: bool
    secure: bool
    created_at: float
    updated_at: float
    ip_access_control_lists: dict[str, float] = field(default_factory=dict)
    """The lists that are mapped to its calls, by SID, and when each was mapped. ``auth_type`` follows from them."""
    credential_lists: dict[str, float] = field(default_factory=dict)
    registration_credential_lists: dict[str, float] = field(default_factory=dict)
    """The lists that may register. They are no part of ``auth_type``."""


@dataclass(slots=True)
class Key:
    """An API key of one Region."""

    sid: str
    secret: str
    friendly_name: str
    created_at: float
    updated_at: float
    revoked: bool = False
    policy: str = ""
    """A restricted key's policy, as JSON."""


@dataclass(slots=True)
class WebExchange:
    """One attempt at one URL.

    Attributes:
        at: When it was begun, seconds since the epoch.
        url: Without fragment and credentials; the parameters of a GET are not in it.
        edge: The edge it left through.
        attempt: 1 for the first attempt at this URL, 2 for the first retry.
        status: The status of the response; 0 if none came.
        failure: How it broke, a ``Failure``; empty if a response came.
        seconds: How long it took.
    """

    at: float
    url: str
    method: str
    edge: str
    attempt: int
    status: int
    failure: str
    seconds: float


@dataclass(slots=True)
class Call:
    """A line of a Region's call log. ``status`` is the Call resource's enum."""

    sid: str
    from_: str
    to: str
    direction: str
    status: str
    created_at: float
    started_at: float | None = None
    ended_at: float | None = None
    answered_at: float | None = None
    parent_sid: str = ""
    phone_number_sid: str = ""
    trunk_sid: str = ""
    queue_time_ms: int = 0
    forwarded_from: str = ""
    caller_name: str = ""
    exchanges: list[WebExchange] = field(default_factory=list)
    """What its webhooks were answered, attempt by attempt; those of the legs it dialled are here too."""
    custom_parameters: dict[str, str] = field(default_factory=dict)
    """What a Client noun gave the client that was dialled."""


@dataclass(slots=True)
class Message:
    """A text message that came in.

    ``outcome`` is one of: ``answered`` (the application's TwiML ran), ``answered-by-fallback``, ``failed`` (neither
    gave TwiML), ``no-handler`` (nobody is asked), ``not-ours`` (no number of the account), ``not-taken`` (the Region is
    down); empty while it is dealt with.
    """

    sid: str
    from_: str
    to: str
    body: str
    received_at: float
    region: str
    outcome: str = ""
    replies: list[str] = field(default_factory=list)
    """What the application sends back, text by text."""
    exchanges: list[WebExchange] = field(default_factory=list)


@dataclass(slots=True)
class Alert:
    """A line of a Region's alert feed."""

    sid: str
    error_code: str
    log_level: Literal["error", "warning", "notice", "debug"]
    resource_sid: str
    request_url: str
    request_method: str
    alert_text: str
    at: float
    request_variables: str = ""
    response_headers: str = ""
    response_body: str = ""


@dataclass(slots=True)
class RegionStore:
    """Everything that one Region holds and no other sees."""

    region: str
    auth_token: str
    keys: dict[str, Key] = field(default_factory=dict)
    numbers: dict[str, NumberVoice] = field(default_factory=dict)
    """By number SID. A number that was never configured here has no entry: nobody answers."""
    applications: dict[str, Application] = field(default_factory=dict)
    trunks: dict[str, Trunk] = field(default_factory=dict)
    sip_domains: dict[str, SipDomain] = field(default_factory=dict)
    calls: dict[str, Call] = field(default_factory=dict)
    alerts: list[Alert] = field(default_factory=list)
    messages: dict[str, Message] = field(default_factory=dict)
    conferences: dict[str, Conference] = field(default_factory=dict)
    """By SID, also those that are over."""
    queues: dict[str, Queue] = field(default_factory=dict)
    recordings: dict[str, Recording] = field(default_factory=dict)
    ip_access_control_lists: dict[str, IpAccessControlList] = field(default_factory=dict)
    credential_lists: dict[str, CredentialList] = field(default_factory=dict)
    caller_ids: dict[str, CallerId] = field(default_factory=dict)
    """Verified caller ids: in us1 only, where alone they exist."""
    dialing_permissions: dict[str, DialingPermission] = field(default_factory=dict)
    """What was changed, by country. They are the account's; us1's store holds them."""
    dialing_permissions_inherited: bool = False
    insights_advanced: bool = True
    insights_trace: bool = False
    annotations: dict[str, Annotation] = field(default_factory=dict)
    """By call SID, in us1 only."""
    audit: list[AuditEvent] = field(default_factory=list)
    audited: int = 0
    """How many audit events there were, also those that are not kept any more."""
    secondary_auth_token: str = ""
    """Lets a client in like the primary one, and signs nothing. Empty if there is none."""
    webhook_configuration: WebhookConfiguration = field(default_factory=WebhookConfiguration)
    holdings: Holdings = field(default_factory=Holdings)


@dataclass(slots=True)
class Fault:
    """Something that is broken now. ``fault`` names a module of ``twin/faults``."""

    id: str
    fault: str
    params: dict[str, Any]
    since: float
    until: float | None = None
    memory: dict[str, Any] = field(default_factory=dict)
    """What it has to remember: what it took away, so that it can be put back."""


@dataclass(slots=True)
class Party:
    """Somebody who can be dialled outside: a number, a SIP address, a client. Unknown ones answer after 1 s."""

    answers: bool = True
    after_s: float = 1.0
    busy: bool = False
    talks_s: float = 10.0
    sip_code: int = 200


@dataclass(slots=True)
class Heard:
    """One stretch of what a caller experienced. ``at_s`` and ``for_s`` count from the moment of dialling."""

    at_s: float
    for_s: float
    what: str
    detail: str = ""


@dataclass(slots=True)
class NetworkCall:
    """A call as the public network saw it, from dialling to hanging up, whichever Region (if any) took it.

    ``outcome`` is one of: ``served`` (the application's TwiML ran), ``error-message`` (the prerecorded one),
    ``not-connected`` (refused at the edge: no handler, no log), ``silence`` (nobody took it), ``rejected``, ``busy``,
    ``no-answer``, ``failed``; empty while the call lasts.
    """

    id: str
    from_: str
    to: str
    dialled_at: float
    region: str = ""
    call_sid: str = ""
    outcome: str = ""
    ended_at: float | None = None
    heard: list[Heard] = field(default_factory=list)
    synthetic: bool = False


@dataclass
class World:
    """All of it."""

    account_sid: str
    seed: int
    regions: dict[str, RegionStore]
    numbers: dict[str, Number] = field(default_factory=dict)
    """By E.164."""
    routes: dict[tuple[RouteKind, str], RouteEntry] = field(default_factory=dict)
    settings: Settings = field(default_factory=Settings)
    faults: dict[str, Fault] = field(default_factory=dict)
    parties: dict[str, Party] = field(default_factory=dict)
    network_calls: dict[str, NetworkCall] = field(default_factory=dict)
    requests: dict[str, int] = field(default_factory=dict)
    """Provider API requests that arrived, by host, answered or not. A request to a dead Region counts too."""
    drawn: int = 0
    sids: dict[str, str] = field(default_factory=dict, compare=False, repr=False)
    """E.164 by number SID, made when it is asked for. It follows from ``numbers`` and is not saved."""

    def number(self, sid: str) -> Number | None:
        """The number with this SID, or None."""
        found = self.numbers.get(self.sids.get(sid, ""))
        if found is None or found.sid != sid:
            if len(self.sids) == len(self.numbers):
                return None
            self.sids = {number.sid: e164 for e164, number in self.numbers.items()}
            found = self.numbers.get(self.sids.get(sid, ""))
        return found

    def draw(self) -> float:
        """A number in [0, 1): the next of this seed."""
        self.drawn += 1
        digest = hashlib.blake2b(f"{self.seed}:{self.drawn}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64

    def mint(self, prefix: str) -> str:
        """A new id: two letters and 32 hex digits."""
        self.drawn += 1
        return prefix + hashlib.blake2b(f"{self.seed}:{prefix}:{self.drawn}".encode(), digest_size=16).hexdigest()
