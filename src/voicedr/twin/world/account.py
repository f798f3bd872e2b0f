"""A world from an account file: what the account has, in the words of the provider's resources.

Every mistake in it is found in one reading, and each is told with the path of its key.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from voicedr.twin.world.account_lists import KEYS, guard, read_lists
from voicedr.twin.world.credentials import empty_world
from voicedr.twin.world.findings import Mistake, Mistakes, Reading
from voicedr.twin.world.model import (
    REGIONS,
    Application,
    Key,
    Number,
    NumberVoice,
    OriginationUrl,
    Party,
    RegionStore,
    SipDomain,
    Trunk,
    Voice,
    World,
)
from voicedr.twin.world.routes import settle_route
from voicedr.twin.world.settings import change_settings

__all__ = ["Mistake", "Mistakes", "default_world", "world_from_account"]

_VOICE = (
    "voice_url", "voice_method", "voice_fallback_url", "voice_fallback_method", "status_callback",
    "status_callback_method",
)  # fmt: skip
_SMS = ("sms_url", "sms_method", "sms_fallback_url", "sms_fallback_method")
ORIGINATION_URLS_MAX = 10
"""Origination URLs of a trunk. Source: https://www.twilio.com/docs/api/errors/21249 (read 2026-11-21)."""


def default_world(seed: int, now: float) -> World:
    """An account with ten numbers in us1 that nobody answers yet."""
    numbers = [{"e164": f"+141555501{n:02d}", "friendly_name": f"Line {n}", "route": "us1"} for n in range(10)]
    return world_from_account({"numbers": numbers}, seed, now)


def world_from_account(document: object, seed: int, now: float) -> World:
    """The account that a file describes.

    Args:
        document: The parsed file: mappings, lists, texts and numbers.
        seed: What ids, secrets and chance are made from.
        now: Seconds since the epoch; when everything in it was made.

    Raises:
        Mistakes: If something in it cannot be understood. Lists every mistake, each with the path of its key.
    """
    reading = Reading()
    top = reading.mapping(document, "") if document is not None else {}
    reading.known(
        top, "", "account_sid", "credentials", "settings", "numbers", "applications", "trunks", "sip_domains",
        "parties", *KEYS,
    )  # fmt: skip
    account_sid = reading.text(top, "", "account_sid") or None
    if account_sid is not None and not _is_sid(account_sid, "AC"):
        reading.note("account_sid", f"is {account_sid!r}; give AC and 32 hex digits, or leave it out")
    world = empty_world(seed, now, account_sid)
    _credentials(world, reading, top, now)
    if (settings := reading.mapping(top.get("settings"), "settings")) != {}:
        try:
            change_settings(world.settings, settings)
        except ValueError as exc:
            reading.note("settings", str(exc))
    # Applications and trunks first: numbers name them.
    for region, index, entry, path in reading.by_region(top, "applications", REGIONS):
        _application(world.regions[region], reading, entry, path, world.mint("AP"), now, index)
    read_lists(world, reading, top, now)
    for region, index, entry, path in reading.by_region(top, "trunks", REGIONS):
        _trunk(world, world.regions[region], reading, entry, path, now, index)
    for region, index, entry, path in reading.by_region(top, "sip_domains", REGIONS):
        _sip_domain(world, world.regions[region], reading, entry, path, now, index)
    for index, entry in enumerate(reading.sequence(top.get("numbers"), "numbers")):
        _number(world, reading, entry, f"numbers[{index}]", now)
    for address, entry in reading.mapping(top.get("parties"), "parties").items():
        world.parties[str(address)] = _party(reading, entry, f"parties.{address}")
    reading.raise_if_any()
    return world


def _credentials(world: World, reading: Reading, top: Mapping[str, Any], now: float) -> None:
    for region, entry in reading.mapping(top.get("credentials"), "credentials").items():
        path = f"credentials.{region}"
        if not reading.region(region, path):
            continue
        given = reading.mapping(entry, path)
        reading.known(given, path, "auth_token", "api_key", "api_secret")
        store = world.regions[region]
        if token := reading.text(given, path, "auth_token"):
            store.auth_token = token
        key, secret = reading.text(given, path, "api_key"), reading.text(given, path, "api_secret")
        if bool(key) != bool(secret):
            reading.note(path, "has one of api_key and api_secret; give both, or neither to have them minted")
        elif key and secret:
            if not _is_sid(key, "SK"):
                reading.note(f"{path}.api_key", f"is {key!r}; give SK and 32 hex digits")
            if not secret.isalnum():
                reading.note(f"{path}.api_secret", "has something else than letters and digits; clients refuse it")
            store.keys = {key: Key(key, secret, f"twin {region}", now, now)}


def _voice(reading: Reading, entry: Mapping[str, Any], path: str) -> Voice:
    voice = Voice()
    _read_urls(reading, entry, path, _VOICE, voice)
    return voice


def _read_urls(reading: Reading, entry: Mapping[str, Any], path: str, names: tuple[str, ...], into: Any) -> None:
    """Set what is given of these URLs and methods."""
    for name in names:
        if (value := reading.text(entry, path, name)) is None:
            continue
        if name.endswith("_method"):
            if value.upper() not in ("GET", "POST"):
                reading.note(f"{path}.{name}", f"is {value!r}; give GET or POST")
            value = value.upper()
        elif value and not is_url(value):
            reading.note(f"{path}.{name}", f"is {value!r}; give an http or https URL with a host")
        setattr(into, name, value)


def _application(store: RegionStore, reading: Reading, entry: Any, path: str, sid: str, now: float, index: int) -> None:
    given = reading.mapping(entry, path)
    reading.known(given, path, "friendly_name", *_VOICE, *_SMS)
    name = reading.text(given, path, "friendly_name") or f"Application {index + 1}"
    store.applications[sid] = made = Application(sid, name, _voice(reading, given, path), now, now)
    _read_urls(reading, given, path, _SMS, made)


def _trunk(world: World, store: RegionStore, reading: Reading, entry: Any, path: str, now: float, index: int) -> None:
    given = reading.mapping(entry, path)
    reading.known(
        given, path, "friendly_name", "domain_name", "disaster_recovery_url", "disaster_recovery_method", "secure",
        "auth_type", "route", "origination_urls", *KEYS,
    )  # fmt: skip
    domain = reading.text(given, path, "domain_name") or ""
    if domain and not domain.endswith(".pstn.twilio.com"):
        reading.note(f"{path}.domain_name", f"is {domain!r}; give a name that ends in .pstn.twilio.com")
    recovery = reading.text(given, path, "disaster_recovery_url") or ""
    if recovery and not is_url(recovery):
        reading.note(f"{path}.disaster_recovery_url", f"is {recovery!r}; give an http or https URL with a host")
    trunk = Trunk(
        world.mint("TK"),
        reading.text(given, path, "friendly_name") or f"Trunk {index + 1}",
        domain,
        recovery,
        (reading.text(given, path, "disaster_recovery_method") or "POST").upper(),
        reading.flag(given, path, "secure", default=False),
        reading.text(given, path, "auth_type") or "",
        now,
        now,
    )
    urls = reading.sequence(given.get("origination_urls"), f"{path}.origination_urls")
    if len(urls) > ORIGINATION_URLS_MAX:
        reading.note(f"{path}.origination_urls", f"has {len(urls)}; a trunk takes at most {ORIGINATION_URLS_MAX}")
    for url_index, url_entry in enumerate(urls):
        url_path = f"{path}.origination_urls[{url_index}]"
        url = reading.mapping(url_entry, url_path)
        reading.known(url, url_path, "sip_url", "priority", "weight", "enabled", "friendly_name")
        sip_url = reading.required(
            url, url_path, "sip_url", lambda text: text.startswith("sip:"), "a URL that begins with sip:"
        )
        made = OriginationUrl(
            world.mint("OU"),
            sip_url,
            reading.whole(url, url_path, "priority", 10, 0, 65535),
            reading.whole(url, url_path, "weight", 10, 1, 65535),
            reading.flag(url, url_path, "enabled", default=True),
            reading.text(url, url_path, "friendly_name") or f"Origination {url_index + 1}",
            now,
            now,
        )
        trunk.origination_urls[made.sid] = made
    guard(trunk, store, reading, given, path, now)
    store.trunks[trunk.sid] = trunk
    _route(world, reading, given, path, "Trunks", domain, now)


def _sip_domain(
    world: World, store: RegionStore, reading: Reading, entry: Any, path: str, now: float, index: int
) -> None:
    given = reading.mapping(entry, path)
    reading.known(given, path, "domain_name", "friendly_name", "auth_type", "route", "sip_registration", "secure",
                  *KEYS, *_VOICE)  # fmt: skip
    domain = reading.required(
        given,
        path,
        "domain_name",
        lambda text: text.endswith(".sip.twilio.com"),
        "a name that ends in .sip.twilio.com",
    )
    made = SipDomain(
        world.mint("SD"),
        domain,
        reading.text(given, path, "friendly_name") or domain,
        _voice(reading, given, path),
        reading.text(given, path, "auth_type") or "",
        reading.flag(given, path, "sip_registration", default=False),
        reading.flag(given, path, "secure", default=False),
        now,
        now,
    )
    guard(made, store, reading, given, path, now)
    store.sip_domains[made.sid] = made
    _route(world, reading, given, path, "SipDomains", domain, now)


def _number(world: World, reading: Reading, entry: Any, path: str, now: float) -> None:
    given = reading.mapping(entry, path)
    reading.known(given, path, "e164", "friendly_name", "route", "voice")
    e164 = reading.required(given, path, "e164", is_e164, "a plus and 7 to 15 digits, in quotes")
    if e164 in world.numbers:
        reading.note(f"{path}.e164", f"is {e164}, which is there already; give every number once")
    number = Number(world.mint("PN"), e164, reading.text(given, path, "friendly_name") or e164, now)
    world.numbers[e164] = number
    _route(world, reading, given, path, "PhoneNumbers", e164, now)
    for region, voice_entry in reading.mapping(given.get("voice"), f"{path}.voice").items():
        voice_path = f"{path}.voice.{region}"
        if not reading.region(region, voice_path):
            continue
        fields = reading.mapping(voice_entry, voice_path)
        reading.known(fields, voice_path, *_VOICE, *_SMS, "application", "sms_application", "trunk")
        store = world.regions[region]
        configured = NumberVoice(_voice(reading, fields, voice_path), updated_at=now)
        _read_urls(reading, fields, voice_path, _SMS, configured)
        if (application := reading.text(fields, voice_path, "sms_application")) is not None:
            names = {made.friendly_name: sid for sid, made in store.applications.items()}
            configured.sms_application_sid = reading.named(names, application, f"{voice_path}.sms_application", region)
        if (application := reading.text(fields, voice_path, "application")) is not None:
            names = {made.friendly_name: sid for sid, made in store.applications.items()}
            configured.voice_application_sid = reading.named(names, application, f"{voice_path}.application", region)
        if (trunk := reading.text(fields, voice_path, "trunk")) is not None:
            names = {made.friendly_name: sid for sid, made in store.trunks.items()}
            configured.trunk_sid = reading.named(names, trunk, f"{voice_path}.trunk", region)
        if configured.voice_application_sid and configured.trunk_sid:
            reading.note(voice_path, "has an application and a trunk; a number has one of them")
        store.numbers[number.sid] = configured


def _party(reading: Reading, entry: Any, path: str) -> Party:
    given = reading.mapping(entry, path)
    reading.known(given, path, "answers", "after_s", "busy", "talks_s", "sip_code")
    return Party(
        answers=reading.flag(given, path, "answers", default=True),
        after_s=reading.seconds(given, path, "after_s", 1.0),
        busy=reading.flag(given, path, "busy", default=False),
        talks_s=reading.seconds(given, path, "talks_s", 10.0),
        sip_code=reading.whole(given, path, "sip_code", 200, 100, 699),
    )


def _route(
    world: World, reading: Reading, given: Mapping[str, Any], path: str, kind: Any, name: str, now: float
) -> None:
    region = reading.text(given, path, "route")
    if region and reading.region(region, f"{path}.route") and name:
        settled = world.routes.get((kind, name))
        if settled is None:
            settle_route(world, kind, name, region, now)
        elif settled.stored() != region:
            reading.note(f"{path}.route", f"is {region}, and {name} is routed to {settled.stored()} elsewhere in it")


def is_url(text: str) -> bool:
    """True for an absolute http or https URL with a host."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(c.isspace() for c in text)


def is_e164(text: str) -> bool:
    """True for a plus and 7 to 15 digits, the first not 0."""
    return text[:1] == "+" and text[1:].isascii() and text[1:].isdigit() and 7 <= len(text) - 1 <= 15 and text[1] != "0"


def _is_sid(text: str, prefix: str) -> bool:
    return len(text) == 34 and text.startswith(prefix) and all(c in "0123456789abcdefABCDEF" for c in text[2:])
