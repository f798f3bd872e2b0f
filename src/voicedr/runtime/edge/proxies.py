"""The proxy for a host, as the official library's own client finds it: an argument, else the environment.

The environment is read when a client is made, not at each request.
"""

from __future__ import annotations

import urllib.request
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True, slots=True)
class Proxy:
    """Attributes: authorization: The value of ``Proxy-Authorization``, if it wants one. It is a secret."""

    host: str
    port: int
    authorization: str | None = field(default=None, repr=False)

    @property
    def url(self) -> str:
        """Without credentials."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


class Proxies:
    """Knows the proxy for a host."""

    def __init__(self, given: str | Mapping[str, str] | None, *, trust_env: bool) -> None:
        from_environment: Mapping[str, str] = urllib.request.getproxies() if trust_env and not given else {}
        if isinstance(given, str):
            chosen = given
        else:
            by_scheme = given or from_environment
            chosen = by_scheme.get("https") or by_scheme.get("all") or ""
        self._proxy = read_proxy(chosen) if chosen else None
        self._except = from_environment if from_environment else None

    def of(self, host: str) -> Proxy | None:
        """The proxy for this host, or None to go there directly."""
        if self._proxy is None:
            return None
        if self._except is not None and urllib.request.proxy_bypass_environment(  # type: ignore[attr-defined]
            host, dict(self._except)
        ):
            return None
        return self._proxy


def read_proxy(url: str) -> Proxy:
    """A proxy from its URL.

    Raises:
        ValueError: If it is none. The message does not have the URL: there may be a password in it.
    """
    split = urlsplit(url if "://" in url else f"http://{url}")
    try:
        host, port = split.hostname, split.port
    except ValueError:
        host, port = None, None
    if split.scheme != "http" or not host:
        raise ValueError(
            "the proxy (argument proxy=, or HTTPS_PROXY in the environment) is not http://HOST:PORT. Proxies that are "
            "reached by TLS or SOCKS are not spoken to: say an HTTP proxy, or trust_env=False to go without."
        )
    authorization = None
    if split.username is not None:
        pair = f"{unquote(split.username)}:{unquote(split.password or '')}"
        authorization = "Basic " + b64encode(pair.encode()).decode()
    return Proxy(host, port or 80, authorization)
