"""The URL that the provider asked for, which is the one that it signed.

A server behind a proxy sees another scheme, host or path. Either its owner says the public address, or the proxy does
in ``X-Forwarded-*``. Those headers are believed from the proxies that are listed and from nobody else, and of several
values the last counts: it is the one that the listed proxy wrote, whatever its own client had sent.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

UNIX = "unix"
"""A proxy on a Unix socket has no address; list it as this."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class PublicUrl:
    """How a URL is put together. Made by ``of``."""

    base: str = ""
    networks: tuple[Network, ...] = ()
    trusts_unix: bool = False

    @classmethod
    def of(cls, base: str = "", trusted_proxies: Iterable[str] = ()) -> PublicUrl:
        """Checked settings.

        Args:
            base: ``https://voice.example`` or ``https://voice.example/prefix`` as the provider has it; then no header
                counts. Empty: as the request says.
            trusted_proxies: Addresses or networks of proxies, ``"10.0.0.0/8"``, or ``"unix"``.

        Raises:
            ValueError: If one of them is none: which, and what would be.
        """
        parts = urlsplit(base)
        if base and (parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment):
            raise ValueError(f"{base[:200]!r} is no public URL; write it as the provider has it: https://voice.example")
        networks: list[Network] = []
        listed = list(trusted_proxies)
        for one in listed:
            if one == UNIX:
                continue
            try:
                networks.append(ipaddress.ip_network(one, strict=False))
            except ValueError as exc:
                raise ValueError(f"{one[:100]!r} is no address of a proxy; write 10.0.0.5, 10.0.0.0/8 or unix") from exc
        return cls(base.rstrip("/"), tuple(networks), UNIX in listed)

    def url(self, scheme: str, host: str, target: str, peer: str | None, headers: Mapping[str, str]) -> str:
        """The URL as the provider asked for it.

        Args:
            scheme: ``https`` or ``http`` (``wss``, ``ws``) as this server saw it.
            host: The request's Host header.
            target: Path and query, byte for byte as they came.
            peer: The address of whoever connected; None on a Unix socket.
            headers: The others, names in lower case.
        """
        if self.base:
            base = self.base
            if scheme in ("ws", "wss"):
                base = "ws" + base.removeprefix("http")
            return base + target
        if self._trusts(peer):
            said = _last(headers.get("x-forwarded-proto", "")).lower()
            if said in ("https", "http"):
                secure = said == "https"
                scheme = ("wss" if secure else "ws") if scheme in ("ws", "wss") else said
            host = _last(headers.get("x-forwarded-host", "")) or host
            port = _last(headers.get("x-forwarded-port", ""))
            # Whether the port is part of what was signed differs; the check takes both (wire/signatures.py).
            if port.isascii() and port.isdigit() and len(port) <= 5 and ":" not in host.rpartition("]")[2]:
                host = f"{host}:{port}"
        return f"{scheme}://{host}{target}"

    def _trusts(self, peer: str | None) -> bool:
        if peer is None or peer == "":
            return self.trusts_unix
        try:
            address = ipaddress.ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self.networks)


def _last(value: str) -> str:
    return value.rpartition(",")[2].strip()
