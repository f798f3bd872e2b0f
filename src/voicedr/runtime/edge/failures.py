"""What a request ends with that has no answer. The class says what the caller may do.

::

    EdgeError                 an OSError
    ├── NotDelivered          it was not sent; nothing changed; repeat when you like
    ├── NotAnswered           a read was sent and not answered; nothing changed; repeat when you like
    └── MayHaveTakenEffect    a write was sent and not answered; look before you repeat it

Through the official library they are also what its own client would raise: a ``ConnectionError`` or ``Timeout`` of
``requests``, a ``ClientConnectionError`` of ``aiohttp``.
"""

from __future__ import annotations

from dataclasses import dataclass

from voicedr.runtime.edge.outcomes import LATE, SAID, Why


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt that had no answer."""

    edge: str
    why: Why
    after_s: float
    detail: str = ""


class EdgeError(OSError):
    """A request has no answer.

    Attributes:
        attempts: What was tried, in order.
    """

    standing = ""

    def __init__(self, method: str, product: str, region: str, attempts: tuple[Attempt, ...], more: str = "") -> None:
        tried = "; ".join(
            f"{one.edge}: {SAID[one.why]} ({one.after_s:.1f} s{', ' + one.detail if one.detail else ''})"
            for one in attempts
        )
        super().__init__(f"{method} to {product} in {region}: {tried or 'nothing was tried'}{more}. {self.standing}")
        self.method = method
        self.product = product
        self.region = region
        self.attempts = attempts

    @property
    def late(self) -> bool:
        """Whether the last attempt ran out of time."""
        return bool(self.attempts) and self.attempts[-1].why in LATE


class NotDelivered(EdgeError):
    """It was not sent. Nothing changed."""

    standing = "It was not sent and nothing changed: repeat it later, or go to another Region with its own credentials."


class NotAnswered(EdgeError):
    """A read was sent and not answered. Nothing changed."""

    standing = "It only reads, so nothing changed: repeat it later."


class MayHaveTakenEffect(EdgeError):
    """A write was sent and not answered."""

    standing = "It may have taken effect. Look whether it did before you repeat it."
