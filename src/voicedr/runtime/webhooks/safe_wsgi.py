"""WSGI middleware: as ``SafeAsgi``. The handler runs in a thread of its own, because only so can it be left waiting.

A thread cannot be ended from outside. One that hangs keeps its place among ``workers_max``; when all hang, callers get
the safe TwiML at once. Give the handler's own requests time-outs.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from voicedr.runtime.webhooks.asgi import WEBHOOK
from voicedr.runtime.webhooks.checking import Webhook
from voicedr.runtime.webhooks.guard import Guard, Trouble, trouble_with
from voicedr.runtime.webhooks.signed_wsgi import Environ, StartResponse, WsgiApp
from voicedr.wire.twiml import BODY_BYTES_MAX

WORKERS_MAX = 32
"""Handlers that run at once; a server of threads has no more."""

_Answered = tuple[str, list[tuple[str, str]], bytes]


class SafeWsgi:
    """Answers for an application that does not, or not with TwiML. Put it inside ``SignedWsgi``."""

    def __init__(
        self,
        app: WsgiApp,
        guard: Guard,
        *,
        workers_max: int = WORKERS_MAX,
        guards: Callable[[Environ], bool] = lambda _: True,
    ) -> None:
        self._app = app
        self._guard = guard
        self._guards = guards
        self._workers = ThreadPoolExecutor(workers_max, "voicedr-webhook")
        self._free = threading.BoundedSemaphore(workers_max)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        if not self._guards(environ):
            return self._app(environ, start_response)
        ticket = self._guard.admit()
        if ticket is None:
            return self._instead(environ, start_response, Trouble.OPEN, "the handler failed too often")
        if not self._free.acquire(blocking=False):
            # That they all hang is a failure; without it a circuit on trial would wait for its end.
            self._guard.settle(ticket, good=False)
            return self._instead(environ, start_response, Trouble.BUSY, "every worker waits for its handler")
        work: Future[_Answered] = self._workers.submit(self._run, environ)
        work.add_done_callback(lambda _: self._free.release())
        sick = True
        try:
            status, headers, body = work.result(self._guard.budget_s)
        except TimeoutError:
            trouble, why = Trouble.LATE, f"no answer within {self._guard.budget_s:g} s"
        except Exception as error:  # a handler may raise anything; that is what this is for
            trouble, why = Trouble.RAISED, f"the handler raised {type(error).__name__}"
        else:
            found = _trouble(status, headers, body)
            if found is None:
                self._guard.settle(ticket, good=True)
                start_response(status, headers)
                return [body]
            trouble, why, sick = found
        self._guard.settle(ticket, good=not sick)
        return self._instead(environ, start_response, trouble, why)

    def _run(self, environ: Environ) -> _Answered:
        started: list[tuple[str, list[tuple[str, str]]]] = []
        written: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], _error: Any = None) -> Callable[[bytes], None]:
            started.append((status, headers))
            return written.append

        parts = self._app(environ, start)
        try:
            for part in parts:
                written.append(part)
                if sum(map(len, written)) > BODY_BYTES_MAX + 1:
                    break
        finally:
            if (close := getattr(parts, "close", None)) is not None:
                close()
        status, headers = started[-1] if started else ("", [])
        return status, headers, b"".join(written)

    def _instead(self, environ: Environ, start_response: StartResponse, trouble: Trouble, why: str) -> Iterable[bytes]:
        webhook = environ.get(WEBHOOK)
        body = self._guard.instead(trouble, why, dict(webhook.fields) if isinstance(webhook, Webhook) else {})
        start_response("200 OK", [("Content-Type", "text/xml"), ("Content-Length", str(len(body)))])
        return [body]


def _trouble(status: str, headers: list[tuple[str, str]], body: bytes) -> tuple[Trouble, str, bool] | None:
    code = int(status[:3]) if status[:3].isdigit() else 0
    if not code:
        return Trouble.NO_ANSWER, "the handler ended without an answer", True
    if code == 204 or 300 <= code < 400 or code in (401, 403):
        return None
    if not 200 <= code < 300:
        return Trouble.STATUS, f"the handler answered {code}", code >= 500
    kind = next((value for name, value in headers if name.lower() == "content-type"), None)
    why = trouble_with(body, kind)
    return (Trouble.TWIML, why, True) if why else None
