"""TLS as a client: whom it trusts, and two ways to say or ask less than usual.

A handshake without the server's name still wants a certificate for it: OpenSSL compares only with the name that was
sent, so the comparison is made here, before anything is sent over the connection (RFC 6125 §6.4).
"""

from __future__ import annotations

import ssl
from ipaddress import ip_address
from pathlib import Path
from typing import Any

_NAME_MISMATCH = 62
"""X509_V_ERR_HOSTNAME_MISMATCH (OpenSSL, x509_vfy.h)."""


class Trust:
    """The contexts of one client. TLS 1.2 is the least that any of them speaks.

    Args:
        ca_file: PEM certificates to trust besides the machine's own.

    Raises:
        ValueError: If the file cannot be used.
    """

    def __init__(self, ca_file: str | Path | None = None) -> None:
        self._ca_file = ca_file
        self.usual = self._load(ssl.create_default_context())
        self._made: dict[tuple[bool, bool], ssl.SSLContext] = {(True, True): self.usual}

    def context(self, *, sni: bool, verified: bool) -> ssl.SSLContext:
        """The context of a request that says the server's name or not, and looks at its certificate or not."""
        made = self._made.get((sni, verified))
        if made is None:
            made = ssl.create_default_context() if sni else _nameless(verified)
            if verified:
                made = self._load(made)
            else:
                made.minimum_version = ssl.TLSVersion.TLSv1_2
                made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
            self._made[sni, verified] = made
        return made

    def _load(self, context: ssl.SSLContext) -> ssl.SSLContext:
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if self._ca_file is not None:
            try:
                context.load_verify_locations(cafile=str(self._ca_file))
            except (OSError, ssl.SSLError) as exc:
                raise ValueError(
                    f"the CA file {self._ca_file} cannot be used: {exc}. Give a file of PEM certificates."
                ) from exc
        return context


class _NamelessHandshake(ssl.SSLObject):
    """A handshake whose certificate is compared with a name that was not sent. No name: nothing is compared."""

    wanted: str | None = None

    def do_handshake(self) -> None:
        super().do_handshake()
        certificate: dict[str, Any] = dict(self.getpeercert() or {})
        if self.wanted is not None and not certificate_is_for(certificate, self.wanted):
            error = ssl.SSLCertVerificationError(f"the certificate is not for {self.wanted!r}")
            error.verify_code, error.verify_message = _NAME_MISMATCH, f"Hostname mismatch for {self.wanted!r}"
            raise error


class _NamelessContext(ssl.SSLContext):
    """Leaves the server's name out of every handshake, and keeps it for the comparison if certificates count."""

    sslobject_class = _NamelessHandshake

    def wrap_bio(
        self,
        incoming: ssl.MemoryBIO,
        outgoing: ssl.MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: ssl.SSLSession | None = None,
    ) -> ssl.SSLObject:
        made = super().wrap_bio(incoming, outgoing, server_side, None, session)
        if isinstance(made, _NamelessHandshake) and self.verify_mode is ssl.CERT_REQUIRED and server_hostname:
            made.wanted = server_hostname if isinstance(server_hostname, str) else server_hostname.decode("ascii")
        return made


def _nameless(verified: bool) -> ssl.SSLContext:
    context = _NamelessContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_REQUIRED if verified else ssl.CERT_NONE
    if verified:
        context.load_default_certs()
    return context


def certificate_is_for(certificate: dict[str, Any], name: str) -> bool:
    """Whether one of a certificate's subject alternative names is this host. A star stands for a whole first label."""
    host = name.rstrip(".").lower()
    for kind, text in certificate.get("subjectAltName", ()):
        if kind == "IP Address":
            try:
                if ip_address(text) == ip_address(host):
                    return True
            except ValueError:
                continue
        elif kind == "DNS":
            pattern = str(text).lower()
            if pattern == host or (pattern[:2] == "*." and host.partition(".")[2] == pattern[2:] != ""):
                return True
    return False
