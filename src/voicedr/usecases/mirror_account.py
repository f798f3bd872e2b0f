"""What a real account has, as an account file of the twin. It is only read: nothing at the provider changes.

Keys and tokens are not read, so the twin makes its own. URLs may hold secrets, and those are replaced: a password
before the host, and query values whose name says that they are one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from voicedr.ports.provider import RegionalProvider
from voicedr.program.readiness.resources import Application, NumberConfig, Routable, SipDomain, Trunk, VoiceHandler
from voicedr.program.vocabulary import Region

REPLACED = "replaced"
"""What stands where a secret stood."""

_SECRET = re.compile(r"token|secret|passw|pwd|(^|[_-])(api)?key$|sig(nature)?$|auth", re.IGNORECASE)
_URLS = ("voice_url", "voice_fallback_url", "status_callback")


@dataclass(frozen=True, slots=True)
class Mirror:
    """An account file and what it could not say.

    Attributes:
        document: The account file as values; ``voicedr twin up --account`` reads it as JSON.
        remarks: What is otherwise than at the provider, each in one sentence.
    """

    document: dict[str, Any]
    remarks: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    """What is known so far: names by SID in each Region, and what is to be said."""

    remarks: list[str] = field(default_factory=list)
    applications: dict[tuple[Region, str], str] = field(default_factory=dict)
    trunks: dict[tuple[Region, str], str] = field(default_factory=dict)


async def mirror_account(sid: str, providers: Mapping[Region, RegionalProvider]) -> Mirror:
    """Read everything that calls depend on, in each Region that is given.

    Raises:
        ProviderError: If anything could not be read. A mirror with holes would be taken for the account.
    """
    reading = _Reading()
    document: dict[str, Any] = {"account_sid": sid, "applications": {}, "trunks": {}, "sip_domains": {}, "numbers": []}
    numbers: dict[str, dict[str, Any]] = {}
    for region, provider in providers.items():
        applications = await provider.applications()
        trunks = await provider.trunks()
        domains = await provider.sip_domains()
        _name(reading.applications, region, ((one.sid, one.friendly_name) for one in applications))
        _name(reading.trunks, region, ((one.sid, one.friendly_name or one.domain_name or "") for one in trunks))
        document["applications"][region] = [_application(reading, region, one) for one in applications]
        document["trunks"][region] = [await _trunk(reading, region, provider, one) for one in trunks]
        document["sip_domains"][region] = [await _sip_domain(reading, provider, one) for one in domains]
        for config in await provider.numbers():
            if config.e164 not in numbers:
                numbers[config.e164] = await _number(provider, config)
            voice = _voice(reading, region, config)
            if voice is not None:
                numbers[config.e164]["voice"][region] = voice
    document["numbers"] = list(numbers.values())
    return Mirror(document, tuple(reading.remarks))


def without_secrets(url: str) -> str:
    """The URL with ``replaced`` for a password before the host and for query values that are named like a secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    user, at, host = parts.netloc.rpartition("@")
    netloc = f"{user.partition(':')[0]}:{REPLACED}@{host}" if at and ":" in user else parts.netloc
    fields = parse_qsl(parts.query, keep_blank_values=True)
    query = parts.query
    if any(_SECRET.search(name) for name, _ in fields):
        query = urlencode([(name, REPLACED if _SECRET.search(name) else value) for name, value in fields])
    if (netloc, query) == (parts.netloc, parts.query):
        return url
    return urlunsplit((parts.scheme, netloc, parts.path, query, parts.fragment))


def _name(names: dict[tuple[Region, str], str], region: Region, given: Iterable[tuple[str, str]]) -> None:
    """Give each a name that no other of its Region has: numbers name them by it."""
    taken: set[str] = set()
    for sid, wanted in given:
        name = wanted or sid
        if name in taken:
            name = f"{wanted} {sid}"
        taken.add(name)
        names[(region, sid)] = name


def _application(reading: _Reading, region: Region, one: Application) -> dict[str, Any]:
    return {"friendly_name": reading.applications[(region, one.sid)], **_handler(reading, one.handler)}


async def _trunk(reading: _Reading, region: Region, provider: RegionalProvider, one: Trunk) -> dict[str, Any]:
    made: dict[str, Any] = {
        "friendly_name": reading.trunks[(region, one.sid)],
        "domain_name": one.domain_name,
        "disaster_recovery_url": _said(reading, one.disaster_recovery_url),
        "disaster_recovery_method": one.disaster_recovery_method,
        "auth_type": one.auth_type,
        "origination_urls": [
            {"sip_url": url.sip_url, "priority": url.priority, "weight": url.weight, "enabled": url.enabled}
            for url in one.origination_urls
        ],
    }
    if one.domain_name:
        made["route"] = await _route(provider, Routable("trunk", one.domain_name))
    return _given(made)


async def _sip_domain(reading: _Reading, provider: RegionalProvider, one: SipDomain) -> dict[str, Any]:
    return _given(
        {
            "domain_name": one.domain_name,
            "friendly_name": one.friendly_name,
            "auth_type": one.auth_type,
            "route": await _route(provider, Routable("sip-domain", one.domain_name)),
            **_handler(reading, one.handler),
        }
    )


async def _number(provider: RegionalProvider, config: NumberConfig) -> dict[str, Any]:
    route = await _route(provider, Routable("number", config.e164))
    return _given({"e164": config.e164, "friendly_name": config.friendly_name, "route": route, "voice": {}})


async def _route(provider: RegionalProvider, subject: Routable) -> str | None:
    route = await provider.route(subject)
    return None if route is None else route.region


def _voice(reading: _Reading, region: Region, config: NumberConfig) -> dict[str, Any] | None:
    """A number's configuration in a Region; None if nothing answers it there."""
    voice = _handler(reading, config.handler)
    if config.trunk_sid is not None:
        return _naming(reading, region, config, "trunk", config.trunk_sid, reading.trunks, voice)
    if config.voice_application_sid is not None:
        sid = config.voice_application_sid
        return _naming(reading, region, config, "application", sid, reading.applications, voice)
    return voice if any(name in voice for name in _URLS) else None


def _naming(
    reading: _Reading,
    region: Region,
    config: NumberConfig,
    what: str,
    sid: str,
    names: Mapping[tuple[Region, str], str],
    voice: dict[str, Any],
) -> dict[str, Any] | None:
    name = names.get((region, sid))
    if name is None:
        reading.remarks.append(
            f"{config.e164} names {what} {sid} in {region}, and {region} does not have it: nobody answers there. "
            "The mirror leaves the number unconfigured in that Region, which is the same to a caller."
        )
        return None
    return {**voice, what: name}


def _handler(reading: _Reading, handler: VoiceHandler) -> dict[str, Any]:
    """The URLs that are set, each with its method."""
    methods = (handler.voice_method, handler.voice_fallback_method, handler.status_callback_method)
    urls = (handler.voice_url, handler.voice_fallback_url, handler.status_callback)
    made: dict[str, Any] = {}
    for name, url, method in zip(_URLS, urls, methods, strict=True):
        if url:
            made[name] = _said(reading, url)
            made[name.removesuffix("_url") + "_method"] = method
    return made


def _said(reading: _Reading, url: str | None) -> str | None:
    if not url:
        return None
    said = without_secrets(url)
    if said != url:
        remark = f"A secret in a URL of {urlsplit(said).hostname} was replaced; put one there that is for the twin."
        if remark not in reading.remarks:
            reading.remarks.append(remark)
    return said


def _given(made: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in made.items() if value is not None}


def counts(document: Mapping[str, Any]) -> str:
    """What a mirror holds, in one line."""

    def every(key: str) -> int:
        kept: Mapping[str, Sequence[Any]] = document[key]
        return sum(len(one) for one in kept.values())

    return (
        f"{len(document['numbers'])} numbers, {every('applications')} applications, {every('trunks')} trunks, "
        f"{every('sip_domains')} SIP domains"
    )
