"""WSGI middleware (PEP 3333): every request knows the active Region, and the instance says which one it uses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, MutableMapping
from typing import Any

from voicedr.runtime.region.active import ActiveRegion
from voicedr.runtime.region.confirming import KEY, PATH, this_instance, told

Environ = MutableMapping[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]


class RegionWsgi:
    """Puts what holds into ``environ["voicedr.region"]``. Arguments as ``RegionAsgi`` has them."""

    def __init__(self, app: App, active: ActiveRegion, *, path: str | None = PATH, instance: str | None = None) -> None:
        self._app = app
        self._active = active
        self._path = path
        self._instance = instance

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """See PEP 3333."""
        now = self._active.current()
        if self._path is None or environ.get("PATH_INFO") != self._path:
            environ[KEY] = now
            return self._app(environ, start_response)
        method = environ["REQUEST_METHOD"]
        found = method in ("GET", "HEAD")
        body = told(now, self._instance or this_instance()) if found else b"GET only\n"
        headers = [
            ("Content-Type", "application/json" if found else "text/plain"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            *([] if found else [("Allow", "GET, HEAD")]),
        ]
        start_response("200 OK" if found else "405 Method Not Allowed", headers)
        return [] if method == "HEAD" else [body]
