"""A private certificate authority, and certificates for the provider's hosts and SIP names that the twin serves.

Made anew at each start, in a directory of its own; the authority's key is never written. A host that the certificate is
not good for fails in TLS, as its name would at the provider.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from voicedr.twin.api.hosts import served_names

VALID_FOR = timedelta(days=30)
"""Longer than anybody leaves a twin running; short, because the file stays behind."""

OVER_SINCE = timedelta(days=2)
"""How long ago an expired certificate expired. The authority's own is older, so that nothing else is wrong with it."""


class Authority:
    """A private certificate authority, made anew; ``file`` is its certificate, for clients to trust.

    Args:
        directory: Where the file is written.
    """

    def __init__(self, directory: Path, now: datetime | None = None) -> None:
        self._directory = directory
        self._begins = (now or datetime.now(UTC)) - timedelta(minutes=5)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "voicedr twin: a private authority")])
        public = self._key.public_key()
        certificate = (
            _builder(self._name, self._name, public, self._begins - OVER_SINCE - VALID_FOR, self._begins + VALID_FOR)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .add_extension(_usage(signs_certificates=True), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        self.file = directory / "twin-ca.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def server(self, subject: str, names: Iterable[str], *, expired: bool = False) -> ssl.SSLContext:
        """The context of a server that shows a certificate for these names; TLS 1.2 or later.

        Args:
            expired: Show one whose time is over.
        """
        key = ec.generate_private_key(ec.SECP256R1())
        begins = self._begins - OVER_SINCE - VALID_FOR if expired else self._begins
        leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
        leaf = (
            _builder(leaf_name, self._name, key.public_key(), begins, begins + VALID_FOR)
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
            .add_extension(_usage(signs_certificates=False), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._key.public_key()), critical=False)
            .sign(self._key, hashes.SHA256())
        )
        chain_file = self._directory / "twin-server.pem"
        chain_file.touch(mode=0o600)
        chain_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
            + leaf.public_bytes(serialization.Encoding.PEM)
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        try:
            context.load_cert_chain(chain_file)
        finally:
            chain_file.unlink()
        return context


def hosts_context(authority: Authority) -> ssl.SSLContext:
    """What the hosts of the REST API show."""
    context = authority.server("api.twilio.com (twin)", served_names())
    context.set_alpn_protocols(["http/1.1"])
    return context


def make_certificates(directory: Path, now: datetime | None = None) -> tuple[Path, ssl.SSLContext]:
    """Make an authority, and give its PEM file and the context of the REST API's hosts."""
    authority = Authority(directory, now)
    return authority.file, hosts_context(authority)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, begins: datetime, ends: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )
