"""One instance of the call-back line as an ASGI app, with the webhook kit around it.

    POST  /voice            greets, and offers to call back
    POST  /voice/choice     1: puts the caller on the list
    POST  /voice/message    a message, where the list cannot be written
    POST  /voice/thanks, /voice/recorded, /status
    GET   /ready            200 as long as this process answers; the balancer asks it

``/ready`` does not ask the store. Both instances share it, so a balancer that heard of its loss would take both out,
and callers who lose only their place on the list would lose the whole line.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from voicedr.runtime.sample_customer.region_context import RegionContext
from voicedr.runtime.sample_deployment.call_backs import CallBack, CallBacks, ListFull
from voicedr.runtime.sample_deployment.etcd import StoreAway
from voicedr.runtime.sample_deployment.lines import Lines
from voicedr.runtime.webhooks import AnswerStore, Guard, OnceAsgi, PublicUrl, SafeAsgi, SignedAsgi, webhook_of
from voicedr.runtime.webhooks.asgi import App, Scope

BUDGET_S = 2.5
"""How long the handler may take: the store's time, and some. Less than the balancer waits for an instance."""

OTHERS_S_MAX = 1.0
"""How long a repeated webhook waits for the instance that has it. If that one hangs, the provider goes on sooner."""

OPEN_PATHS = ("/ready", "/health")


@dataclass(frozen=True)
class Settings:
    """One instance.

    Attributes:
        instance: Its name.
        tokens: The account's Auth Token by Region: after a failover the other Region signs.
        public_url: The balancer's address, which is what the provider signs.
        overrides: Connection overrides for the URLs in TwiML.
    """

    instance: str
    tokens: Mapping[str, str] = field(repr=False)
    public_url: str
    overrides: str = ""


def create_app(settings: Settings, call_backs: CallBacks, answers: AnswerStore, context: RegionContext) -> App:
    """The app of one instance. The order of what is around the handler is that of docs/webhook_kit.md."""
    line = _Line(settings, call_backs, context)
    app = SafeAsgi(line.asgi(), Guard(Lines(settings.overrides).leave_a_message(), budget_s=BUDGET_S), guards=_is_voice)
    once = OnceAsgi(app, answers, wait_s_max=OTHERS_S_MAX, failed=line.store_failed)
    public = PublicUrl.of(settings.public_url)
    return SignedAsgi(once, settings.tokens, public=public, open_paths=OPEN_PATHS)


def _is_voice(scope: Scope) -> bool:
    return str(scope["path"]).startswith("/voice")


class _Line:
    def __init__(self, settings: Settings, call_backs: CallBacks, context: RegionContext) -> None:
        self._instance = settings.instance
        self._lines = Lines(settings.overrides)
        self._call_backs = call_backs
        self._context = context
        self._counts: Counter[str] = Counter()

    def asgi(self) -> Starlette:
        """The routes."""
        twiml: dict[str, Callable[[], bytes]] = {
            "/voice": self._lines.greeting,
            "/voice/message": self._lines.leave_a_message,
            "/voice/thanks": self._lines.thanks,
        }
        return Starlette(
            routes=[
                *(Route(path, self._says(path, makes), methods=["POST"]) for path, makes in twiml.items()),
                Route("/voice/choice", self._choice, methods=["POST"]),
                Route("/voice/recorded", self._told, methods=["POST"]),
                Route("/status", self._told, methods=["POST"]),
                Route("/ready", self._ready, methods=["GET"]),
                Route("/health", self._ready, methods=["GET"]),
            ]
        )

    def store_failed(self, _why: Exception) -> None:
        """Counted: an answer that could not be kept costs nobody anything, as long as nothing is asked twice."""
        self._counts["answers not kept"] += 1

    def _says(self, path: str, makes: Callable[[], bytes]) -> Callable[[Request], object]:
        async def answer(_request: Request) -> Response:
            self._counts[path] += 1
            return _twiml(makes())

        return answer

    async def _choice(self, request: Request) -> Response:
        fields = dict(webhook_of(request.scope).fields)
        if fields.get("Digits") != "1" or not fields.get("CallSid"):
            return _twiml(self._lines.leave_a_message())
        wanted = CallBack(fields.get("From", ""), self._instance)
        try:
            place = await asyncio.to_thread(self._call_backs.note, fields["CallSid"], wanted)
        except (StoreAway, ListFull) as exc:
            self._counts[type(exc).__name__] += 1
            return _twiml(self._lines.leave_a_message())
        self._counts["noted"] += 1
        return _twiml(self._lines.noted(place))

    async def _told(self, _request: Request) -> Response:
        return Response(status_code=204)

    async def _ready(self, _request: Request) -> Response:
        active = self._context.current()
        shown = {
            "instance": self._instance,
            "active_region": active.region,
            "epoch": active.epoch,
            "counts": dict(sorted(self._counts.items())),
            "problem": active.problem,
        }
        return Response(msgspec.json.encode(shown), media_type="application/json")


def _twiml(document: bytes) -> Response:
    return Response(document, media_type="text/xml")
