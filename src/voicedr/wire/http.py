"""HTTP as values: a request, a response, and the ways in which neither arrives.

Whoever speaks HTTP here takes a ``Send``. One is made of sockets; another calls a server in the same process under a
virtual clock. Neither the provider adapter nor the twin can tell which it was given.

    NoResponse
    ├── NotDelivered   the request did not reach anybody: it did not happen
    └── AnswerLost     it was delivered, or may have been: nobody knows what happened
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Protocol
from urllib.parse import parse_qsl, urlencode

import msgspec


class Failure(StrEnum):
    """How an exchange broke. The values are stable: journals and logs keep them."""

    NAME_NOT_FOUND = "name-not-found"
    CONNECT_REFUSED = "connect-refused"
    CONNECT_TIMEOUT = "connect-timeout"
    TLS_HANDSHAKE = "tls-handshake"
    TLS_NAME_MISMATCH = "tls-name-mismatch"
    TLS_EXPIRED = "tls-expired"
    TLS_UNTRUSTED = "tls-untrusted"
    PROTOCOL = "protocol"
    RESET = "reset"
    READ_TIMEOUT = "read-timeout"
    TOO_LARGE = "too-large"

    @property
    def delivered(self) -> bool:
        """False if the request certainly reached nobody."""
        return self in _MAY_HAVE_BEEN_DELIVERED


_MAY_HAVE_BEEN_DELIVERED = {Failure.PROTOCOL, Failure.RESET, Failure.READ_TIMEOUT, Failure.TOO_LARGE}


class NoResponse(Exception):
    """An exchange that broke before a whole response was read."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        super().__init__(detail or failure.value)
        self.failure = failure


class NotDelivered(NoResponse):
    """The request reached nobody. Nothing happened."""


class AnswerLost(NoResponse):
    """The request was, or may have been, delivered. What it did is unknown."""


def no_response(failure: Failure, detail: str = "") -> NoResponse:
    """The exception that tells the caller whether the request may have had an effect."""
    return AnswerLost(failure, detail) if failure.delivered else NotDelivered(failure, detail)


class Request(msgspec.Struct, frozen=True):
    """One request. ``url`` is absolute; header names keep their case and compare without it.

    Attributes:
        sni: Whether the TLS handshake says the server's name (RFC 6066 §3). The certificate has to be for it anyway.
        verified: Whether the server's certificate is looked at.
        public_only: Whether a name that leads to an address which is not public is as good as refused.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    sni: bool = True
    verified: bool = True
    public_only: bool = False

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return _header(self.headers, name)

    def form(self) -> list[tuple[str, str]]:
        """The body as form pairs in order, empty values kept (they clear a field at the provider)."""
        return parse_qsl(self.body.decode(), keep_blank_values=True)


class Response(msgspec.Struct, frozen=True):
    """One whole response."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """The first value of a header, or None."""
        return _header(self.headers, name)

    @property
    def text(self) -> str:
        """The body as UTF-8; what is not UTF-8 is shown as U+FFFD."""
        return self.body.decode("utf-8", "replace")


class Timeouts(msgspec.Struct, frozen=True):
    """Budgets of one exchange, in seconds. ``total_s`` counts from the start and includes connecting.

    ``read_s`` is the longest silence once connected: before the response begins, and within it. None: no limit but
    ``total_s``.
    """

    connect_s: float = 5.0
    total_s: float = 15.0
    body_bytes_max: int = 8 * 1024 * 1024
    read_s: float | None = None


class Send(Protocol):
    """Send one request, without following redirects and without retrying, and give its whole response."""

    async def __call__(self, request: Request, timeouts: Timeouts) -> Response:
        """Send a request.

        Raises:
            NotDelivered: If it reached nobody. Nothing happened.
            AnswerLost: If it was delivered, or may have been, and no whole response came back in time.
        """
        ...


def form_request(
    method: str, url: str, fields: Mapping[str, str], headers: tuple[tuple[str, str], ...] = ()
) -> Request:
    """A request with a form body, or, for GET, with the fields in the query string."""
    if method == "GET":
        joiner = "&" if "?" in url else "?"
        return Request("GET", f"{url}{joiner}{urlencode(fields)}" if fields else url, headers)
    content_type = ("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8")
    return Request(method, url, (*headers, content_type), urlencode(fields).encode())


def _header(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)
