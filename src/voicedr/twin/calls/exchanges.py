"""The last attempts at webhooks, with what was asked and what came back, for a person who looks.

Kept in memory only. Headers are not kept, so no signature, cookie or login is; values of fields that are named like a
secret are not shown.
"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

import msgspec

from voicedr.wire.http import Failure, Request, Response

KEPT_MAX = 200
BODY_BYTES_SHOWN = 2048
"""More than any TwiML document that a person reads at a glance."""

HIDDEN = "(not shown)"
_SECRET = re.compile(r"token|secret|passw|signature|auth|api_?key", re.IGNORECASE)


class ExchangeShown(msgspec.Struct, frozen=True):
    """An attempt at a webhook and its end. ``status`` is 0 and ``failure`` says how if no whole response came."""

    id: int
    at: float
    region: str
    edge: str
    attempt: int
    method: str
    url: str
    seconds: float
    status: int
    failure: str
    params: dict[str, str]
    response: str
    response_bytes: int


class Tried(msgspec.Struct, frozen=True):
    """One attempt: from which Region through which edge, what was asked, and what came of it.

    Attributes:
        at: When it was begun, seconds since the epoch.
        came: The response as far as it is shown, or how it broke.
    """

    at: float
    region: str
    edge: str
    attempt: int
    request: Request
    came: Response | Failure
    seconds: float
    response_bytes: int


@dataclass(slots=True)
class Exchanges:
    """The last ``KEPT_MAX`` attempts. Ids rise from 1 as they end."""

    _kept: deque[tuple[int, Tried]] = field(default_factory=lambda: deque(maxlen=KEPT_MAX))
    _ended: int = 0

    def keep(
        self, at: float, now: float, region: str, edge: str, attempt: int, request: Request, came: Response | Failure
    ) -> None:
        """Remember an attempt that has ended now."""
        self._ended += 1
        size = 0
        if isinstance(came, Response):
            size = len(came.body)
            came = Response(came.status, (), came.body[:BODY_BYTES_SHOWN])
        bare = Request(request.method, request.url, (), request.body)
        self._kept.append((self._ended, Tried(at, region, edge, attempt, bare, came, now - at, size)))

    def newest(self, after: float = 0) -> list[ExchangeShown]:
        """Those that ended after the one with this id, newest first."""
        return [_show(number, tried) for number, tried in reversed(self._kept) if number > after]


def _show(number: int, tried: Tried) -> ExchangeShown:
    parts = urlsplit(tried.request.url)
    params = dict(parse_qsl(parts.query, keep_blank_values=True))
    params |= dict(parse_qsl(tried.request.body.decode("utf-8", "replace"), keep_blank_values=True))
    came = tried.came
    return ExchangeShown(
        number,
        tried.at,
        tried.region,
        tried.edge,
        tried.attempt,
        tried.request.method,
        f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}",
        round(tried.seconds, 3),
        came.status if isinstance(came, Response) else 0,
        "" if isinstance(came, Response) else came.value,
        {name: HIDDEN if _SECRET.search(name) else value for name, value in params.items()},
        came.text if isinstance(came, Response) else "",
        tried.response_bytes,
    )
