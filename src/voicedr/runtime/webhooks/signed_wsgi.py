"""WSGI middleware: only what the provider signed reaches the application (PEP 3333).

How long a body takes is up to the WSGI server, which reads it; set its time-outs. Its length is looked at here.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any
from urllib.parse import quote

from voicedr.runtime.webhooks.asgi import WEBHOOK
from voicedr.runtime.webhooks.checking import BODY_BYTES_MAX, Asked, Refused, Webhook, check
from voicedr.runtime.webhooks.public_url import PublicUrl
from voicedr.runtime.webhooks.seen import Seen

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
WsgiApp = Callable[[Environ, StartResponse], Iterable[bytes]]

PHRASES = {400: "Bad Request", 403: "Forbidden", 405: "Method Not Allowed", 413: "Content Too Large",
           415: "Unsupported Media Type"}  # fmt: skip


class SignedWsgi:
    """As ``SignedAsgi``, for WSGI. The ``Webhook`` is in the environment as ``voicedr.webhook``."""

    def __init__(
        self,
        app: WsgiApp,
        tokens: Mapping[str, str],
        *,
        public: PublicUrl | None = None,
        open_paths: Collection[str] = (),
        body_bytes_max: int = BODY_BYTES_MAX,
        seen: Seen | None = None,
    ) -> None:
        if not tokens or not all(tokens.values()):
            raise ValueError("no Auth Token, or an empty one, is known, so nothing could be let through; give each one")
        self._app = app
        self._tokens = dict(tokens)
        self._public = public or PublicUrl()
        self._open_paths = frozenset(open_paths)
        self._body_bytes_max = body_bytes_max
        self._seen = seen

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request, or hand it on."""
        if environ.get("PATH_INFO", "") in self._open_paths:
            return self._app(environ, start_response)
        judged = self._judge(environ)
        if isinstance(judged, Refused):
            body = f"{judged.why}\n".encode()
            headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
            start_response(f"{judged.status} {PHRASES[judged.status]}", headers)
            return [body]
        if self._seen is not None:
            judged = self._seen.tell(judged, environ["HTTP_X_TWILIO_SIGNATURE"])
        handed = {**environ, WEBHOOK: judged, "wsgi.input": io.BytesIO(judged.body)}
        return self._app(handed, start_response)

    def _judge(self, environ: Environ) -> Webhook | Refused:
        said = str(environ.get("CONTENT_LENGTH") or "0")
        if not (said.isascii() and said.isdigit()):
            return Refused(400, "form", "the request's Content-Length is not a number of bytes")
        if len(said) > 12 or int(said) > self._body_bytes_max:
            return Refused(413, "too-large", f"longer than {self._body_bytes_max} bytes")
        body = environ["wsgi.input"].read(int(said)) if int(said) else b""
        # Several headers of one name reach a WSGI application as one value with commas, which no signature has.
        signature = environ.get("HTTP_X_TWILIO_SIGNATURE", "")
        headers = {
            name[5:].replace("_", "-").lower(): str(value) for name, value in environ.items() if name[:5] == "HTTP_"
        }
        asked = Asked(
            method=environ["REQUEST_METHOD"],
            url=self._public.url(
                environ["wsgi.url_scheme"],
                headers.get("host", str(environ.get("SERVER_NAME", ""))),
                _target(environ),
                environ.get("REMOTE_ADDR") or None,
                headers,
            ),
            signatures=(signature,) if signature else (),
            content_type=environ.get("CONTENT_TYPE", ""),
            idempotency_token=headers.get("i-twilio-idempotency-token", ""),
            body=body,
        )
        return check(asked, self._tokens)


def _target(environ: Environ) -> str:
    """Path and query as they came, if the server keeps them; else the path is quoted anew, as nearly as can be."""
    for kept in ("RAW_URI", "REQUEST_URI"):
        raw = str(environ.get(kept, ""))
        if raw.startswith("/"):
            return raw
    path = quote(
        (environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")).encode("latin-1"), safe="/:@!$&'()*+,;=~"
    )
    query = environ.get("QUERY_STRING", "")
    return f"{path}?{query}" if query else path
