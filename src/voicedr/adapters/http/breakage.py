"""What an error of aiohttp, of TLS or of the operating system means for the one question: did anybody get it?"""

from __future__ import annotations

import errno
import ssl

import aiohttp
from aiohttp import http_exceptions

from voicedr.wire.http import AnswerLost, Failure, NotDelivered

_NAME_MISMATCH = {62, 64}
"""X509_V_ERR_HOSTNAME_MISMATCH, X509_V_ERR_IP_ADDRESS_MISMATCH (OpenSSL, x509_vfy.h)."""

_WRONG_DATE = {9, 10}
"""X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED (OpenSSL, x509_vfy.h)."""


def before_connecting(error: Exception, host: str) -> NotDelivered:
    """An error that came before a connection was in hand: nobody read the request."""
    failure, what = _before(error)
    return NotDelivered(failure, f"{host}: {what}")


def after_connecting(error: Exception, host: str) -> AnswerLost:
    """An error that came when a connection was in hand: the request may have been read."""
    failure, what = _after(error)
    return AnswerLost(failure, f"{host}: {what}")


def _before(error: Exception) -> tuple[Failure, str]:
    cause: Exception = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Failure.NAME_NOT_FOUND, f"the name was not found ({_reason(cause)})"
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return _certificate(error.certificate_error)
    if isinstance(error, aiohttp.ClientConnectorSSLError) or isinstance(cause, ssl.SSLError):
        return Failure.TLS_HANDSHAKE, f"TLS could not be agreed on ({_reason(cause)})"
    if isinstance(error, aiohttp.InvalidURL):
        return Failure.NAME_NOT_FOUND, "the URL names nobody"
    if isinstance(cause, ConnectionRefusedError):
        return Failure.CONNECT_REFUSED, "the connection was refused"
    if isinstance(cause, TimeoutError):
        return Failure.CONNECT_TIMEOUT, "no connection in time"
    if isinstance(cause, ConnectionError) and _over_tls(error):
        # TCP was there and the other side hung up before TLS was.
        return Failure.TLS_HANDSHAKE, f"the connection was closed during the TLS handshake ({_reason(cause)})"
    if isinstance(cause, OSError) and cause.errno in (errno.EMFILE, errno.ENFILE):
        return Failure.CONNECT_REFUSED, "no connection could be opened here: too many open files (see ulimit -n)"
    return Failure.CONNECT_REFUSED, f"no connection ({_reason(cause)})"


def _after(error: Exception) -> tuple[Failure, str]:
    if isinstance(error, aiohttp.ServerTimeoutError | TimeoutError):
        return Failure.READ_TIMEOUT, "no answer in time"
    if isinstance(error, aiohttp.ClientResponseError):
        return (
            Failure.PROTOCOL,
            f"the answer is not HTTP ({error.message.splitlines()[0] if error.message else 'bad message'})",
        )
    if isinstance(error, aiohttp.ClientPayloadError):
        if _is_malformed(error):
            return Failure.PROTOCOL, "the body of the answer is not what its headers say"
        return Failure.RESET, "the connection was closed in the middle of the answer"
    return Failure.RESET, f"the connection was closed before a whole answer ({_reason(error)})"


def _is_malformed(error: BaseException) -> bool:
    """True if the body broke HTTP's rules, False if it only stopped: both arrive as a payload error."""
    cause = error.__cause__
    while cause is not None:
        if isinstance(cause, ConnectionError | aiohttp.ClientConnectionError):
            return False
        if isinstance(cause, http_exceptions.TransferEncodingError | http_exceptions.ContentLengthError):
            # The parser says this of a body that ends early, too: it "did not receive enough data".
            return "enough data" not in str(cause)
        if isinstance(cause, http_exceptions.BadHttpMessage):
            return True
        cause = cause.__cause__
    return False


def _certificate(error: Exception) -> tuple[Failure, str]:
    code = getattr(error, "verify_code", None)
    why = getattr(error, "verify_message", None) or _reason(error)
    if code in _NAME_MISMATCH or (code is None and isinstance(error, ssl.CertificateError)):
        return Failure.TLS_NAME_MISMATCH, f"the certificate is for another name ({why})"
    if code in _WRONG_DATE:
        return Failure.TLS_EXPIRED, f"the certificate is not valid today ({why})"
    return Failure.TLS_UNTRUSTED, f"the certificate is not trusted ({why})"


def _over_tls(error: Exception) -> bool:
    return isinstance(error, aiohttp.ClientConnectorError) and bool(error._conn_key.is_ssl)


def _reason(error: BaseException) -> str:
    if isinstance(error, ssl.SSLError) and error.reason:
        return str(error.reason)
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error).splitlines()[0] if str(error) else type(error).__name__
