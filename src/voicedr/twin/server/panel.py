"""The panel: one page, its style and its script, served from the package at ``/_twin/``.

It is static; everything it shows it asks the control API for. The policy lets it load and ask nothing else, so what an
application answers, shown on it, cannot run (https://www.w3.org/TR/CSP3/).
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from voicedr.wire.http import Response

_FILES = {
    "/_twin/": ("panel.html", "text/html; charset=utf-8"),
    "/_twin/panel.css": ("panel.css", "text/css; charset=utf-8"),
    "/_twin/panel.js": ("panel.js", "text/javascript; charset=utf-8"),
}

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def panel(method: str, path: str) -> Response | None:
    """A file of the panel; None if the path is not one of them."""
    if method not in ("GET", "HEAD"):
        return None
    if path in ("/", "/_twin"):
        return Response(302, (("Location", "/_twin/"),))
    return _file(path) if path in _FILES else None


@cache
def _file(path: str) -> Response:
    name, content_type = _FILES[path]
    headers = (
        ("Content-Type", content_type),
        ("Cache-Control", "no-cache"),
        ("Content-Security-Policy", _POLICY),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
    )
    return Response(200, headers, (files("voicedr.twin.server") / "panel_files" / name).read_bytes())
