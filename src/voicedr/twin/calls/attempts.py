"""Sending one request of a webhook: as often, through such edges, and for as long as the URL's overrides allow.

Without overrides: 5 s to connect, tried twice, only after no connection came about, through ashburn, 15 s in all
(https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides, https://www.twilio.com/docs/api/errors/11205).
No override makes it more than 15 s. An answer of which a part has come is never asked for again.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from voicedr.twin import faults
from voicedr.twin.calls.commands import Exchange, Script, Wait
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.session import Session
from voicedr.twin.faults.effects import WebhookEffect
from voicedr.twin.world.model import REGIONS, WebExchange
from voicedr.wire.http import Failure, Request, Response, Timeouts
from voicedr.wire.overrides import CALL_TOTAL_S, Overrides
from voicedr.wire.twiml import BODY_BYTES_MAX

_NO_CONNECTION = frozenset({Failure.CONNECT_REFUSED, Failure.CONNECT_TIMEOUT, Failure.TLS_HANDSHAKE})

_MOMENT_S = 1e-3
"""Less than this is no time left: clocks tell microseconds, and sums of floats a little less."""


class Sending(msgspec.Struct, frozen=True):
    """What is sent, and the terms.

    Attributes:
        configured: The URL as it is configured or as a redirect gave it: what faults look at.
        begun: When the webhook began; its 15 s count from here, redirects and logins included.
    """

    office: Office
    region: str
    session: Session
    overrides: Overrides
    configured: str
    begun: float
    body_bytes_max: int = BODY_BYTES_MAX


class Result(msgspec.Struct, frozen=True):
    """What came of the last attempt, and how many there were."""

    came: Response | Failure
    attempts: int


def send(terms: Sending, request: Request, url: str, settled: Callable[[Response], bool]) -> Script[Result]:
    """Send a request until it is answered, or nothing is left to try or to wait.

    Args:
        url: The URL without parameters, for the log.
        settled: Says of a response that it is to be taken as it is, whatever the retry policy: a 401 that logging in
            may cure.
    """
    office, overrides = terms.office, terms.overrides
    limit_s = min(overrides.total_s, CALL_TOTAL_S)
    came: Response | Failure = Failure.READ_TIMEOUT
    attempt = 0
    while attempt <= overrides.retries:
        began = office.now
        left_s = terms.begun + limit_s - began
        if left_s <= _MOMENT_S:
            break
        attempt += 1
        edge = _edge(terms, attempt)
        came = yield from _attempt(terms, request, edge, left_s)
        status, failure = (came.status, "") if isinstance(came, Response) else (0, came.value)
        terms.session.note(
            WebExchange(began, url, request.method, edge, attempt, status, failure, round(office.now - began, 3))
        )
        office.exchanges.keep(began, office.now, terms.region, edge, attempt, request, came)
        if _policy(came) not in overrides.retried or (isinstance(came, Response) and settled(came)):
            break
    return Result(came, attempt)


def _edge(terms: Sending, attempt: int) -> str:
    settings = terms.office.world.settings
    if not terms.overrides.edges and settings.webhooks_leave_near_region:
        return REGIONS[terms.region]
    return terms.overrides.edge(attempt, wraps=settings.edge_lists_wrap)


def _policy(came: Response | Failure) -> str:
    """The retry policy that this falls under; empty if it is never tried again, as what came in part is not."""
    if isinstance(came, Response):
        return {4: "4xx", 5: "5xx"}.get(came.status // 100, "")
    if came in _NO_CONNECTION:
        return "ct"
    return "rt" if came is Failure.READ_TIMEOUT else ""


def _attempt(terms: Sending, request: Request, edge: str, left_s: float) -> Script[Response | Failure]:
    office, overrides = terms.office, terms.overrides
    at_edge = faults.edge(office.world, edge, office.now)
    on_the_way = faults.webhook(office.world, terms.region, terms.configured, office.now)
    for effect in (at_edge, on_the_way):
        if effect is None:
            continue
        took_s, came = _suffered(effect, overrides, left_s)
        if took_s > 0:
            yield Wait(took_s)
        if came is not None:
            return came
        left_s -= took_s
        if left_s <= _MOMENT_S:
            return Failure.READ_TIMEOUT
    timeouts = Timeouts(min(overrides.connect_s, left_s), left_s, terms.body_bytes_max, min(overrides.read_s, left_s))
    result: Response | Failure = yield Exchange(request, timeouts)
    return result if on_the_way is None or isinstance(result, Failure) else on_the_way.spoilt(result)


def _suffered(effect: WebhookEffect, overrides: Overrides, left_s: float) -> tuple[float, Response | Failure | None]:
    """How long a fault holds an attempt up, and what comes of it; None if it goes on after that."""
    patience_s = min(overrides.read_s, left_s)
    match effect.failure:
        case Failure.CONNECT_TIMEOUT:
            return min(overrides.connect_s, left_s), Failure.CONNECT_TIMEOUT
        case Failure.READ_TIMEOUT:
            return patience_s, Failure.READ_TIMEOUT
        case None if effect.delay_s >= patience_s:
            return patience_s, Failure.READ_TIMEOUT
        case None if effect.response is not None:
            return effect.delay_s, effect.response
        case None if effect.status is not None:
            return effect.delay_s, Response(effect.status, (("Content-Type", "text/plain"),), b"")
        case None:
            return effect.delay_s, None
        case failure:
            return min(effect.delay_s, left_s), failure
