"""What a stored URL names, and how it is shown."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit


def host_of(url: str) -> str | None:
    """The host of an ``http(s)`` or ``sip(s)`` URL in lower case, without port; None if there is none.

    Connection overrides (``#e=…``), user names, parameters (``;edge=…``) and headers (``?X-…``) are not part of it.
    """
    scheme, colon, rest = url.partition(":")
    if colon and scheme.lower() in {"sip", "sips"} and not rest.startswith("//"):
        # A SIP URI has no slashes (RFC 3261 §19.1.1). Its parameters begin with a semicolon, which may also stand in
        # the user part, and its headers with a question mark.
        after_user = rest.rpartition("@")[2]
        url = "sip://" + after_user.partition(";")[0].partition("?")[0]
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return host.rstrip(".").lower() or None if host else None


def shown(url: str) -> str:
    """A URL without its password, for people to read. The provider takes ``https://user:password@host/…``
    (https://www.twilio.com/docs/usage/security, read 2026-11-21)."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "a URL that cannot be read"
    if "@" not in parts.netloc:
        return url
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}:***@{host}"))


def without_fragment(url: str) -> str:
    """The URL as it is requested and signed: connection overrides stay with the provider
    (https://www.twilio.com/docs/usage/webhooks/webhooks-connection-overrides, read 2026-11-21)."""
    return url.partition("#")[0]
