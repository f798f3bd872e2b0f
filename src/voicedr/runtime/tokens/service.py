"""Who gets which token: deciding for one request, with everything that it depends on coming in.

Nothing is kept from one request to the next but the pace of each name, so two instances need not know of each other;
with n instances behind a balancer a name may ask n times as often.
"""

from __future__ import annotations

import hmac
from collections import Counter
from collections.abc import Callable
from typing import Protocol

import msgspec

from voicedr.runtime.references import SecretMissing
from voicedr.runtime.tokens.access_token import BadGrant, Grant, SigningKey, mint
from voicedr.runtime.tokens.pace import Paces
from voicedr.runtime.tokens.settings import RegionSettings, Settings
from voicedr.runtime.tokens.sources import Sources


class Active(Protocol):
    """Where clients shall be now; ``region`` None: nobody has said."""

    @property
    def region(self) -> str | None: ...

    @property
    def epoch(self) -> int: ...


class Asked(msgspec.Struct, frozen=True):
    """A request for a token.

    Attributes:
        identity: Who the client will be.
        region: A Region by name, for rehearsals and readiness; None: the active one.
        bearer: What the caller proves itself with.
    """

    identity: str
    region: str | None
    bearer: str


class Minted(msgspec.Struct, frozen=True):
    """The answer.

    Attributes:
        region: Where the client will be.
        edges: What it should connect through, best first.
        life_s: How long the token lives.
        expires_at: When it ends, in seconds since 1970.
        epoch: Of the context; it rises with every switch.
    """

    token: str
    identity: str
    region: str
    edges: tuple[str, ...]
    life_s: int
    expires_at: int
    epoch: int


class Refusal(msgspec.Struct, frozen=True):
    """No token. ``status`` as in HTTP; ``wait_s`` when to ask again."""

    status: int
    why: str
    wait_s: float | None = None


class TokenService:
    """Decides and counts.

    Args:
        sources: Settings and secrets.
        active: The active Region.
        now_s: Seconds since 1970.
        monotonic_s: A clock that never goes back, for the paces.
    """

    def __init__(
        self,
        sources: Sources,
        active: Callable[[], Active],
        now_s: Callable[[], float],
        monotonic_s: Callable[[], float],
    ) -> None:
        self._sources = sources
        self._active = active
        self._now_s = now_s
        self._monotonic_s = monotonic_s
        self._paces: tuple[float, Paces] | None = None
        self.counts: Counter[tuple[str, str]] = Counter()
        """How many, by what became of them and the Region."""

    def answer(self, asked: Asked) -> Minted | Refusal:
        """A token, or why there is none."""
        answer = self._answer(asked)
        if isinstance(answer, Minted):
            self.counts["minted", answer.region] += 1
        else:
            self.counts[f"refused_{answer.status}", ""] += 1
        return answer

    def stands(self) -> tuple[str | None, int, list[str]]:
        """The Region of the next token, the epoch, and what keeps tokens from being minted there or soon will."""
        settings = self._sources.settings()
        region, epoch = self._where(settings)
        problems: list[str] = []
        of = settings.regions.get(region)
        if of is None:
            problems.append(f"the active Region {region} is not under regions in the settings")
        else:
            try:
                self._key(of)
            except SecretMissing as exc:
                problems.append(str(exc))
        problem = getattr(self._active(), "problem", None)
        found = [*problems, *self._sources.problems(), *([str(problem)] if problem else [])]
        return (None if problems else region), epoch, list(dict.fromkeys(found))

    def _answer(self, asked: Asked) -> Minted | Refusal:
        settings = self._sources.settings()
        if not self._known(settings, asked.bearer):
            return Refusal(401, "this caller is not known: send Authorization: Bearer and a caller's secret")
        active, epoch = self._where(settings)
        region = asked.region or active
        of = settings.regions.get(region)
        if of is None:
            status = 400 if asked.region else 503
            return Refusal(status, f"there is no Region {region[:20]!r} in the settings of this service")
        wait_s = self._pace(settings).wait_s(asked.identity, self._monotonic_s())
        if wait_s > 0:
            return Refusal(429, "this identity asks too often", wait_s)
        try:
            key = self._key(of)
        except SecretMissing as exc:
            return Refusal(503, f"no key of {region} can be used: {exc}")
        life_s = settings.life if region == settings.region else settings.life_away
        grant = Grant(settings.account, region, asked.identity, of.application, of.push_credential)
        now_s = int(self._now_s())
        try:
            token = mint(grant, key, now_s=now_s, life_s=life_s)
        except BadGrant as exc:
            return Refusal(400, str(exc))
        return Minted(token, asked.identity, region, of.edges, life_s, now_s + life_s, epoch)

    def _where(self, settings: Settings) -> tuple[str, int]:
        active = self._active()
        return active.region or settings.region, active.epoch

    def _key(self, of: RegionSettings) -> SigningKey:
        """The first key whose secret can be had: one that is missing costs nobody a token."""
        missing: SecretMissing | None = None
        for reference in of.keys:
            try:
                return SigningKey(reference.sid, self._sources.secret(reference.secret))
            except SecretMissing as exc:
                missing = missing or exc
        raise missing or SecretMissing("this Region has no key")

    def _known(self, settings: Settings, bearer: str) -> bool:
        known = False
        for caller in settings.callers:
            try:
                secret = self._sources.secret(caller.secret)
            except SecretMissing:
                continue
            known |= hmac.compare_digest(secret.encode(), bearer.encode())
        return known

    def _pace(self, settings: Settings) -> Paces:
        if self._paces is None or self._paces[0] != settings.per_minute:
            self._paces = settings.per_minute, Paces(settings.per_minute)
        return self._paces[1]
