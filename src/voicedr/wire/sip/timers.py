"""The timers of SIP transactions, and what a transaction asks of whoever runs it (RFC 3261 section 17, table 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from voicedr.wire.sip.messages import Request, Response


@dataclass(frozen=True, slots=True)
class Timers:
    """Round trip estimate, longest retransmission interval, and how long a message stays in the network."""

    t1_s: float = 0.5
    t2_s: float = 4.0
    t4_s: float = 5.0

    @property
    def long_s(self) -> float:
        """64 × T1: timers B, D, F, H, J, L and M."""
        return 64 * self.t1_s


@dataclass(frozen=True, slots=True)
class Transmit:
    """Put this on the transaction's transport."""

    message: Request | Response


@dataclass(frozen=True, slots=True)
class Deliver:
    """Tell the transaction user of this message."""

    message: Request | Response


@dataclass(frozen=True, slots=True)
class GaveUp:
    """Tell the transaction user that nothing came in time, or that the transport failed. ``why`` is for people."""

    why: str


Effect: TypeAlias = Transmit | Deliver | GaveUp

NEAR_S = 1e-6
"""What is due within this is due: sums of floats fall a little short."""


def earliest(*times: float | None) -> float | None:
    """The first of those that are set."""
    return min((at for at in times if at is not None), default=None)


def is_due(at: float | None, now: float) -> bool:
    """Whether a timer that may be unset has run out."""
    return at is not None and now >= at - NEAR_S
