"""ASGI middleware: only what the provider signed reaches the application."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping
from urllib.parse import quote

from voicedr.runtime.webhooks.asgi import (
    WEBHOOK,
    App,
    Gone,
    Receive,
    Scope,
    Send,
    TooLarge,
    TooSlow,
    again,
    answer,
    body_of,
    headers_of,
)
from voicedr.runtime.webhooks.checking import (
    BODY_BYTES_MAX,
    BODY_S_MAX,
    IDEMPOTENCY,
    SIGNATURE,
    Asked,
    Refused,
    Webhook,
    check,
)
from voicedr.runtime.webhooks.public_url import PublicUrl
from voicedr.runtime.webhooks.seen import Seen

Refusing = Callable[[Refused, Scope], Awaitable[tuple[int, str, bytes] | None]]
"""What to answer to a refused request, status, type and body; None: as the refusal says."""


class SignedAsgi:
    """Hands a signed webhook on, with a ``Webhook`` in its scope; answers everything else itself.

    Args:
        app: The application.
        tokens: Auth Tokens by name, e.g. of each Region. Which one fitted is in ``Webhook.token``.
        public: How the URL is put together that was signed.
        open_paths: Paths that need no signature, ``/health``; they are handed on as they are.
        body_bytes_max: A longer body is refused with 413.
        body_s_max: A body that takes longer is refused with 408.
        seen: Says of each webhook whether it was here before.
        refusing: Told of each refusal; may choose another answer.
    """

    def __init__(
        self,
        app: App,
        tokens: Mapping[str, str],
        *,
        public: PublicUrl | None = None,
        open_paths: Collection[str] = (),
        body_bytes_max: int = BODY_BYTES_MAX,
        body_s_max: float = BODY_S_MAX,
        seen: Seen | None = None,
        refusing: Refusing | None = None,
    ) -> None:
        if not tokens or not all(tokens.values()):
            raise ValueError("no Auth Token, or an empty one, is known, so nothing could be let through; give each one")
        self._app = app
        self._tokens = dict(tokens)
        self._public = public or PublicUrl()
        self._open_paths = frozenset(open_paths)
        self._body_bytes_max = body_bytes_max
        self._body_s_max = body_s_max
        self._seen = seen
        self._refusing = refusing

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] not in ("http", "websocket") or scope.get("path") in self._open_paths:
            await self._app(scope, receive, send)
            return
        socket = scope["type"] == "websocket"
        headers = headers_of(scope)
        body = b""
        try:
            if not socket:
                body = await body_of(scope, receive, self._body_bytes_max, self._body_s_max)
        except Gone:
            return  # there is nobody to answer
        except TooLarge:
            judged: Webhook | Refused = Refused(413, "too-large", f"longer than {self._body_bytes_max} bytes")
        except TooSlow:
            judged = Refused(408, "too-slow", f"the body was not whole after {self._body_s_max:g} s")
        else:
            judged = check(_asked(scope, headers, body, self._public, socket), self._tokens)
        if isinstance(judged, Refused):
            await self._refuse(judged, scope, send, socket)
            return
        if judged.token != next(iter(self._tokens)):
            # Tried first from now on: what comes next is most likely of the same Region.
            self._tokens = {judged.token: self._tokens[judged.token], **self._tokens}
        if self._seen is not None:
            judged = self._seen.tell(judged, headers[SIGNATURE])
        await self._app({**scope, WEBHOOK: judged}, receive if socket else again(body, receive), send)

    async def _refuse(self, refused: Refused, scope: Scope, send: Send, socket: bool) -> None:
        instead = await self._refusing(refused, scope) if self._refusing is not None else None
        if socket:
            # Before it is accepted, a close is a 403 (ASGI specification, WebSocket, "Close - send event").
            await send({"type": "websocket.close", "code": 1008, "reason": refused.reason})
            return
        status, kind, body = instead or (refused.status, "text/plain; charset=utf-8", f"{refused.why}\n".encode())
        await answer(send, status, kind, body, closes=True)


def webhook_of(scope: Scope) -> Webhook:
    """The webhook that was let through.

    Raises:
        LookupError: If no ``SignedAsgi`` stands before this application.
    """
    webhook = scope.get(WEBHOOK)
    if not isinstance(webhook, Webhook):
        raise LookupError("this request came past no signature check; wrap the application in SignedAsgi")
    return webhook


def _asked(scope: Scope, headers: Mapping[str, str], body: bytes, public: PublicUrl, socket: bool) -> Asked:
    raw = scope.get("raw_path")
    path = raw.decode("latin-1") if raw else quote(scope["path"])
    query = scope.get("query_string", b"").decode("latin-1")
    client = scope.get("client")
    scheme = scope.get("scheme", "ws" if socket else "http")
    target = f"{path}?{query}" if query else path
    signatures = tuple(
        value.decode("latin-1") for name, value in scope["headers"] if name.lower() == b"x-twilio-signature"
    )
    return Asked(
        method=scope.get("method", "GET"),
        url=public.url(scheme, headers.get("host", ""), target, client[0] if client else None, headers),
        signatures=signatures,
        content_type=headers.get("content-type", ""),
        idempotency_token=headers.get(IDEMPOTENCY, ""),
        body=body,
        socket=socket,
    )
