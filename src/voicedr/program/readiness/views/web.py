"""Every URL of a flow that the provider may ask, and every host behind them, with what was seen of each.

Where the account's ``address`` is this machine, the provider is a stand-in that runs here, and hosts that only this
machine reaches are reached by it. Those hosts are left out of what is said about addresses and certificates.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.indexed import by_number, by_sid
from voicedr.program.readiness.kinds import Resource
from voicedr.program.readiness.once import OncePerCase
from voicedr.program.readiness.outside.web import CertificateSeen, Reached
from voicedr.program.readiness.resources import VoiceHandler
from voicedr.program.readiness.subjects import Case, answered_in_both, webhooks_in_each
from voicedr.program.readiness.urls import host_of, shown
from voicedr.program.vocabulary import AU1, Region
from voicedr.wire.addresses import names_no_public_host

WITHOUT_SMS = frozenset({AU1})
"""Source: https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability
(read 2026-11-21)."""


@dataclass(frozen=True, slots=True)
class WebUrl:
    """A URL that one Region has stored. ``url`` is empty if nobody could see which there are, and ``unseen`` says why.

    Attributes:
        use: What it is for: ``"voice URL"``, ``"status callback"``.
        twiml: Whether it is asked for TwiML of a call.
        reached: What it said to HEAD.
        source: The fact that it was read in.
    """

    url: str
    region: Region
    is_standby: bool
    primary: Region
    use: str
    twiml: bool
    reached: Fact[Reached]
    source: Fact[Any]

    @property
    def kind(self) -> str:
        return "URLs"

    @property
    def name(self) -> str:
        return shown(self.url) if self.url else "its URLs"


@dataclass(frozen=True, slots=True)
class WebHost:
    """A host and port behind URLs of the flow, in whichever Region they are stored.

    Attributes:
        secure: Whether it is asked over TLS.
        uses: What its URLs are for.
    """

    host: str
    port: int
    secure: bool
    uses: tuple[str, ...]
    addresses: Fact[tuple[str, ...]]
    certificate: Fact[CertificateSeen]

    @property
    def kind(self) -> str:
        return "webhook hosts"

    @property
    def name(self) -> str:
        if not self.host:
            return "its webhooks' hosts"
        return self.host if self.port in (80, 443) else f"{self.host}:{self.port}"

    @property
    def region(self) -> None:
        return None


@OncePerCase
def urls_in_each(case: Case) -> Iterator[WebUrl]:
    """Every URL that either Region has stored for the flow, once for each: TwiML, status callbacks, messages."""
    seen: set[tuple[Region, str]] = set()
    for region, url, use, twiml, source in _stored(case):
        key = (region, url or repr(source))
        if key not in seen:
            seen.add(key)
            reached = case.snapshot.web.reached_at(url) if url or isinstance(source, Observed) else source
            is_standby = region == case.flow.standby
            yield WebUrl(url, region, is_standby, case.flow.primary, use, twiml, reached, source)


def outside_urls(case: Case) -> Iterator[WebUrl]:
    """Those of them that the provider reaches over the internet, and those that nobody could read."""
    here = provider_is_here(case)
    return (one for one in urls_in_each(case) if not (here and names_no_public_host(host_of(one.url) or "")))


def twiml_urls(case: Case) -> Iterator[WebUrl]:
    """Every URL that is asked for TwiML of a call, once for each Region that asks it."""
    return (one for one in urls_in_each(case) if one.twiml)


def twiml_urls_in_standby(case: Case) -> Iterator[WebUrl]:
    """Every URL that is asked for TwiML once the flow has moved."""
    return (one for one in twiml_urls(case) if one.is_standby)


def status_callbacks(case: Case) -> Iterator[WebUrl]:
    """Every status callback of the flow, and what nobody could read."""
    return (one for one in urls_in_each(case) if one.use == "status callback" or not one.url)


def hosts(case: Case) -> Iterator[WebHost]:
    """Every host that the provider reaches over the internet, once."""
    found: dict[tuple[str, int, bool], list[str]] = {}
    unseen: Unobserved | None = None
    for one in outside_urls(case):
        if not one.url and isinstance(one.source, Unobserved):
            unseen = unseen or one.source
        place = place_of(one.url)
        if place is not None:
            uses = found.setdefault(place, [])
            if one.use not in uses:
                uses.append(one.use)
    web = case.snapshot.web
    for (host, port, secure), uses in sorted(found.items()):
        yield WebHost(host, port, secure, tuple(uses), web.addresses_of(host), web.certificate_of(host, port))
    if unseen is not None:
        yield WebHost("", 443, True, (), unseen, unseen)


def secure_hosts(case: Case) -> Iterator[WebHost]:
    """Those of them that show a certificate."""
    return (host for host in hosts(case) if host.secure)


def provider_is_here(case: Case) -> bool:
    """Whether every request to the provider goes to this machine."""
    address = case.account.address
    return address is not None and names_no_public_host(host_of(address) or "")


def place_of(url: str) -> tuple[str, int, bool] | None:
    """The host, the port, and whether TLS is spoken there; None if the URL names no host."""
    host = host_of(url)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    scheme = parts.scheme.lower()
    if host is None or scheme not in ("http", "https"):
        return None
    return host, port or (443 if scheme == "https" else 80), scheme == "https"


def _stored(case: Case) -> Iterator[tuple[Region, str, str, bool, Fact[Any]]]:
    for webhook in webhooks_in_each(case):
        here = webhook.region
        yield here, webhook.url, webhook.role, True, _read(case, here) if webhook.url else webhook.answer
    for entry in answered_in_both(case):
        match entry.answered_by:
            case Observed(value=VoiceHandler(status_callback=str(url))) as fact if url:
                yield entry.region, url, "status callback", False, fact
            case _:
                continue
    for region in (case.flow.standby, case.flow.primary):
        for messages in messages_in(case, region):
            if isinstance(messages, Unobserved):
                continue  # a check of its own says so
            for stored, use in ((messages.value.url, "message URL"), (messages.value.fallback, "message fallback URL")):
                if stored:
                    yield region, stored, use, False, messages


@dataclass(frozen=True, slots=True)
class Messages:
    """Where one number's messages go in a Region; ``url`` None: nowhere."""

    e164: str
    url: str | None
    fallback: str | None


def messages_in(case: Case, region: Region) -> Iterator[Fact[Messages]]:
    """Where each number's messages go, its application before its URLs; unobserved where nobody could read it.

    The order is the provider's: https://www.twilio.com/docs/phone-numbers/api/incomingphonenumber-resource.
    """
    if region in WITHOUT_SMS or not case.flow.numbers:
        return
    numbers = case.snapshot.every(region, "number")
    if isinstance(numbers, Unobserved):
        yield numbers
        return
    applications = case.snapshot.every(region, "application")
    known = by_number(numbers.value)
    for e164 in case.flow.numbers:
        number = known.get(e164)
        if number is None:
            continue
        holder: Resource | None = number
        if sid := number.fields.get("sms_application_sid"):
            if isinstance(applications, Unobserved):
                yield applications
                continue
            holder = by_sid(applications.value).get(str(sid))
        fields = holder.fields if holder is not None else {}
        url, fallback = fields.get("sms_url"), fields.get("sms_fallback_url")
        yield Observed(Messages(e164, _text(url), _text(fallback)), numbers.at, numbers.source)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _read(case: Case, region: Region) -> Fact[Any]:
    """The fact that a Region's URLs were read in: its numbers, or else its SIP domains or trunks."""
    facts = case.snapshot.regions.get(region)
    if facts is None:
        return Unobserved(f"{region} was not read")
    for fact in (facts.numbers, facts.sip_domains, facts.trunks):
        if isinstance(fact, Observed):
            return Observed(None, fact.at, fact.source)
    return facts.numbers if isinstance(facts.numbers, Unobserved) else Unobserved(f"{region} was not read")
