"""The token service as an ASGI app.

    POST /token {"identity": "alice", "region": "ie1"}   a token; region may be left out. GET has them in the query
    GET  /health   200 as long as the process answers: Region, epoch, its clock
    GET  /ready    200 if a token of the active Region can be minted, else 503 and why
    GET  /metrics  counters, as Prometheus reads them

Callers prove themselves with ``Authorization: Bearer`` and their secret. Tokens are never cached (RFC 9111 §5.2.2.5)
and never logged.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from voicedr.runtime.region.on_disk import RegionOnDisk
from voicedr.runtime.tokens.service import Active, Asked, Minted, Refusal, TokenService
from voicedr.runtime.tokens.sources import Sources

BODY_BYTES_MAX = 4096
"""A request names one identity and one Region."""

BEARER_CHARS_MAX = 1024


class _Body(msgspec.Struct, frozen=True):
    identity: str
    region: str | None = None


def create_app(
    settings: Path,
    *,
    active: Callable[[], Active] | None = None,
    now_s: Callable[[], float] = time.time,
    monotonic_s: Callable[[], float] = time.monotonic,
    instance: str = "",
) -> Starlette:
    """The service.

    Args:
        settings: Its settings file.
        active: Says which Region is active; None: the context document that the settings name.
        now_s: Seconds since 1970.
        monotonic_s: A clock that never goes back.
        instance: What ``/health`` calls this process.

    Raises:
        SettingsBroken: If the settings cannot be used.
    """
    sources = Sources(settings, monotonic_s)
    if active is None:
        named = sources.settings().context
        active = RegionOnDisk(None if named is None else Path(named)).current
    return _Routes(TokenService(sources, active, now_s, monotonic_s), now_s, instance).app()


class _Routes:
    def __init__(self, service: TokenService, now_s: Callable[[], float], instance: str) -> None:
        self._service = service
        self._now_s = now_s
        self._instance = instance

    def app(self) -> Starlette:
        return Starlette(
            routes=[
                Route("/token", self._token, methods=["GET", "POST"]),
                Route("/health", self._health, methods=["GET"]),
                Route("/ready", self._ready, methods=["GET"]),
                Route("/metrics", self._metrics, methods=["GET"]),
            ]
        )

    async def _token(self, request: Request) -> Response:
        bearer = request.headers.get("authorization", "")
        scheme, _, secret = bearer.partition(" ")
        if scheme.lower() != "bearer" or len(secret) > BEARER_CHARS_MAX:
            secret = ""
        if request.method == "GET":
            body = _Body(request.query_params.get("identity", ""), request.query_params.get("region") or None)
        else:
            try:
                body = msgspec.json.decode(await _bytes(request), type=_Body)
            except _TooLarge:
                return _json(413, {"error": f"the request is larger than {BODY_BYTES_MAX} bytes: send one identity"})
            except ClientDisconnect:
                return Response(status_code=400)
            except (msgspec.DecodeError, UnicodeDecodeError):
                return _json(400, {"error": 'the request is no {"identity": "…"} in JSON'})
        answer = self._service.answer(Asked(body.identity, body.region, secret))
        match answer:
            case Minted():
                return _json(200, answer)
            case Refusal(status, why, wait_s):
                headers = {} if wait_s is None else {"Retry-After": str(math.ceil(wait_s))}
                if status == 401:
                    headers["WWW-Authenticate"] = "Bearer"
                return _json(status, {"error": why}, headers)

    async def _health(self, _request: Request) -> Response:
        region, epoch, _ = self._service.stands()
        return _json(200, {"active_region": region, "epoch": epoch, "instance": self._instance, "now": self._now_s()})

    async def _ready(self, _request: Request) -> Response:
        region, epoch, problems = self._service.stands()
        status = 503 if region is None else 200
        return _json(status, {"active_region": region, "epoch": epoch, "problems": problems})

    async def _metrics(self, _request: Request) -> Response:
        region, epoch, problems = self._service.stands()
        lines = ["# HELP voicedr_tokens_total Requests for tokens.", "# TYPE voicedr_tokens_total counter"]
        for (what, where), count in sorted(self._service.counts.items()):
            lines.append(f'voicedr_tokens_total{{result="{what}",region="{where}"}} {count}')
        lines += ["# TYPE voicedr_tokens_ready gauge", f"voicedr_tokens_ready {int(region is not None)}"]
        lines += ["# TYPE voicedr_tokens_problems gauge", f"voicedr_tokens_problems {len(problems)}"]
        lines += ["# TYPE voicedr_tokens_epoch gauge", f"voicedr_tokens_epoch {epoch}"]
        return Response("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4")


class _TooLarge(Exception):
    pass


async def _bytes(request: Request) -> bytes:
    content = bytearray()
    async for part in request.stream():
        content += part
        if len(content) > BODY_BYTES_MAX:
            raise _TooLarge
    return bytes(content)


def _json(status: int, value: object, headers: dict[str, str] | None = None) -> Response:
    every = {"Cache-Control": "no-store", **(headers or {})}
    return Response(msgspec.json.encode(value), status, every, "application/json")
