"""What is wrong with a certificate, each thing told apart: expired, about to expire, another's name, nobody trusts it.

Pure: what was shown, the name that was wanted and the time come in.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec

from voicedr.runtime.sipkit.asked import is_address

EXPIRES_SOON_DAYS = 14
"""A certificate that ends within this is told: two weeks are two ordinary changes. A setting."""


class CertificateFinding(StrEnum):
    """One thing that is wrong."""

    EXPIRED = "expired"
    EXPIRES_SOON = "expires soon"
    NOT_YET_VALID = "not yet valid"
    NAME_MISMATCH = "not good for the name"
    UNTRUSTED = "not trusted"


class Certificate(msgspec.Struct, frozen=True):
    """What the other end showed.

    Attributes:
        subject: Its common name, or all of its subject.
        issuer: The same of who signed it.
        names: The names and addresses that it is good for (subjectAltName).
        findings: What is wrong, worst first; empty if it is good.
        why_untrusted: What the check of its signatures said.
    """

    subject: str
    issuer: str
    names: tuple[str, ...]
    not_before: datetime
    not_after: datetime
    findings: tuple[CertificateFinding, ...] = ()
    why_untrusted: str = ""

    def days_left(self, now: datetime) -> float:
        """Days until it expires; below 0 if it has."""
        return (self.not_after - now) / timedelta(days=1)


def judge(
    shown: Mapping[str, Any],
    wanted: str,
    now: datetime,
    *,
    why_untrusted: str = "",
    soon_days: float = EXPIRES_SOON_DAYS,
) -> Certificate:
    """Judge a certificate.

    Args:
        shown: As ``ssl.SSLSocket.getpeercert`` gives it.
        wanted: The SIP domain that was asked for (RFC 5922 section 4).
        why_untrusted: Why its signatures do not lead to somebody who is trusted; empty if they do.
        soon_days: Fewer days than these until it ends are a finding.
    """
    names = tuple(_names(shown))
    begins, ends = _time(shown["notBefore"]), _time(shown["notAfter"])
    findings = []
    if now > ends:
        findings.append(CertificateFinding.EXPIRED)
    if now < begins:
        findings.append(CertificateFinding.NOT_YET_VALID)
    if not good_for(names, wanted):
        findings.append(CertificateFinding.NAME_MISMATCH)
    if why_untrusted:
        findings.append(CertificateFinding.UNTRUSTED)
    if now <= ends < now + timedelta(days=soon_days):
        findings.append(CertificateFinding.EXPIRES_SOON)
    return Certificate(
        _of(shown.get("subject", ())), _of(shown.get("issuer", ())), names, begins, ends, tuple(findings), why_untrusted
    )


def good_for(names: tuple[str, ...], wanted: str) -> bool:
    """Whether one of a certificate's names is the one that was wanted.

    A wildcard stands for one label (RFC 6125 section 6.4.3): RFC 5922 section 7.2 knows none, equipment does. A common
    name without subjectAltName is not looked at.
    """
    wanted = wanted.lower().rstrip(".")
    for name in names:
        name = name.lower().rstrip(".").removeprefix("sips:").removeprefix("sip:")
        if name == wanted:
            return True
        if name.startswith("*.") and not is_address(wanted) and wanted.partition(".")[2] == name[2:]:
            return True
    return False


def _names(shown: Mapping[str, Any]) -> Iterator[str]:
    for kind, value in shown.get("subjectAltName", ()):
        # A URI names a domain only if it has no user (RFC 5922 section 7.1).
        if kind in ("DNS", "IP Address") or (kind == "URI" and value.lower().startswith("sip") and "@" not in value):
            yield value


def _of(subject: tuple[tuple[tuple[str, str], ...], ...]) -> str:
    pairs = [pair for part in subject for pair in part]
    common = [value for name, value in pairs if name == "commonName"]
    return common[0] if common else ", ".join(f"{name}={value}" for name, value in pairs)


def _time(text: str) -> datetime:
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
