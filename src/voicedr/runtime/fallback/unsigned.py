"""For ``--unsigned`` alone: every request passes for a webhook. Its body has the same limits."""

from __future__ import annotations

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
from voicedr.runtime.webhooks.checking import BODY_BYTES_MAX, BODY_S_MAX, FIELDS_MAX, Webhook
from voicedr.runtime.webhooks.forms import read_form


class Unsigned:
    """Hands requests on with what they say about themselves."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand one request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await body_of(scope, receive, BODY_BYTES_MAX, BODY_S_MAX)
            query = scope.get("query_string", b"").decode("latin-1")
            fields = [*read_form(query, FIELDS_MAX), *read_form(body.decode(), FIELDS_MAX)]
        except Gone:
            return
        except (TooLarge, TooSlow) as wrong:
            await answer(send, 413 if isinstance(wrong, TooLarge) else 408, "text/plain", b"too much\n", closes=True)
            return
        except ValueError:
            await answer(send, 400, "text/plain", b"the parameters cannot be read\n")
            return
        url = f"{scope.get('scheme', 'http')}://{headers_of(scope).get('host', '')}{scope['path']}"
        webhook = Webhook("", scope["method"], url, tuple(fields), body)
        await self._app({**scope, WEBHOOK: webhook}, again(body, receive), send)
