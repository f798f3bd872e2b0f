"""Who may ask the twin's own address: programs of this machine, and the twin's own pages; no other site in a browser.

The sockets are on the loopback only, but a page from anywhere can make the browser of this machine ask them. A browser
says where a request comes from (https://www.w3.org/TR/fetch-metadata/, https://www.rfc-editor.org/rfc/rfc6454), and a
name that was made to lead here (DNS rebinding) stands in ``Host``.
"""

from __future__ import annotations

from ipaddress import ip_address

from voicedr.wire.http import Request

PREFIX = "/_twin"


def refusal(request: Request, path: str) -> str | None:
    """Why a request to the twin's own address is refused, for a person; None if it is not.

    Args:
        path: The request's path, without the query.
    """
    if path != PREFIX and not path.startswith(PREFIX + "/"):
        return None
    host = request.header("host") or ""
    if not is_loopback(host):
        return f"{host!r} is not this machine's own address: ask the twin at http://127.0.0.1:PORT. Nothing was done."
    site = request.header("sec-fetch-site")
    origin = request.header("origin")
    opened = request.method == "GET" and request.header("sec-fetch-mode") == "navigate" and path == PREFIX + "/"
    foreign = site not in (None, "same-origin", "none") and not opened
    if foreign or origin not in (None, f"http://{host}"):
        said = origin or f"a {site} page"
        return f"{said} may not ask the twin; only its own pages and programs outside a browser may. Nothing was done."
    return None


def is_loopback(host: str) -> bool:
    """True for an address of 127.0.0.0/8 or ::1, or ``localhost``, with or without a port."""
    name = host.rpartition(":")[0] if host.rpartition(":")[2].isdigit() else host
    name = name.strip("[]").lower()
    if name == "localhost":
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False
