"""What the provider's REST API answers, as bytes: resources, errors, dates.

Sources: https://www.twilio.com/docs/usage/twilios-response (shapes and status codes) and
https://www.twilio.com/docs/api/errors (codes), read 2026-11-21.
"""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import Any

import msgspec

from voicedr.wire.http import Response

JSON: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)
_encode = msgspec.json.Encoder().encode


class Refused(Exception):
    """The request cannot be done. Nothing changed. ``code`` is the provider's error code."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def resource(body: dict[str, Any], status: int = 200) -> Response:
    """A resource, or a page of them."""
    return Response(status, JSON, _encode(body))


def error(status: int, code: int, message: str) -> Response:
    """An error body with the four keys that the provider's has."""
    more_info = f"https://www.twilio.com/docs/errors/{code}"
    return Response(status, JSON, _encode({"code": code, "message": message, "more_info": more_info, "status": status}))


def not_found(path: str) -> Refused:
    """20404: also what another Region's id gives, since a Region sees only what it holds."""
    return Refused(404, 20404, f"The requested resource {path} was not found")


def realm(region: str) -> Refused:
    """What a Region answers that does not offer an endpoint.

    Its text was seen in the field; its code is not documented, so 20404 is an assumption.
    """
    return Refused(404, 20404, f"Endpoint is not supported in realm '{region}'")


def method_not_allowed(method: str) -> Refused:
    """20004: the path is known and this method is not."""
    return Refused(405, 20004, f"Method {method} not allowed")


NO_CONTENT = Response(204)

SERVICE_UNAVAILABLE = Response(
    503,
    (("Content-Type", "text/html; charset=utf-8"),),
    b"<html><head><title>503 Service Temporarily Unavailable</title></head><body>"
    b"<center><h1>503 Service Temporarily Unavailable</h1></center></body></html>",
)
"""What a load balancer says when nobody is behind it. It is not JSON."""


@lru_cache(maxsize=4096)
def _rfc2822(second: int) -> str:
    return format_datetime(datetime.fromtimestamp(second, UTC))


@lru_cache(maxsize=4096)
def _iso(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc2822(at: float | None) -> str | None:
    """A time as the 2010 API writes it: ``Fri, 20 Aug 2010 01:13:42 +0000``."""
    return None if at is None else _rfc2822(int(at))


def iso(at: float | None) -> str | None:
    """A time as the product APIs write it: ``2015-07-30T20:00:00Z``."""
    return None if at is None else _iso(int(at))
