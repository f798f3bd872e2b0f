"""What an account holds, as values: numbers, applications, trunks, SIP domains, routes, calls, alerts.

Empty and absent are the same here: the provider answers ``null`` or ``""`` for a field that is not set, mixed
(regions and API reference, IncomingPhoneNumbers), so both become None.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from voicedr.program.vocabulary import E164, Region


class VoiceHandler(msgspec.Struct, frozen=True):
    """Who answers a call: the URLs of a number, of an application, or of a SIP domain, in one Region."""

    voice_url: str | None = None
    voice_method: str = "POST"
    voice_fallback_url: str | None = None
    voice_fallback_method: str = "POST"
    status_callback: str | None = None
    status_callback_method: str = "POST"


class NumberConfig(msgspec.Struct, frozen=True):
    """A number's voice configuration in one Region. The number itself is the same in all of them.

    ``trunk_sid`` overrides applications and URLs; ``voice_application_sid`` overrides URLs.
    """

    e164: E164
    sid: str
    friendly_name: str | None
    handler: VoiceHandler
    voice_application_sid: str | None = None
    trunk_sid: str | None = None


class Application(msgspec.Struct, frozen=True):
    """A TwiML App of one Region. Its SID differs from Region to Region; its friendly name is what they share."""

    sid: str
    friendly_name: str
    handler: VoiceHandler


class OriginationUrl(msgspec.Struct, frozen=True):
    """Where a trunk's calls go: the lowest priority first, then by weight."""

    sid: str
    sip_url: str
    priority: int
    weight: int
    enabled: bool


class Trunk(msgspec.Struct, frozen=True):
    """An Elastic SIP trunk of one Region with its origination URIs."""

    sid: str
    friendly_name: str | None
    domain_name: str | None
    disaster_recovery_url: str | None
    disaster_recovery_method: str
    auth_type: str | None
    origination_urls: tuple[OriginationUrl, ...] = ()


class SipDomain(msgspec.Struct, frozen=True):
    """A SIP domain of one Region. Empty ``auth_type`` means that it gets no traffic."""

    sid: str
    domain_name: str
    friendly_name: str | None
    handler: VoiceHandler
    auth_type: str | None


class Routable(msgspec.Struct, frozen=True, order=True):
    """Something that has a route: a number, a trunk's termination domain, a SIP domain."""

    kind: Literal["number", "trunk", "sip-domain"]
    name: str

    @property
    def key(self) -> str:
        """The subject as one word for tables: ``"number +14155550100"``."""
        return f"{self.kind} {self.name}"

    def __str__(self) -> str:
        return self.name


class Route(msgspec.Struct, frozen=True):
    """The provider's routing entry, as it answered. Where it has none (404), the Region is us1 by rule."""

    subject: Routable
    region: Region
    sid: str | None = None
    friendly_name: str | None = None


class CallRecord(msgspec.Struct, frozen=True):
    """One line of a Region's call log."""

    sid: str
    from_: str
    to: str
    status: str
    direction: str
    started_at: datetime | None
    duration_s: int | None
    parent_sid: str | None = None


class Alert(msgspec.Struct, frozen=True):
    """One line of a Region's alert feed. ``resource_sid`` is usually the call."""

    sid: str
    error_code: int | None
    log_level: str
    resource_sid: str | None
    request_url: str | None
    text: str | None
    at: datetime


class Hop(msgspec.Struct, frozen=True):
    """A redirect that a webhook answered with: its status, and the host that it led to."""

    status: int
    host: str


class WebhookAnswer(msgspec.Struct, frozen=True):
    """What a webhook said to a test request. ``problem`` is None if it was valid TwiML within the budget.

    Attributes:
        hops: The redirects before the answer, in order.
        needs: The hosts that the document goes on with: where it redirects, plays from, or asks next.
        signed_as: The Region whose Auth Token signed the request; None: it was not signed.
        told: Whether the request said what had failed (ErrorCode, ErrorUrl), as one to a fallback does.
    """

    url: str
    status: int | None
    seconds: float
    verbs: tuple[str, ...] = ()
    problem: str | None = None
    hops: tuple[Hop, ...] = ()
    needs: tuple[str, ...] = ()
    signed_as: Region | None = None
    told: bool = False
