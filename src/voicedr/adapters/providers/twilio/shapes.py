"""The provider's JSON as far as we need it, and what we make of it.

Everything is nullable in the provider's own OpenAPI files, and a field that is not set comes as ``null`` or as ``""``,
mixed; both are None here. Only what identifies a thing must be there. Unknown fields are passed over.

Sources: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource, …/docs/usage/api/applications,
…/docs/sip-trunking/api/trunk-resource, …/docs/voice/sip/api/sip-domain-resource, …/docs/voice/api/call-resource,
…/docs/usage/monitor-alert, …/docs/global-infrastructure/inbound-processing-api (read 2026-11-21).
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from voicedr.program.readiness.resources import (
    Alert,
    Application,
    CallRecord,
    NumberConfig,
    OriginationUrl,
    Routable,
    Route,
    SipDomain,
    Trunk,
    VoiceHandler,
)
from voicedr.program.vocabulary import E164, Region


class ShapeError(ValueError):
    """What came is not what the provider documents."""


_RFC_2822_LENGTH = len("Fri, 20 Aug 2010 01:13:42 +0000")
_MONTHS = {
    name: number
    for number, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), start=1)  # noqa: SIM905
}


def present(text: str | None) -> str | None:
    """The text, or None where it is absent or empty."""
    return text or None


def moment(text: str | None) -> datetime | None:
    """A date of either family (RFC 2822 in the 2010 API, ISO 8601 in the others) as aware UTC; None if there is none.

    Raises:
        ShapeError: If it is neither.
    """
    if not text:
        return None
    if len(text) == _RFC_2822_LENGTH and text.endswith(" +0000"):
        # Call logs are long and read often; this is the form in which the provider writes every date of theirs.
        try:
            day, month, year = int(text[5:7]), _MONTHS[text[8:11]], int(text[12:16])
            return datetime(year, month, day, int(text[17:19]), int(text[20:22]), int(text[23:25]), tzinfo=UTC)
        except (ValueError, KeyError) as exc:
            raise ShapeError(f"{text[:60]!r} is not a date") from exc
    try:
        when = datetime.fromisoformat(text) if text[0].isdigit() else parsedate_to_datetime(text)
    except ValueError as exc:
        raise ShapeError(f"{text[:60]!r} is not a date") from exc
    return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)


class NumberShape(msgspec.Struct):
    """An item of ``incoming_phone_numbers``."""

    sid: str
    phone_number: str
    friendly_name: str | None = None
    voice_url: str | None = None
    voice_method: str | None = None
    voice_fallback_url: str | None = None
    voice_fallback_method: str | None = None
    status_callback: str | None = None
    status_callback_method: str | None = None
    voice_application_sid: str | None = None
    trunk_sid: str | None = None

    def value(self) -> NumberConfig:
        """As the program knows it."""
        return NumberConfig(
            e164=E164(self.phone_number),
            sid=self.sid,
            friendly_name=present(self.friendly_name),
            handler=_handler(self, self.status_callback, self.status_callback_method),
            voice_application_sid=present(self.voice_application_sid),
            trunk_sid=present(self.trunk_sid),
        )


class ApplicationShape(msgspec.Struct):
    """An item of ``applications``."""

    sid: str
    friendly_name: str | None = None
    voice_url: str | None = None
    voice_method: str | None = None
    voice_fallback_url: str | None = None
    voice_fallback_method: str | None = None
    status_callback: str | None = None
    status_callback_method: str | None = None

    def value(self) -> Application:
        """As the program knows it. An application without a name matches none in the other Region."""
        handler = _handler(self, self.status_callback, self.status_callback_method)
        return Application(self.sid, self.friendly_name or "", handler)


class SipDomainShape(msgspec.Struct):
    """An item of ``domains``."""

    sid: str
    domain_name: str
    friendly_name: str | None = None
    voice_url: str | None = None
    voice_method: str | None = None
    voice_fallback_url: str | None = None
    voice_fallback_method: str | None = None
    voice_status_callback_url: str | None = None
    voice_status_callback_method: str | None = None
    auth_type: str | None = None

    def value(self) -> SipDomain:
        """As the program knows it."""
        return SipDomain(
            sid=self.sid,
            domain_name=self.domain_name,
            friendly_name=present(self.friendly_name),
            handler=_handler(self, self.voice_status_callback_url, self.voice_status_callback_method),
            auth_type=present(self.auth_type),
        )


class OriginationUrlShape(msgspec.Struct):
    """An item of ``origination_urls``."""

    sid: str
    sip_url: str
    priority: int
    weight: int
    enabled: bool

    def value(self) -> OriginationUrl:
        """As the program knows it."""
        return OriginationUrl(self.sid, self.sip_url, self.priority, self.weight, self.enabled)


class TrunkShape(msgspec.Struct):
    """An item of ``trunks``. Its origination URLs are read from a list of their own."""

    sid: str
    friendly_name: str | None = None
    domain_name: str | None = None
    disaster_recovery_url: str | None = None
    disaster_recovery_method: str | None = None
    auth_type: str | None = None

    def value(self, origination_urls: tuple[OriginationUrl, ...]) -> Trunk:
        """As the program knows it."""
        return Trunk(
            sid=self.sid,
            friendly_name=present(self.friendly_name),
            domain_name=present(self.domain_name),
            disaster_recovery_url=present(self.disaster_recovery_url),
            disaster_recovery_method=self.disaster_recovery_method or "POST",
            auth_type=present(self.auth_type),
            origination_urls=origination_urls,
        )


class RouteShape(msgspec.Struct):
    """A route (``routes`` v2) of any of the three kinds; the one name that is there is the subject's."""

    voice_region: str | None = None
    sid: str | None = None
    friendly_name: str | None = None
    phone_number: str | None = None
    sip_domain: str | None = None
    sip_trunk_domain: str | None = None

    def value(self, subject: Routable) -> Route:
        """As the program knows it.

        Raises:
            ShapeError: If it names no Region, or is about something else.
        """
        named = self.phone_number or self.sip_domain or self.sip_trunk_domain
        if named is not None and named.lower() != subject.name.lower():
            raise ShapeError(f"the route is about {named[:80]!r}")
        if not self.voice_region:
            raise ShapeError("the route names no voice_region")
        return Route(subject, Region(self.voice_region), present(self.sid), present(self.friendly_name))


class CallShape(msgspec.Struct):
    """An item of ``calls``. Durations are strings."""

    sid: str
    status: str
    direction: str | None = None
    from_: str | None = msgspec.field(default=None, name="from")
    to: str | None = None
    start_time: str | None = None
    duration: str | int | None = None
    parent_call_sid: str | None = None

    def value(self) -> CallRecord:
        """As the program knows it.

        Raises:
            ShapeError: If a date or the duration cannot be read.
        """
        duration = str(self.duration or "0")
        if not duration.isdecimal():
            raise ShapeError(f"the duration {duration[:20]!r} is not a number of seconds")
        return CallRecord(
            sid=self.sid,
            from_=self.from_ or "",
            to=self.to or "",
            status=self.status,
            direction=self.direction or "",
            started_at=moment(self.start_time),
            duration_s=None if self.duration in (None, "") else int(duration),
            parent_sid=present(self.parent_call_sid),
        )


class AlertShape(msgspec.Struct):
    """An item of ``alerts``. The error code is a string."""

    sid: str
    log_level: str
    error_code: str | int | None = None
    resource_sid: str | None = None
    request_url: str | None = None
    alert_text: str | None = None
    date_generated: str | None = None
    date_created: str | None = None

    def value(self) -> Alert:
        """As the program knows it.

        Raises:
            ShapeError: If it has no date.
        """
        at = moment(self.date_generated) or moment(self.date_created)
        if at is None:
            raise ShapeError(f"the alert {self.sid} has no date")
        code = str(self.error_code or "")
        return Alert(
            sid=self.sid,
            error_code=int(code) if code.isdecimal() else None,
            log_level=self.log_level,
            resource_sid=present(self.resource_sid),
            request_url=present(self.request_url),
            text=present(self.alert_text),
            at=at,
        )


class PlacedCallShape(msgspec.Struct):
    """The answer to ``POST Calls.json``."""

    sid: str


class ErrorShape(msgspec.Struct):
    """The body of an error; ``code`` may be absent (https://www.twilio.com/docs/usage/twilios-response)."""

    code: int | str | None = None
    message: str | None = None


def _handler(
    shape: NumberShape | ApplicationShape | SipDomainShape, status_callback: str | None, method: str | None
) -> VoiceHandler:
    return VoiceHandler(
        voice_url=present(shape.voice_url),
        voice_method=shape.voice_method or "POST",
        voice_fallback_url=present(shape.voice_fallback_url),
        voice_fallback_method=shape.voice_fallback_method or "POST",
        status_callback=present(status_callback),
        status_callback_method=method or "POST",
    )
