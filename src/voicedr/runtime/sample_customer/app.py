"""The sample application as an ASGI app: webhooks, status callbacks, health, counters and the operator's switch.

    GET, POST  /voice/<line>, /voice/<line>/<step>   TwiML; 403 unless the provider signed the request
    GET, POST  /status                               status callbacks: 204
    GET        /health                               {"region", "active_region", "epoch", "instance"}
    GET        /stats                                what was answered, by line and Region
    POST       /_operator/answer {"status": 500}     every webhook answers so from now on; 200 heals it

It keeps nothing but counters, so two instances need not know of each other. 204 with an empty body is what the provider
accepts of a status callback (https://www.twilio.com/docs/api/errors/15003).
"""

from __future__ import annotations

import hmac
from collections import Counter
from datetime import datetime
from urllib.parse import parse_qsl, quote

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from voicedr.runtime.sample_customer.lines import LINES, Asked, answer_for
from voicedr.runtime.sample_customer.region_context import RegionContext
from voicedr.runtime.sample_customer.settings import Settings
from voicedr.wire.signatures import HEADER, validate

_BODY_BYTES_MAX = 64 * 1024
"""A webhook's form is two kilobytes or so."""


class _Switch(msgspec.Struct, frozen=True):
    """What the operator posts."""

    status: int


class SampleCustomer:
    """One process's state: the context reader, the counters, and the status the operator asked for."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._context = RegionContext(settings.context_path)
        self._answered: Counter[tuple[str, str]] = Counter()
        self._errors_reported: Counter[str] = Counter()
        self._status_callbacks = 0
        self._refused = 0
        self._answered_badly = 0
        self._last_at: datetime | None = None
        self._answer_status = 200

    def asgi(self) -> Starlette:
        """The app with its routes."""
        return Starlette(
            routes=[
                Route("/voice/{line}", self._voice, methods=["GET", "POST"]),
                Route("/voice/{line}/{step}", self._voice, methods=["GET", "POST"]),
                Route("/status", self._status, methods=["GET", "POST"]),
                Route("/health", self._health, methods=["GET"]),
                Route("/stats", self._stats, methods=["GET"]),
                Route("/_operator/answer", self._operator, methods=["POST"]),
            ]
        )

    async def _voice(self, request: Request) -> Response:
        line = request.path_params["line"]
        answer = answer_for(line, request.path_params.get("step", ""))
        if answer is None:
            return _plain(404, f"{request.url.path}: no such line or step; the lines are {', '.join(LINES)}")
        body = await _body(request)
        if isinstance(body, Response):
            return body
        region = self._signing_region(request, body)
        if region is None:
            return self._refuse()
        if self._answer_status != 200:
            self._answered_badly += 1
            return _plain(self._answer_status, "the operator asked for this answer")
        params = dict([*parse_qsl(request.url.query, keep_blank_values=True), *body])
        if code := params.get("ErrorCode"):
            self._errors_reported[code] += 1
        asked = Asked(
            line, params, self._settings.role, degraded=self._runs_in(line, region) != self._settings.home_region
        )
        self._answered[line, region] += 1
        self._last_at = self._settings.now()
        return Response(answer(asked), media_type="text/xml")

    async def _status(self, request: Request) -> Response:
        body = await _body(request)
        if isinstance(body, Response):
            return body
        if self._signing_region(request, body) is None:
            return self._refuse()
        self._status_callbacks += 1
        return Response(status_code=204)

    async def _health(self, request: Request) -> Response:
        context = self._context.current()
        return _json(
            {
                "region": self._settings.region,
                "active_region": context.region,
                "epoch": context.epoch,
                "instance": self._settings.instance,
            }
        )

    async def _stats(self, request: Request) -> Response:
        webhooks: dict[str, dict[str, int]] = {line: {} for line in LINES}
        for (line, region), count in sorted(self._answered.items()):
            webhooks[line][region] = count
        return _json(
            {
                "instance": self._settings.instance,
                "webhooks": webhooks,
                "last_at": self._last_at,
                "refused": self._refused,
                "answered_badly": self._answered_badly,
                "errors_reported": dict(sorted(self._errors_reported.items())),
                "status_callbacks": self._status_callbacks,
                "context_problem": self._context.current().problem,
            }
        )

    async def _operator(self, request: Request) -> Response:
        expected = self._settings.operator_token
        given = request.headers.get("authorization", "")
        if expected is None or not hmac.compare_digest(given.encode(), f"Bearer {expected}".encode()):
            return _plain(403, "send the operator token of this process's start as Authorization: Bearer TOKEN")
        body = await _bytes(request)
        if isinstance(body, Response):
            return body
        try:
            switch = msgspec.json.decode(body, type=_Switch)
        except msgspec.DecodeError as error:
            return _plain(400, f'not understood ({error}); send {{"status": 500}} or {{"status": 200}}')
        if not 200 <= switch.status <= 599:
            return _plain(400, f"status {switch.status} cannot be answered; send one from 200 to 599")
        self._answer_status = switch.status
        return _json({"status": self._answer_status})

    def _runs_in(self, line: str, call_region: str) -> str:
        """The Region a line works in: the support line is told by its context, the others go where the call is."""
        if line != "support-line":
            return call_region
        return self._context.current().region or self._settings.region

    def _signing_region(self, request: Request, body: list[tuple[str, str]]) -> str | None:
        """The Region whose auth token signed the request; None: none of them did."""
        signature = request.headers.get(HEADER)
        if not signature:
            return None
        url = _url_as_signed(request, self._settings.public_url)
        for region, token in self._settings.auth_tokens.items():
            if validate(token, signature, url, body):
                return region
        return None

    def _refuse(self) -> Response:
        self._refused += 1
        regions = ", ".join(self._settings.auth_tokens) or "no Region"
        return _plain(403, f"not signed with an auth token of the account; tokens are known for {regions}")


def create_app(settings: Settings) -> Starlette:
    """The ASGI app of one process. It may be called in process too: it opens no socket and reads no clock."""
    return SampleCustomer(settings).asgi()


def _url_as_signed(request: Request, public_url: str | None) -> str:
    """The URL that the provider asked for, byte for byte as far as a server can tell."""
    scope = request.scope
    path = scope["raw_path"].decode("latin-1") if scope.get("raw_path") else quote(scope["path"])
    query = scope.get("query_string", b"").decode("latin-1")
    base = public_url.rstrip("/") if public_url else f"{request.url.scheme}://{request.headers.get('host', '')}"
    return f"{base}{path}?{query}" if query else f"{base}{path}"


async def _body(request: Request) -> list[tuple[str, str]] | Response:
    """The form's pairs in order, empty values kept; or the refusal to send."""
    body = await _bytes(request)
    if isinstance(body, Response):
        return body
    try:
        return parse_qsl(body.decode(), keep_blank_values=True)
    except ValueError:
        return _plain(400, "the form is not UTF-8")


async def _bytes(request: Request) -> bytes | Response:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > _BODY_BYTES_MAX:
                return _plain(413, f"longer than {_BODY_BYTES_MAX} bytes")
    except ClientDisconnect:
        return _plain(400, "the client hung up in the middle of its request")
    return bytes(body)


def _plain(status: int, text: str) -> Response:
    return Response(text + "\n", status_code=status, media_type="text/plain")


def _json(value: object) -> Response:
    return Response(msgspec.json.encode(value), media_type="application/json")
