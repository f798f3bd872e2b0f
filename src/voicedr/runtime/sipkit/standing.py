"""How an address stands, as a function of what came back. What could not be looked at is never alive.

any SIP response, provisional or final   alive: 403, 404, 405 and 407 are answers too
503                                      it answers, and says that it takes no calls (RFC 3261 section 21.5.4)
nothing within 4 s, refused, reset       dead
no way from this machine                 unknown: that is about us and not about it
"""

from __future__ import annotations

import errno
from collections.abc import Iterable
from enum import StrEnum

import msgspec

from voicedr.runtime.sipkit.certificates import Certificate
from voicedr.runtime.sipkit.targets import Target

PER_ADDRESS_S = 4.0
"""After so long without a response the provider wants the next address to be tried
(https://www.twilio.com/docs/sip-trunking, termination)."""

OUR_OWN = {
    errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.EMFILE, errno.ENFILE, errno.EACCES, errno.EPERM, errno.ENOBUFS,
    errno.EAFNOSUPPORT, errno.EINVAL, errno.ENETDOWN,
}  # fmt: skip
"""Failures of this machine or of the way out of it, which say nothing about the other end."""

UNAVAILABLE = 503


class Standing(StrEnum):
    """How an address stands."""

    ALIVE = "alive"
    UNAVAILABLE = "503"
    DEAD = "dead"
    UNKNOWN = "unknown"


class Heard(msgspec.Struct, frozen=True):
    """What came back to one request.

    Attributes:
        code: Of the final response, or of the first provisional one if no other came; None if none did.
        reason: The words beside it.
        answer_s: Seconds from sending to the first response.
        sent: How many times the request was sent.
        why: Why nothing came; empty if something did.
        ours: Whether that was because of this machine.
    """

    code: int | None = None
    reason: str = ""
    answer_s: float | None = None
    sent: int = 0
    why: str = ""
    ours: bool = False

    @property
    def standing(self) -> Standing:
        """How whoever was asked stands."""
        if self.code is None:
            return Standing.UNKNOWN if self.ours else Standing.DEAD
        return Standing.UNAVAILABLE if self.code == UNAVAILABLE else Standing.ALIVE

    @property
    def said(self) -> str:
        """The answer, or why there is none, in a few words."""
        return self.why if self.code is None else f"{self.code} {self.reason}".strip()


class Probed(msgspec.Struct, frozen=True):
    """An address that was looked at.

    Attributes:
        options: What came back to OPTIONS.
        connect_s: Seconds until the connection stood, with TLS if it is TLS; None over UDP, and without a connection.
        certificate: What it showed; None without TLS.
        invite: What came back to an INVITE that was taken back at once; None if none was sent.
    """

    target: Target
    options: Heard
    connect_s: float | None = None
    certificate: Certificate | None = None
    invite: Heard | None = None

    @property
    def standing(self) -> Standing:
        """The worse of what OPTIONS and INVITE got: who answers OPTIONS may refuse calls."""
        order = (Standing.UNKNOWN, Standing.DEAD, Standing.UNAVAILABLE, Standing.ALIVE)
        heard = [self.options] if self.invite is None else [self.options, self.invite]
        return min((one.standing for one in heard), key=order.index)

    @property
    def fit(self) -> bool:
        """Whether calls can be sent there: it is alive, and nothing is wrong with its certificate."""
        return self.standing is Standing.ALIVE and (self.certificate is None or not self.certificate.findings)


class Latency(msgspec.Struct, frozen=True):
    """How quickly the addresses of one name answered.

    Attributes:
        fit: How many calls can be sent to, of ``of``.
        least_s: Of those that answered; None if none did.
    """

    name: str
    fit: int
    of: int
    least_s: float | None
    median_s: float | None
    most_s: float | None


def latencies(probed: Iterable[Probed]) -> tuple[Latency, ...]:
    """One line for each name, in the order in which they come."""
    groups: dict[str, list[Probed]] = {}
    for one in probed:
        groups.setdefault(one.target.name, []).append(one)
    return tuple(_latency(name, group) for name, group in groups.items())


def is_ours(error: OSError) -> bool:
    """Whether a failure is this machine's own."""
    return error.errno in OUR_OWN


def _latency(name: str, group: list[Probed]) -> Latency:
    took = sorted(one.options.answer_s for one in group if one.options.answer_s is not None)
    fit = sum(one.fit for one in group)
    if not took:
        return Latency(name, fit, len(group), None, None, None)
    return Latency(name, fit, len(group), took[0], took[len(took) // 2], took[-1])
