"""Looks at certificates over sockets: a handshake, nothing said, and the connection is closed.

The first handshake verifies, as the provider's client does: roots of this machine, the host's name, today's date, TLS
1.2 or later (https://www.twilio.com/docs/usage/security, read 2026-11-21: self-signed certificates are refused). Where
it refuses, a second one asks for the certificate without looking at it, so that its end can still be told.
"""

from __future__ import annotations

import asyncio
import ssl
from datetime import datetime
from pathlib import Path

from cryptography import x509

from voicedr.adapters.http.tls import Trust
from voicedr.ports.certificates import CertificatesFailed, ShownCertificate

HANDSHAKE_S_MAX = 10.0
"""The provider gives a connection twice 5 s (https://www.twilio.com/docs/api/errors/11205, read 2026-11-21)."""

_NAME_MISMATCH = {62, 64}
"""X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH (OpenSSL, x509_vfy.h)."""

_NOT_YET, _EXPIRED = 9, 10
"""X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED (OpenSSL, x509_vfy.h)."""

_SELF_SIGNED = {18, 19}
"""X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN (OpenSSL, x509_vfy.h)."""


class SocketCertificates:
    """``Certificates`` over TCP.

    Args:
        ca_file: PEM certificates to trust besides the machine's own.
        address: Connect to this host and port in place of every other; the name stays in the handshake. For tests.
    """

    def __init__(self, *, ca_file: str | Path | None = None, address: tuple[str, int] | None = None) -> None:
        self._trust = Trust(ca_file)
        self._address = address

    async def of(self, host: str, port: int) -> ShownCertificate:
        """See ``Certificates``."""
        try:
            return await self._shaken(host, port, verified=True)
        except ssl.SSLCertVerificationError as exc:
            problem = _problem(exc)
        except (ConnectionResetError, ConnectionAbortedError):
            return ShownCertificate(None, "the connection was closed during the handshake")
        except ssl.SSLError as exc:
            return ShownCertificate(
                None, f"no TLS 1.2 or later could be agreed on ({exc.reason or 'handshake failed'})"
            )
        try:
            shown = await self._shaken(host, port, verified=False)
        except (ssl.SSLError, CertificatesFailed, ConnectionError):
            return ShownCertificate(None, problem)
        return ShownCertificate(shown.until, problem, shown.protocol)

    async def _shaken(self, host: str, port: int, *, verified: bool) -> ShownCertificate:
        connect_to, connect_port = self._address or (host, port)
        writer: asyncio.StreamWriter | None = None
        try:
            async with asyncio.timeout(HANDSHAKE_S_MAX):
                _, writer = await asyncio.open_connection(
                    connect_to,
                    connect_port,
                    ssl=self._trust.context(sni=True, verified=verified),
                    server_hostname=host,
                )
            opened = writer.get_extra_info("ssl_object")
            encoded = opened.getpeercert(binary_form=True)
            return ShownCertificate(_ends_at(encoded), None, opened.version())
        except (ssl.SSLError, ConnectionResetError, ConnectionAbortedError):
            raise  # somebody was there, and did not shake hands
        except TimeoutError as exc:
            raise CertificatesFailed(f"no handshake within {HANDSHAKE_S_MAX:g} s") from exc
        except OSError as exc:
            raise CertificatesFailed(f"no connection ({exc.strerror or exc})") from exc
        finally:
            if writer is not None:
                writer.transport.abort()


def _ends_at(encoded: bytes | None) -> datetime | None:
    if not encoded:
        return None
    try:
        return x509.load_der_x509_certificate(encoded).not_valid_after_utc
    except ValueError:
        return None


def _problem(error: ssl.SSLCertVerificationError) -> str:
    code = error.verify_code
    if code in _NAME_MISMATCH:
        return "it is for another name"
    if code == _EXPIRED:
        return "it has expired"
    if code == _NOT_YET:
        return "it is not valid yet"
    if code in _SELF_SIGNED:
        return "it is signed by itself, or by an authority that nobody knows"
    return f"it is not trusted ({error.verify_message or 'no reason given'})"
