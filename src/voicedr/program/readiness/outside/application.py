"""What the customer's own parts said, and what each Region shows of calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import msgspec

from voicedr.program.readiness.facts import Fact, Unobserved
from voicedr.program.readiness.outside.access_token import AccessToken
from voicedr.program.vocabulary import Region

Eye = Literal["call log", "alerts", "recordings", "transcriptions"]
"""What a Region shows of calls, as far as we can ask for it."""

EYES: tuple[Eye, ...] = ("call log", "alerts", "recordings", "transcriptions")


class TokenAnswer(msgspec.Struct, frozen=True):
    """What a token service said when it was asked for a token of one Region.

    Attributes:
        status: The HTTP status; None: it did not answer.
        seconds: How long that took.
        token: What the token says; None if there was none.
        problem: Why there was none.
    """

    status: int | None
    seconds: float
    token: AccessToken | None = None
    problem: str | None = None


class Page(msgspec.Struct, frozen=True):
    """What a page said. A page that asks for a password, or sends you to where one is asked for, is there."""

    status: int | None
    problem: str | None = None


class Credentials(msgspec.Struct, frozen=True):
    """How the workbook's references of one Region stand. Values are compared in memory and not kept.

    Attributes:
        had: Those that stand for something: ``api_key``, ``api_secret``, ``auth_token``.
        unnamed: Those that the workbook has no reference for.
        missing: Those that have a reference which stands for nothing, and why.
        same_as: By other Region: those that stand for the very same value there.
    """

    had: tuple[str, ...]
    missing: dict[str, str]
    same_as: dict[Region, tuple[str, ...]]
    unnamed: tuple[str, ...] = ()


class ApplicationFacts(msgspec.Struct, frozen=True):
    """What the customer's own parts said, and what each Region shows of calls. What is not in it was not looked at."""

    clocks: dict[Region, Fact[float]] = {}
    """So many seconds this machine's clock is ahead of that Region's; 0 within the second that can be told."""
    tokens: dict[str, Fact[TokenAnswer]] = {}
    """By Region and URL, see ``token_from``."""
    pages: dict[str, Fact[Page]] = {}
    """By URL."""
    credentials: dict[Region, Fact[Credentials]] = {}
    eyes: dict[str, Fact[int]] = {}
    """By Region and kind, see ``seen_in``: how many lines were shown when one was asked for."""

    def clock(self, region: Region) -> Fact[float]:
        """How far ahead our clock is of that Region's."""
        return self.clocks.get(region) or Unobserved(f"the clock of {region} was not read")

    def token_from(self, region: Region, url: str) -> Fact[TokenAnswer]:
        """What a token service said when it was asked for a token of a Region."""
        return self.tokens.get(token_key(region, url)) or Unobserved(f"it was not asked for a token of {region}")

    def page(self, url: str) -> Fact[Page]:
        """What a page said."""
        return self.pages.get(url) or Unobserved("the page was not asked for")

    def credential(self, region: Region) -> Fact[Credentials]:
        """How the workbook's references of a Region stand."""
        return self.credentials.get(region) or Unobserved(f"the references of {region} were not looked at")

    def seen_in(self, region: Region, eye: Eye) -> Fact[int]:
        """What a Region shows of calls."""
        return self.eyes.get(eye_key(region, eye)) or Unobserved(f"the {eye} of {region} was not asked for")

    def aged(self, young: Callable[[Fact[Any]], Fact[Any]]) -> ApplicationFacts:
        """The same with every fact as ``young`` leaves it."""
        return ApplicationFacts(
            clocks={key: young(fact) for key, fact in self.clocks.items()},
            tokens={key: young(fact) for key, fact in self.tokens.items()},
            pages={key: young(fact) for key, fact in self.pages.items()},
            credentials={key: young(fact) for key, fact in self.credentials.items()},
            eyes={key: young(fact) for key, fact in self.eyes.items()},
        )


def token_key(region: Region, url: str) -> str:
    """How a token service's answer is filed."""
    return f"{region} {url}"


def eye_key(region: Region, eye: Eye) -> str:
    """How what a Region shows is filed."""
    return f"{region} {eye}"
