"""Which answer a request gets: a function of the policy and of what the provider sent. Nothing is remembered here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from voicedr.runtime.fallback.error_classes import fits as error_fits
from voicedr.runtime.fallback.numbers import called_as
from voicedr.runtime.fallback.numbers import fits as number_fits
from voicedr.runtime.fallback.policy import (
    DEFAULT,
    Kind,
    MessageAnswer,
    Policy,
    Resume,
    Route,
    VoiceAnswer,
    When,
    chain,
    last_words,
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, and the parameters that came with it."""

    kind: Kind
    fields: Mapping[str, str]
    flow: str = ""

    @property
    def called(self) -> str:
        """Who was called."""
        return self.fields.get("To") or self.fields.get("Called", "")

    @property
    def error_code(self) -> str:
        """What went wrong; empty where the provider does not say."""
        return self.fields.get("ErrorCode", "")

    @property
    def error_host(self) -> str:
        """The host that failed; empty where the provider does not say."""
        return host_of(self.fields.get("ErrorUrl", ""))


@dataclass(frozen=True, slots=True)
class Chosen:
    """A route and how far along its chain the call is."""

    route: str
    level: int
    language: str
    answer: VoiceAnswer | MessageAnswer


def choose(policy: Policy, asked: Asked, *, resumed: int = 0, own_host: str = "") -> Chosen:
    """The first route that fits, and of its answers the first that may be given.

    Args:
        resumed: How often this call was sent back to its primary already.
        own_host: Where this application is: a call is never sent back to it.
    """
    names = called_as(asked.called)
    route = next((one for one in policy.routes if _fits(policy, one, asked, names)), None)
    language = language_of(policy, asked)
    if route is not None:
        return _allowed(policy, route.name, 0, language, asked, resumed, own_host)
    if asked.kind == "message":
        return Chosen(DEFAULT, 0, language, policy.default_message)
    return _allowed(policy, DEFAULT, 0, language, asked, resumed, own_host)


def follow(policy: Policy, asked: Asked, route: str, level: int, *, resumed: int = 0, own_host: str = "") -> Chosen:
    """The answer at a place of a route's chain, or the first one after it that may be given.

    A route that is not there any more (another policy was loaded during the call) is the default.
    """
    return _allowed(policy, route, level, language_of(policy, asked), asked, resumed, own_host)


def language_of(policy: Policy, asked: Asked) -> str:
    """Which language is spoken with this caller."""
    names = called_as(asked.called)
    for pattern, language in policy.languages.numbers.items():
        if number_fits(pattern, names):
            return language
    country = asked.fields.get("FromCountry", "")
    return policy.languages.countries.get(country, policy.languages.default)


def resume_url(answer: Resume, asked: Asked, own_host: str) -> str:
    """Where a call is sent back to; empty: nowhere, as the URL is not known or leads here."""
    url = asked.fields.get("ErrorUrl", "") if answer.url == "failed" else answer.url
    parts_host = host_of(url)
    if not url.startswith(("https://", "http://")) or not parts_host or parts_host == own_host:
        return ""
    return url


def host_of(url: str) -> str:
    """The host of a URL, with its port if it has one; empty: it is no URL."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    return f"{host}:{port}" if host and port else host


def _allowed(policy: Policy, name: str, level: int, language: str, asked: Asked, resumed: int, own_host: str) -> Chosen:
    route = _named(policy, name)
    answers = _chain(policy, name)
    for place in range(max(0, level), len(answers)):
        answer = answers[place]
        if isinstance(answer, Resume) and (resumed >= answer.attempts_max or not resume_url(answer, asked, own_host)):
            continue
        return Chosen(route, place, language, answer)
    return Chosen(route, len(answers), language, last_words(policy))


def _named(policy: Policy, name: str) -> str:
    return name if any(route.name == name for route in policy.routes) else DEFAULT


def _chain(policy: Policy, name: str) -> tuple[VoiceAnswer | MessageAnswer, ...]:
    route = next((one for one in policy.routes if one.name == name), None)
    return chain(policy, route.answer if route is not None else policy.default)


def _fits(policy: Policy, route: Route, asked: Asked, names: tuple[str, ...]) -> bool:
    when = route.when
    return (
        asked.kind in (when.kinds or ("call", "trunk"))
        and (not when.flows or _in_flow(policy, when, asked, names))
        and (not when.called or any(number_fits(pattern, names) for pattern in when.called))
        and (not when.errors or any(error_fits(pattern, asked.error_code) for pattern in when.errors))
    )


def _in_flow(policy: Policy, when: When, asked: Asked, names: tuple[str, ...]) -> bool:
    """The URL names the flow, or the called number is one of the flow's."""
    return asked.flow in when.flows or any(
        number_fits(pattern, names) for flow in when.flows for pattern in policy.flows.get(flow, ())
    )
