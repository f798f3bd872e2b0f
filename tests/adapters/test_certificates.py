"""Certificates over sockets: what each refusal is called, and whether the end is told."""

from __future__ import annotations

import asyncio
import ssl
import warnings
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.http.certificates import Authority
from adapters.http.loopback import Peer, listening
from voicedr.adapters.certificates import SocketCertificates
from voicedr.ports.certificates import CertificatesFailed, ShownCertificate


async def shown(peer: Peer, tls: ssl.SSLContext | None, host: str, ca_file: Path | None) -> ShownCertificate:
    async with listening(peer, tls) as port:
        return await SocketCertificates(ca_file=ca_file, address=("127.0.0.1", port)).of(host, port)


@pytest.mark.parametrize(
    ("host", "ended", "known", "problem"),
    [
        ("api.example", False, True, None),
        ("api.example", True, True, "it has expired"),
        ("other.example", False, True, "it is for another name"),
    ],
)
def test_certificates_over_sockets(tmp_path: Path, host: str, ended: bool, known: bool, problem: str | None) -> None:
    """Good, expired and for another name are told apart, and the end is told in each case."""
    authority = Authority(tmp_path)
    tls = authority.server("api.example", ended=ended)
    seen = asyncio.run(shown(_hangs_up, tls, host, authority.ca_file if known else None))
    assert seen.problem == problem
    assert seen.protocol == "TLSv1.3"
    assert seen.until is not None
    assert (seen.until < datetime.now(UTC)) is ended


def test_a_certificate_that_nobody_knows_is_refused(tmp_path: Path) -> None:
    """An authority that is not among the roots, as for a self-signed one."""
    seen = asyncio.run(shown(_hangs_up, Authority(tmp_path).server("api.example"), "api.example", None))
    assert seen.problem is not None
    assert "not trusted" in seen.problem or "signed by itself" in seen.problem
    assert seen.until is not None


def test_old_tls_and_no_tls_are_refused(tmp_path: Path) -> None:
    """Below TLS 1.2, or plain text where TLS was expected: no handshake, and no guess about a certificate."""
    authority = Authority(tmp_path)
    tls = authority.server("api.example")
    tls.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        tls.minimum_version, tls.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    for context, peer in ((tls, _hangs_up), (None, _speaks_plainly)):
        seen = asyncio.run(shown(peer, context, "api.example", authority.ca_file))
        assert seen.until is None
        assert seen.problem is not None


def test_a_dead_port_says_nothing_about_its_certificate(tmp_path: Path) -> None:
    """Nobody there: unknown, not bad."""

    async def main() -> None:
        async with listening(_hangs_up) as port:
            pass
        await SocketCertificates(address=("127.0.0.1", port)).of("api.example", port)

    with pytest.raises(CertificatesFailed):
        asyncio.run(main())


async def _hangs_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(1)


async def _speaks_plainly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(100)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
