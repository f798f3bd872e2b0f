"""Every primary URL with its fallback, in each Region, once: what one failure would take from both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.once import OncePerCase
from voicedr.program.readiness.resources import VoiceHandler, WebhookAnswer
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import AnsweredIn, Case, answered_in_both
from voicedr.program.readiness.urls import host_of, shown
from voicedr.program.readiness.views.hosted import product_of
from voicedr.program.readiness.views.web import provider_is_here
from voicedr.program.vocabulary import Region
from voicedr.wire.addresses import names_no_public_host


@dataclass(frozen=True, slots=True)
class Pair:
    """A primary URL and the fallback that stands in for it. Both are empty if nobody could read them.

    Attributes:
        addresses, fallback_addresses: What each host's name leads to.
        places: Where hosts are, as somebody declared it.
        told: What the fallback said when it was told what failed.
        untold: What it said when it was not.
        source: The fact that both were read in.
    """

    url: str
    fallback: str
    region: Region
    is_standby: bool
    addresses: Fact[tuple[str, ...]]
    fallback_addresses: Fact[tuple[str, ...]]
    places: Said[Any] | Unsaid
    told: Fact[WebhookAnswer]
    untold: Fact[WebhookAnswer]
    source: Fact[Any]

    @property
    def kind(self) -> str:
        return "fallbacks"

    @property
    def name(self) -> str:
        return shown(self.fallback) if self.fallback else "its fallbacks"

    @property
    def host(self) -> str:
        """The primary's host, or nothing."""
        return host_of(self.url) or ""

    @property
    def fallback_host(self) -> str:
        """The fallback's host, or nothing."""
        return host_of(self.fallback) or ""


@OncePerCase
def pairs(case: Case) -> Iterator[Pair]:
    """Every pair in each Region, once."""
    seen: set[tuple[Region, str, str]] = set()
    for entry in answered_in_both(case):
        match entry.answered_by:
            case Unobserved(reason) as why:
                key = (entry.region, "", reason)
                fact: Fact[Any] = why
            case Observed(value=VoiceHandler(voice_url=str(url), voice_fallback_url=str(fallback))) as fact if fallback:
                key = (entry.region, url, fallback)
            case _:
                continue
        if key not in seen:
            seen.add(key)
            yield _pair(case, entry, fact)


def _pair(case: Case, entry: AnsweredIn, source: Fact[Any]) -> Pair:
    said, web = case.said(About.HOST_PLACES), case.snapshot.web
    if isinstance(source, Unobserved):
        return Pair("", "", entry.region, entry.is_standby, source, source, said, source, source, source)
    url, fallback = source.value.voice_url, source.value.voice_fallback_url
    first = case.snapshot.webhooks.get(fallback) or Unobserved("it was not asked")
    # A URL that is also a primary, in the other Region perhaps, may have been asked as one at first.
    told = web.told_at(fallback) if isinstance(first, Observed) and not first.value.told else first
    return Pair(
        url,
        fallback,
        entry.region,
        entry.is_standby,
        web.addresses_of(host_of(url) or ""),
        web.addresses_of(host_of(fallback) or ""),
        said,
        told,
        first if isinstance(first, Observed) and not first.value.told else web.untold_at(fallback),
        source,
    )


def pairs_on_hosts(case: Case) -> Iterator[Pair]:
    """Pairs whose hosts can be looked up: neither the provider's own, nor of a provider that runs on this machine."""
    here = provider_is_here(case)
    for pair in pairs(case):
        local = here and names_no_public_host(pair.host) and names_no_public_host(pair.fallback_host)
        if not local:
            yield pair


def hosted_pairs(case: Case) -> Iterator[Pair]:
    """Pairs whose fallback the provider itself runs, and what nobody could read."""
    return (pair for pair in pairs(case) if not pair.fallback or product_of(pair.fallback) is not None)
