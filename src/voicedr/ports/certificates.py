"""The certificate that a host shows, as this machine sees it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

import msgspec


class CertificatesFailed(Exception):
    """No connection: nobody knows which certificate the host has."""


class ShownCertificate(msgspec.Struct, frozen=True):
    """What came of one handshake.

    Attributes:
        until: When the host's own certificate ends (aware UTC); None: it showed none.
        problem: Why a client that verifies refuses it; None: it does not.
        protocol: What was spoken, e.g. ``"TLSv1.3"``; None where a handshake never ended.
    """

    until: datetime | None
    problem: str | None = None
    protocol: str | None = None


class Certificates(Protocol):
    """Looks at certificates."""

    async def of(self, host: str, port: int) -> ShownCertificate:
        """Shake hands once, twice if the first one refused it, and hang up; within a bounded time.

        Raises:
            CertificatesFailed: If there was no connection.
        """
        ...
