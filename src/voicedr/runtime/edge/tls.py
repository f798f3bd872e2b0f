"""Whom a client trusts: the same authorities as the official library's own clients, and never nobody."""

from __future__ import annotations

import os
import ssl

_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
"""In the order in which they count; the first two are what ``requests`` reads."""

_HOSTNAME_MISMATCH = 62
"""X509_V_ERR_HOSTNAME_MISMATCH (OpenSSL, x509_vfy.h)."""


def named_file(ca_file: str | None, *, trust_env: bool) -> tuple[str, str] | None:
    """Who names the authorities, and the file; None if nobody does."""
    if ca_file is not None:
        return "ca_file", ca_file
    names = (name for name in _VARIABLES if trust_env and os.environ.get(name))
    return next(((name, os.environ[name]) for name in names), None)


def trusting(ca_file: str | None, *, trust_env: bool) -> ssl.SSLContext:
    """A context that checks names and chains.

    Raises:
        ValueError: If the file cannot be read or has no certificate.
    """
    named = named_file(ca_file, trust_env=trust_env)
    if named is None:
        return ssl.create_default_context(cafile=_certifi())
    by, ca_file = named
    try:
        if os.path.isdir(ca_file):
            return ssl.create_default_context(capath=ca_file)
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as exc:
        raise ValueError(
            f"{by}={ca_file}: cannot be used ({exc.strerror or exc}). Name a PEM file of certificates."
        ) from exc


def names_another(exc: BaseException) -> bool:
    """Whether the certificate is good, and for another name."""
    return isinstance(exc, ssl.SSLCertVerificationError) and exc.verify_code == _HOSTNAME_MISMATCH


def _certifi() -> str | None:
    try:
        import certifi
    except ImportError:
        return None
    return certifi.where()
