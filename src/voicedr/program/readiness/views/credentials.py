"""Token services, access tokens and Voice SDK clients, as a flow has them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from voicedr.program.readiness.declared import About
from voicedr.program.readiness.facts import Fact, Observed, Unobserved
from voicedr.program.readiness.outside.access_token import AccessToken
from voicedr.program.readiness.outside.application import Credentials, TokenAnswer
from voicedr.program.readiness.said import Said, Unsaid
from voicedr.program.readiness.subjects import Case
from voicedr.program.readiness.urls import shown
from voicedr.program.readiness.views.forms import services
from voicedr.program.vocabulary import Region


@dataclass(frozen=True, slots=True)
class CredentialsIn:
    """One Region's references, as they stand."""

    region: Region
    other: Region
    standing: Fact[Credentials]

    @property
    def kind(self) -> str:
        return "Regions"

    @property
    def name(self) -> str:
        return self.region


@dataclass(frozen=True, slots=True)
class ClockOf:
    """This machine's clock beside one Region's."""

    region: Region
    ahead_s: Fact[float]

    @property
    def kind(self) -> str:
        return "clocks"

    @property
    def name(self) -> str:
        return f"the clock of {self.region}"


@dataclass(frozen=True, slots=True)
class MintedToken:
    """What one token service gives for a Region. ``url`` is empty where nobody knows which services there are."""

    case: Case
    url: str
    region: Region
    answer: Fact[TokenAnswer]

    @property
    def kind(self) -> str:
        return "token services"

    @property
    def name(self) -> str:
        return shown(self.url) if self.url else "its token services"

    @property
    def token(self) -> Observed[AccessToken] | Unobserved:
        """What the token says; of no token, why there is none."""
        match self.answer:
            case Unobserved() as why:
                return why
            case Observed(value=TokenAnswer(token=AccessToken() as token), at=at, source=source):
                return Observed(token, at, source)
            case Observed(value=answer):
                return Unobserved(f"no token was seen: it {answer.problem}")


def credentials_in_both(case: Case) -> Iterator[CredentialsIn]:
    """The references of both Regions."""
    standby, primary = case.flow.standby, case.flow.primary
    for region, other in ((standby, primary), (primary, standby)):
        yield CredentialsIn(region, other, case.snapshot.application.credential(region))


def the_standbys_credentials(case: Case) -> Iterator[CredentialsIn]:
    """The references of the standby, which are compared with the primary's."""
    yield next(credentials_in_both(case))


def the_clock(case: Case) -> Iterator[ClockOf]:
    """Our clock beside the standby's."""
    yield ClockOf(case.flow.standby, case.snapshot.application.clock(case.flow.standby))


def clients(case: Case) -> Said[dict[str, Any]] | Unsaid:
    """The Voice SDKs that the flow's clients have, with their versions; ``{}``: it has no clients."""
    said = case.said(About.CLIENT_VERSIONS)
    if isinstance(said, Said) and not isinstance(said.value, dict):
        return Unsaid(f"what {said.owner} declared about {About.CLIENT_VERSIONS.value} names no versions")
    return said


def with_clients(case: Case) -> Iterator[Case]:
    """The flow, unless somebody says that it has no Voice SDK clients."""
    if not (isinstance(said := clients(case), Said) and not said.value):
        yield case


def minted_tokens(case: Case) -> Iterator[MintedToken]:
    """Every token service of a flow that has Voice SDK clients, with what it gives for the standby."""
    return _minted(case, case.flow.standby)


def tokens_of_primary(case: Case) -> Iterator[MintedToken]:
    """The same for the primary: what clients have in their hands when the flow moves."""
    return _minted(case, case.flow.primary)


def token_services(case: Case) -> tuple[str, ...]:
    """The URLs of the token services that somebody declared, if the flow has Voice SDK clients."""
    said = case.said(About.TOKEN_SERVICES)
    if isinstance(said, Unsaid) or not list(with_clients(case)):
        return ()
    return tuple(url for url, _ in services(said.value))


def _minted(case: Case, region: Region) -> Iterator[MintedToken]:
    for one in with_clients(case):
        said = one.said(About.TOKEN_SERVICES)
        urls = [] if isinstance(said, Unsaid) else [url for url, _ in services(said.value)]
        for url in urls:
            yield MintedToken(one, url, region, one.snapshot.application.token_from(region, url))
        if not urls:
            why = said.reason if isinstance(said, Unsaid) else f"{said.owner} declared no token service"
            yield MintedToken(one, "", region, Unobserved(why))


def at_of(case: Case) -> datetime:
    """When a case is judged."""
    return case.now or case.snapshot.taken_at


def seconds_of(at: datetime) -> float:
    """A time as tokens write it: seconds since 1970."""
    return (at if at.tzinfo is not None else at.replace(tzinfo=UTC)).timestamp()
