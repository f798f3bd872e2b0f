"""ASGI middleware: every request knows the active Region, and the instance says which one it uses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from voicedr.runtime.region.active import ActiveRegion
from voicedr.runtime.region.confirming import KEY, PATH, this_instance, told

Scope = MutableMapping[str, Any]
Event = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Event]]
Send = Callable[[Event], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


class RegionAsgi:
    """Puts what holds into ``scope["voicedr.region"]``: for a request what held when it came, for its whole life.

    Args:
        app: The application.
        active: What holds.
        path: Where the instance says which Region it uses; None: nowhere.
        instance: How it calls itself there; by default the machine's name and the process's number.
    """

    def __init__(self, app: App, active: ActiveRegion, *, path: str | None = PATH, instance: str | None = None) -> None:
        self._app = app
        self._active = active
        self._path = path
        self._instance = instance

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See ASGI 3."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        now = self._active.current()
        if scope["type"] == "http" and self._path is not None and self._here(scope):
            found = scope["method"] in ("GET", "HEAD")
            body = told(now, self._instance or this_instance()) if found else b"GET only\n"
            headers = [
                (b"content-type", b"application/json" if found else b"text/plain"),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                *([] if found else [(b"allow", b"GET, HEAD")]),
            ]
            await send({"type": "http.response.start", "status": 200 if found else 405, "headers": headers})
            await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})
            return
        await self._app({**scope, KEY: now}, receive, send)

    def _here(self, scope: Scope) -> bool:
        root, path = scope.get("root_path", ""), scope["path"]
        return bool(path == self._path or (root and path == root + str(self._path)))
