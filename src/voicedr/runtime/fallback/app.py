"""The fallback as an ASGI app: what callers hear while the primary does not answer.

    GET, POST  /voice, /voice/FLOW       VoiceFallbackUrl of a number, application, SIP domain or call
    GET, POST  /trunk, /trunk/FLOW       DisasterRecoveryUrl of a trunk
    GET, POST  /message, /message/FLOW   SmsFallbackUrl
    GET, POST  /step/ROUTE/LEVEL/STEP    what follows in the same call
    GET        /health, /ready, /metrics

A call may begin in one process and go on in another: all that a step needs is in its URL, in what the provider sends
with it, and in a cookie. What is counted is each process's own.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Protocol, TypedDict
from urllib.parse import urlsplit

import anyio
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from voicedr.runtime.fallback.alerting import Alerting
from voicedr.runtime.fallback.deciding import Asked, Chosen, choose, follow, host_of, resume_url
from voicedr.runtime.fallback.documents import document, hangup, thanks, waiting
from voicedr.runtime.fallback.error_classes import class_of
from voicedr.runtime.fallback.metrics import KIND as METRICS_KIND
from voicedr.runtime.fallback.metrics import Metrics
from voicedr.runtime.fallback.policy import (
    DEFAULT,
    Forward,
    Kind,
    Policy,
    Queue,
    Resume,
    Voicemail,
    last_words,
)
from voicedr.runtime.fallback.resumed import Resumed
from voicedr.runtime.fallback.unsigned import Unsigned
from voicedr.runtime.webhooks import Guard, PublicUrl, Refused, SafeAsgi, SignedAsgi, webhook_of
from voicedr.runtime.webhooks.asgi import App, Scope
from voicedr.runtime.webhooks.guard import SAFE_MESSAGE, Told

OPEN_PATHS = ("/health", "/ready", "/metrics")

ALERTS_LOOK_S = 5.0
"""How often windows that are over are looked for."""

DOCUMENTS_KEPT_MAX = 5000
"""Documents depend on route, level and language only, but for a call that is sent back."""

REFUSED_LOGGED_PER_S = 10
"""Anybody can send what is refused, and must not fill the log with it. All of it is counted."""


class Log(Protocol):
    """Where lines go."""

    dropped: int

    def say(self, event: str, **values: object) -> None:
        """One line."""

    def end(self) -> None:
        """No more will come."""


@dataclass(frozen=True, slots=True)
class Settings:
    """One process.

    Attributes:
        tokens: Auth Tokens by name. Empty is allowed only with ``unsigned``.
        unsigned: Answer everybody. For a private network, or a rehearsal.
        public: How the URL is put together that was signed.
        now: A monotonic clock in seconds.
    """

    tokens: Mapping[str, str] = field(repr=False)
    unsigned: bool = False
    public: PublicUrl = field(default_factory=PublicUrl)
    now: Callable[[], float] = time.monotonic


class Unsafe(Exception):
    """The app would answer everybody, and nobody said that it shall."""


def create_app(policy: Policy, settings: Settings, log: Log, alerting: Alerting | None = None) -> App:
    """The ASGI app of one process. It opens no socket.

    Raises:
        Unsafe: If there is no Auth Token and ``unsigned`` is not said.
    """
    if not settings.tokens and not settings.unsigned:
        raise Unsafe(
            f"{policy.path} has no auth_tokens, so nobody could tell the provider's requests from others'. Nothing was"
            " started. Write auth_tokens, or say --unsigned if only the provider can reach this application."
        )
    return _Fallback(policy, settings, log, alerting).asgi()


class _Fallback:
    def __init__(self, policy: Policy, settings: Settings, log: Log, alerting: Alerting | None) -> None:
        self._policy, self._settings, self._log, self._alerting = policy, settings, log, alerting
        self._metrics = Metrics()
        self._resumed = Resumed()
        self._documents: dict[tuple[str, int, str], bytes] = {}
        self._prefix = urlsplit(settings.public.base).path
        self._ready = False
        self._refused_in: tuple[int, int] = (0, 0)
        words = last_words(policy)
        self._last_words = document(words, policy.languages, policy.languages.default, self._step_of(DEFAULT, 0))
        self._guard = Guard(self._instead, told=self._trouble)

    def asgi(self) -> App:
        """The app with its routes and what stands before them."""
        both = ["GET", "POST"]
        routes = [
            *(
                Route(f"/{kind}{flow}", endpoint, methods=both)
                for kind, endpoint in (("voice", self._voice), ("trunk", self._trunk), ("message", self._message))
                for flow in ("", "/{flow}")
            ),
            Route("/step/{route}/{level:int}/{step}", self._step, methods=both),
            Route("/health", self._health, methods=["GET"]),
            Route("/ready", self._readiness, methods=["GET"]),
            Route("/metrics", self._shown, methods=["GET"]),
        ]
        inner = SafeAsgi(
            Starlette(routes=routes, lifespan=self._lifespan),
            self._guard,
            guards=lambda scope: scope["path"] not in OPEN_PATHS,
        )
        if not self._settings.tokens:
            return Unsigned(inner)
        return SignedAsgi(
            inner,
            self._settings.tokens,
            public=self._settings.public,
            open_paths=OPEN_PATHS,
            refusing=self._refuse,
        )

    @asynccontextmanager
    async def _lifespan(self, _: Starlette) -> AsyncIterator[None]:
        self._ready = True
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(self._look)
            try:
                yield
            finally:
                self._ready = False
                tasks.cancel_scope.cancel()
        if self._alerting is not None:
            self._alerting.look()
            await anyio.to_thread.run_sync(self._alerting.end)

    async def _look(self) -> None:
        while self._alerting is not None:
            await anyio.sleep(ALERTS_LOOK_S)
            self._alerting.look()

    async def _voice(self, request: Request) -> Response:
        return self._first(request, "call")

    async def _trunk(self, request: Request) -> Response:
        return self._first(request, "trunk")

    async def _message(self, request: Request) -> Response:
        return self._first(request, "message")

    def _first(self, request: Request, kind: Kind) -> Response:
        """A call or a message comes to us."""
        begun_s = self._settings.now()
        webhook = webhook_of(request.scope)
        asked = Asked(kind, dict(webhook.fields), request.path_params.get("flow", ""))
        chosen = choose(self._policy, asked, **self._past(asked, request, webhook.url))
        response = self._said(chosen, asked, request)
        self._metrics.count("answers_total", kind=kind, route=chosen.route, do=_what(chosen), language=chosen.language)
        self._metrics.error(class_of(asked.error_code), asked.error_host)
        self._log.say(
            "answered",
            kind=kind,
            called=asked.called,
            call=asked.fields.get("CallSid") or asked.fields.get("MessageSid", ""),
            error_code=asked.error_code,
            error_url=_bare(asked.fields.get("ErrorUrl", "")),
            route=chosen.route,
            level=chosen.level,
            do=_what(chosen),
            language=chosen.language,
            token=webhook.token,
        )
        if self._alerting is not None:
            about = (
                f"First request: a {kind} to {asked.called[:60] or '(unknown)'}, answered by route {chosen.route}"
                f" ({_what(chosen)}). The primary is tried first for every new call; nothing has to be switched back."
            )
            self._alerting.seen(asked.error_code, asked.error_host, about)
        self._metrics.took(self._settings.now() - begun_s)
        return response

    async def _step(self, request: Request) -> Response:
        """A call that is with us goes on."""
        webhook = webhook_of(request.scope)
        step, level = request.path_params["step"], request.path_params["level"]
        asked = Asked("call", dict(webhook.fields))
        past = self._past(asked, request, webhook.url)
        at = follow(self._policy, asked, request.path_params["route"], level, **past)
        self._metrics.count("steps_total", step=step if step in STEPS else "other")
        if step in ("recorded", "transcribed"):
            self._kept(step, asked)
            return Response(status_code=204)
        if step == "thanks" and isinstance(at.answer, Voicemail):
            return _twiml(thanks(at.answer, self._policy.languages, at.language))
        if step == "wait" and isinstance(at.answer, Queue):
            waited = asked.fields.get("QueueTime", "")
            waited_s = int(waited) if waited.isascii() and waited.isdigit() and len(waited) < 8 else 0
            return _twiml(waiting(at.answer, self._policy.languages, at.language, waited_s))
        if step == "after" and asked.fields.get("DialCallStatus") in ("completed", "answered"):
            return _twiml(hangup())
        if step == "left" and asked.fields.get("QueueResult") not in ("leave", "queue-full", "error", "system-error"):
            return _twiml(hangup())
        if step in ("after", "left") and isinstance(at.answer, Forward | Queue):
            at = follow(self._policy, asked, request.path_params["route"], level + 1, **past)
        self._log.say("went on", call=asked.fields.get("CallSid", ""), step=step, route=at.route, do=_what(at))
        return self._said(at, asked, request)

    def _kept(self, step: str, asked: Asked) -> None:
        """A message was left: where it is, for whoever listens to it. The text of a transcription is not logged."""
        names = ("CallSid", "RecordingSid", "RecordingUrl", "RecordingStatus", "RecordingDuration",
                 "TranscriptionSid", "TranscriptionUrl", "TranscriptionStatus")  # fmt: skip
        self._log.say(step, **{name: asked.fields[name] for name in names if name in asked.fields})

    def _past(self, asked: Asked, request: Request, url: str) -> _Past:
        count = self._resumed.count(asked.fields.get("CallSid", ""), request.headers.get("cookie", ""))
        return {"resumed": count, "own_host": host_of(url)}

    def _said(self, chosen: Chosen, asked: Asked, request: Request) -> Response:
        step = self._step_of(chosen.route, chosen.level)
        if isinstance(chosen.answer, Resume):
            url = resume_url(chosen.answer, asked, host_of(webhook_of(request.scope).url))
            sid = asked.fields.get("CallSid", "")
            cookie = self._resumed.again(sid, self._resumed.count(sid, request.headers.get("cookie", "")))
            said = document(chosen.answer, self._policy.languages, chosen.language, step, url=url)
            return _twiml(said, cookie)
        key = (chosen.route, chosen.level, chosen.language)
        kept = self._documents.get(key)
        if kept is None:
            kept = document(chosen.answer, self._policy.languages, chosen.language, step)
            if len(self._documents) < DOCUMENTS_KEPT_MAX:
                self._documents[key] = kept
        return _twiml(kept)

    def _step_of(self, route: str, level: int) -> Callable[[str], str]:
        return lambda step: f"{self._prefix}/step/{route}/{level}/{step}"

    def _instead(self, fields: Mapping[str, str]) -> bytes:
        return SAFE_MESSAGE if "MessageSid" in fields else self._last_words

    def _trouble(self, told: Told) -> None:
        self._metrics.count("troubles_total", trouble=told.trouble)
        self._log.say("trouble", trouble=told.trouble, why=told.why)

    async def _refuse(self, refused: Refused, scope: Scope) -> tuple[int, str, bytes] | None:
        self._metrics.count("refused_total", reason=refused.reason)
        second, logged = int(self._settings.now()), 0
        if self._refused_in[0] == second:
            logged = self._refused_in[1]
        self._refused_in = (second, logged + 1)
        if logged < REFUSED_LOGGED_PER_S:
            client = scope.get("client")
            self._log.say("refused", reason=refused.reason, path=scope["path"][:200], peer=client[0] if client else "")
        if self._policy.forged == "message" and refused.reason in ("forged", "unsigned"):
            return 200, "text/xml", SAFE_MESSAGE if scope["path"].startswith("/message") else self._last_words
        return None

    async def _health(self, _: Request) -> Response:
        return _json(200, {"status": "up"})

    async def _readiness(self, _: Request) -> Response:
        if not self._ready:
            return _json(503, {"status": "ending"})
        return _json(200, {"status": "ready", "policy": self._policy.path, "circuit": self._guard.state})

    async def _shown(self, _: Request) -> Response:
        more = {("log_lines_dropped_total", "", ""): self._log.dropped}
        if self._alerting is not None:
            more |= {("alerts_total", "result", result): count for result, count in self._alerting.counts.items()}
        return Response(self._metrics.text(more), media_type=METRICS_KIND)


STEPS = ("thanks", "wait", "left", "after", "recorded", "transcribed")


class _Past(TypedDict):
    resumed: int
    own_host: str


def _what(chosen: Chosen) -> str:
    return type(chosen.answer).__name__.lower()


def _bare(url: str) -> str:
    """Without what may be secret: user and password, and the query."""
    bare = url.partition("?")[0].partition("#")[0]
    scheme, slashes, rest = bare.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{authority.rpartition('@')[2]}{slash}{path}"[:500]


def _twiml(body: bytes, cookie: str = "") -> Response:
    response = Response(body, media_type="text/xml")
    if cookie:
        response.headers["set-cookie"] = cookie
    return response


def _json(status: int, value: object) -> Response:
    return Response(msgspec.json.encode(value), status_code=status, media_type="application/json")
