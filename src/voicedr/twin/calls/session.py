"""What the provider's HTTP client remembers for the length of one call: cookies, logins, and answers it may reuse.

Cookies are accepted and sent back as a browser does (https://www.twilio.com/docs/voice/twiml#cookies), so by RFC 6265;
a login lasts for the rest of the call (https://www.twilio.com/docs/usage/security#http-authentication); an answer to a
GET that has an ETag or a Last-Modified is asked for anew with it, and a 304 stands for it, while an answer to a POST is
never kept (https://www.twilio.com/docs/voice/twiml). How long the provider keeps any of them beyond the call is not
documented; here nothing is.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from urllib.parse import urlsplit

from voicedr.twin.world.model import WebExchange
from voicedr.wire.digest import Challenge, authorization, read_challenge
from voicedr.wire.http import Response

COOKIES_MAX = 50
COOKIE_CHARACTERS_MAX = 4096
KEPT_MAX = 20
KEPT_BYTES_MAX = 256 * 1024
"""A larger answer is not kept."""
EXCHANGES_MAX = 500
"""Exchanges written down of one call; later ones are not."""


@dataclass(slots=True)
class Login:
    """A user and how a host wants to see them. ``count`` is how often the nonce was used."""

    user: str
    password: str
    challenge: Challenge | None = None
    count: int = 0

    def header(self, method: str, url: str, cnonce: str) -> str:
        """The ``Authorization`` of the next request."""
        if self.challenge is None:
            return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        self.count += 1
        return authorization(
            self.challenge, self.user, self.password, method, url, count=self.count, cnonce=cnonce[:16]
        )


@dataclass(slots=True)
class Cookie:
    """A cookie of RFC 6265 §5.3."""

    name: str
    value: str
    domain: str
    host_only: bool
    path: str
    secure: bool
    expires_at: float | None

    def goes_to(self, scheme: str, host: str, path: str, now: float) -> bool:
        """Whether a request carries it."""
        there = host == self.domain or (not self.host_only and host.endswith("." + self.domain))
        below = path == self.path or path.startswith(self.path if self.path.endswith("/") else self.path + "/")
        lasts = self.expires_at is None or now < self.expires_at
        return there and below and lasts and (scheme == "https" or not self.secure)


@dataclass(slots=True)
class Session:
    """One call's memory.

    Attributes:
        logins: By host and port.
        exchanges: Every attempt, in order of ending.
    """

    cookies: list[Cookie] = field(default_factory=list)
    logins: dict[str, Login] = field(default_factory=dict)
    exchanges: list[WebExchange] = field(default_factory=list)
    _kept: dict[str, Response] = field(default_factory=dict)

    def note(self, exchange: WebExchange) -> None:
        """Write an attempt down."""
        if len(self.exchanges) < EXCHANGES_MAX:
            self.exchanges.append(exchange)

    def cookie_header(self, url: str, now: float) -> str:
        """The cookies of a request, longer paths first; empty if there are none."""
        if not self.cookies:
            return ""
        parts = urlsplit(url)
        host, path = parts.hostname or "", parts.path or "/"
        sent = [cookie for cookie in self.cookies if cookie.goes_to(parts.scheme, host, path, now)]
        sent.sort(key=lambda cookie: -len(cookie.path))
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in sent)

    def keep_cookies(self, url: str, response: Response, now: float) -> None:
        """Take the cookies of a response; one that has expired removes the one of that name."""
        for name, value in response.headers:
            if name.lower() == "set-cookie" and (cookie := _cookie(value, url, now)) is not None:
                key = (cookie.name, cookie.domain, cookie.path)
                self.cookies = [old for old in self.cookies if (old.name, old.domain, old.path) != key]
                if (cookie.expires_at is None or cookie.expires_at > now) and len(self.cookies) < COOKIES_MAX:
                    self.cookies.append(cookie)

    def log_in(self, host: str, user_password: tuple[str, str], response: Response) -> bool:
        """Be logged in as a 401 asks from now on. False if it asks for nothing that can be done."""
        asked = [value for name, value in response.headers if name.lower() == "www-authenticate"]
        challenge = next((found for value in asked if (found := read_challenge(value)) is not None), None)
        basic = any(value.strip().lower().startswith("basic") for value in asked)
        if challenge is None and not basic:
            return False
        self.logins[host] = Login(*user_password, challenge)
        return True

    def conditions(self, url: str) -> list[tuple[str, str]]:
        """The headers that ask for an answer only if it is another than the one that is kept."""
        kept = self._kept.get(url)
        if kept is None:
            return []
        said = [("If-None-Match", kept.header("ETag")), ("If-Modified-Since", kept.header("Last-Modified"))]
        return [(name, value) for name, value in said if value]

    def reuse(self, url: str, response: Response) -> Response:
        """The answer that counts: the kept one for a 304, otherwise this one, which may be kept from now on."""
        if response.status == 304:
            return self._kept.get(url, response)
        never = "no-store" in (response.header("Cache-Control") or "").lower()
        small = len(response.body) <= KEPT_BYTES_MAX
        if (
            response.status == 200
            and small
            and not never
            and (response.header("ETag") or response.header("Last-Modified"))
        ):
            if len(self._kept) >= KEPT_MAX and url not in self._kept:
                del self._kept[next(iter(self._kept))]
            self._kept[url] = response
        return response


def _cookie(text: str, url: str, now: float) -> Cookie | None:
    pair, *rest = text.split(";")
    name, equals, value = pair.partition("=")
    if not equals or not name.strip() or len(pair) > COOKIE_CHARACTERS_MAX:
        return None
    given: dict[str, str] = {}
    for attribute in rest:
        key, _, said = attribute.partition("=")
        given[key.strip().lower()] = said.strip()
    parts = urlsplit(url)
    host = parts.hostname or ""
    domain = given.get("domain", "").lower().removeprefix(".")
    # A domain without a dot would be everybody's under a top-level name; which others are shared, a list would say.
    if domain and domain != host and not ("." in domain and host.endswith("." + domain)):
        return None
    path = given.get("path", "")
    if not path.startswith("/"):
        path = (parts.path or "/").rpartition("/")[0] or "/"
    return Cookie(
        name.strip(), value.strip(), domain or host, not domain, path, "secure" in given, _expires_at(given, now)
    )


def _expires_at(given: dict[str, str], now: float) -> float | None:
    """When it is over; Max-Age before Expires, and what cannot be read counts for nothing (RFC 6265 §5.2)."""
    age = given.get("max-age", "")
    if age.removeprefix("-").isdecimal() and age.isascii() and len(age) <= 12:
        return now + int(age)
    try:
        at = parsedate_to_datetime(given.get("expires", ""))
    except ValueError:
        return None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
