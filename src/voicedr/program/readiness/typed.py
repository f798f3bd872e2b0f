"""The resources that calls depend on, as values with names of their own: the same reading, seen twice and read once."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.kinds import Resource, Value
from voicedr.program.readiness.resources import (
    Application,
    NumberConfig,
    OriginationUrl,
    SipDomain,
    Trunk,
    VoiceHandler,
)
from voicedr.program.vocabulary import E164

Every = Fact[tuple[Resource, ...]]
"""All of one kind in one Region."""


def number_of(resource: Resource) -> NumberConfig:
    """A ``number``."""
    fields = resource.fields
    return NumberConfig(
        e164=E164(_text(fields, "phone_number") or ""),
        sid=resource.sid,
        friendly_name=_text(fields, "friendly_name"),
        handler=_handler(fields, "status_callback", "status_callback_method"),
        voice_application_sid=_text(fields, "voice_application_sid"),
        trunk_sid=_text(fields, "trunk_sid"),
    )


def application_of(resource: Resource) -> Application:
    """An ``application``. One without a name matches none in the other Region."""
    fields = resource.fields
    handler = _handler(fields, "status_callback", "status_callback_method")
    return Application(resource.sid, _text(fields, "friendly_name") or "", handler)


def trunk_of(resource: Resource, origination: Iterable[Resource] = ()) -> Trunk:
    """A ``trunk`` with its origination URIs.

    Args:
        resource: The trunk.
        origination: ``origination-url`` resources, also of other trunks.
    """
    fields = resource.fields
    return Trunk(
        sid=resource.sid,
        friendly_name=_text(fields, "friendly_name"),
        domain_name=_text(fields, "domain_name"),
        disaster_recovery_url=_text(fields, "disaster_recovery_url"),
        disaster_recovery_method=_text(fields, "disaster_recovery_method") or "POST",
        auth_type=_text(fields, "auth_type"),
        origination_urls=tuple(origination_url_of(one) for one in origination if one.parent_sid == resource.sid),
    )


def origination_url_of(resource: Resource) -> OriginationUrl:
    """An ``origination-url``. One whose order nobody told comes last and counts least; not told to be on is off."""
    fields = resource.fields
    return OriginationUrl(
        sid=resource.sid,
        sip_url=_text(fields, "sip_url") or "",
        priority=_whole(fields.get("priority"), LAST),
        weight=_whole(fields.get("weight"), 1),
        enabled=fields.get("enabled") is True,
    )


def sip_domain_of(resource: Resource) -> SipDomain:
    """A ``sip-domain``."""
    fields = resource.fields
    return SipDomain(
        sid=resource.sid,
        domain_name=_text(fields, "domain_name") or "",
        friendly_name=_text(fields, "friendly_name"),
        handler=_handler(fields, "voice_status_callback_url", "voice_status_callback_method"),
        auth_type=_text(fields, "auth_type"),
    )


LAST = 65_535
"""The greatest priority (https://www.twilio.com/docs/sip-trunking/api/originationurl-resource, read 2026-11-21)."""


def numbers_seen(numbers: Every) -> Fact[dict[E164, NumberConfig]]:
    """Every ``number`` by its digits."""
    if isinstance(numbers, Unobserved):
        return numbers
    every = [number_of(one) for one in numbers.value]
    return Observed({one.e164: one for one in every}, numbers.at, numbers.source)


def applications_seen(applications: Every) -> Fact[dict[str, Application]]:
    """Every ``application`` by its SID."""
    if isinstance(applications, Unobserved):
        return applications
    value = {one.sid: application_of(one) for one in applications.value}
    return Observed(value, applications.at, applications.source)


def trunks_seen(trunks: Every, origination: Every) -> Fact[tuple[Trunk, ...]]:
    """Every ``trunk`` with where its calls go. Without that, a trunk is not seen."""
    if isinstance(trunks, Unobserved):
        return trunks
    if isinstance(origination, Unobserved):
        return Unobserved(f"their origination URIs: {origination.reason}", origination.refused)
    below: dict[str | None, list[Resource]] = {}
    for one in origination.value:
        below.setdefault(one.parent_sid, []).append(one)
    value = tuple(trunk_of(one, below.get(one.sid, ())) for one in trunks.value)
    return Observed(value, min(trunks.at, origination.at), trunks.source)


def sip_domains_seen(domains: Every) -> Fact[tuple[SipDomain, ...]]:
    """Every ``sip-domain``."""
    if isinstance(domains, Unobserved):
        return domains
    return Observed(tuple(map(sip_domain_of, domains.value)), domains.at, domains.source)


def fields_of(value: NumberConfig | Application | Trunk | SipDomain | OriginationUrl) -> dict[str, Value]:
    """The fields that a typed value tells of its resource: what the functions above read, written back."""
    told: dict[str, Value]
    match value:
        case NumberConfig():
            told = {"phone_number": value.e164, **_handler_fields(value.handler)}
            told |= {"voice_application_sid": value.voice_application_sid, "trunk_sid": value.trunk_sid}
            told["friendly_name"] = value.friendly_name
        case Application():
            told = {"friendly_name": value.friendly_name or None, **_handler_fields(value.handler)}
        case Trunk():
            told = {name: getattr(value, name) for name in _TRUNK}
        case SipDomain():
            told = {"domain_name": value.domain_name, "friendly_name": value.friendly_name}
            told |= {"auth_type": value.auth_type, **_handler_fields(value.handler)}
            told["voice_status_callback_url"] = told.pop("status_callback")
            told["voice_status_callback_method"] = told.pop("status_callback_method")
        case OriginationUrl():
            told = {name: getattr(value, name) for name in ("sip_url", "priority", "weight", "enabled")}
    return told


_TRUNK = ("friendly_name", "domain_name", "disaster_recovery_url", "disaster_recovery_method", "auth_type")


def _handler(fields: dict[str, Value], status_callback: str, status_callback_method: str) -> VoiceHandler:
    return VoiceHandler(
        voice_url=_text(fields, "voice_url"),
        voice_method=_text(fields, "voice_method") or "POST",
        voice_fallback_url=_text(fields, "voice_fallback_url"),
        voice_fallback_method=_text(fields, "voice_fallback_method") or "POST",
        status_callback=_text(fields, status_callback),
        status_callback_method=_text(fields, status_callback_method) or "POST",
    )


def _handler_fields(handler: VoiceHandler) -> dict[str, Value]:
    return {str(name): value for name, value in msgspec.structs.asdict(handler).items()}


def _text(fields: dict[str, Value], name: str) -> str | None:
    value = fields.get(name)
    return None if value is None or value == "" else str(value)


def _whole(value: Value, otherwise: int) -> int:
    if isinstance(value, bool) or value is None:
        return otherwise
    return value if isinstance(value, int) else int(value) if value.isascii() and value.isdigit() else otherwise
