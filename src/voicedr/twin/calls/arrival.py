"""What customers' SIP equipment sends us, who decides about it, and how it is told.

A call goes to a trunk (``{name}.pstn.twilio.com``) or to a SIP domain (``{name}.sip.twilio.com``); a device registers
at a SIP domain. The host of the Request-URI says which, whatever address it came to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from voicedr.twin.calls.commands import Transferring
from voicedr.twin.calls.phone import Phone
from voicedr.twin.calls.sip_domain import Addressed
from voicedr.twin.faults.effects import SipEffect
from voicedr.twin.world.model import SipDomain, Trunk
from voicedr.wire.sip.digest import Credentials


@dataclass(frozen=True, slots=True)
class Arrival:
    """An INVITE from outside; or a REGISTER, whose ``host`` and ``user`` are those of its To, the address of record.

    Attributes:
        host, user: Of the Request-URI.
        callers: The users of From, Remote-Party-ID and P-Asserted-Identity, in this order.
        source: The address that it came from.
        shown: Credentials with a nonce that we gave and that is still good.
        stale: Whether credentials were shown with a nonce that is not, or not any more.
        uri, from_uri: The Request-URI and the URI in From, as text.
        headers: All of them that a webhook is told of.
        max_forwards: None if it does not say.
    """

    host: str
    user: str
    callers: tuple[str, ...]
    source: str
    transport: str
    method: str
    shown: Credentials | None
    stale: bool = False
    uri: str = ""
    from_uri: str = ""
    call_id: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    max_forwards: int | None = None


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody answers."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The final response. ``realm`` is what credentials are asked for, with 401 and 407."""

    code: int
    realm: str = ""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call to a trunk. It is rung."""

    region: str
    trunk: Trunk
    to: str
    from_: str


@dataclass(frozen=True, slots=True)
class ToDomain:
    """A call to a SIP domain. Its TwiML is run.

    Attributes:
        username: Whose password was shown; empty if none was asked for.
    """

    region: str
    domain: SipDomain
    dialled: Addressed
    arrival: Arrival
    username: str = ""


@dataclass(frozen=True, slots=True)
class Registrant:
    """A device that may register. ``user`` at ``domain`` is its address of record, without an edge."""

    region: str
    domain: SipDomain
    user: str


Admission: TypeAlias = Admitted | ToDomain


class SipSide(Protocol):
    """The SIP side of a leg."""

    def refer(self, uri: str) -> Transferring | None:
        """Ask it to call somewhere else; None if it has not been answered, or is over."""
        ...


class SipCaller(SipSide, Protocol):
    """The customer's side of the call."""

    @property
    def phone(self) -> Phone | None:
        """What it hears with; None if no sound is sent and taken."""
        ...

    @property
    def referred(self) -> int:
        """How often it asked to hand its other end on. Each was refused."""
        ...

    @property
    def unacknowledged(self) -> bool:
        """Whether it was answered and never said that it knows."""
        ...

    def ringing(self) -> None:
        """Tell it that the other end rings."""
        ...

    def answer(self) -> None:
        """Tell it that the other end has answered."""
        ...

    def refuse(self, code: int) -> None:
        """Tell it that it has failed. Nothing happens once it was answered."""
        ...

    def hang_up(self) -> None:
        """End it, answered or not. Saying it twice is saying it once."""
        ...


class Desk(Protocol):
    """Whoever decides about what comes from outside, and connects calls."""

    def admit(self, arrival: Arrival) -> Silence | Refused | Admission:
        """Decide what becomes of an INVITE."""
        ...

    def connect(self, admitted: Admission, caller: SipCaller) -> Callable[[], None]:
        """Ring whom it is for. What is given back is called when the customer's side has ended it."""
        ...

    def at_address(self, edge: str, number: int, key: str) -> SipEffect | None:
        """What becomes of SIP at an address of an edge, from 1; None if nothing is in its way.

        Args:
            key: What fares the same as long as a fault lasts, e.g. a Call-ID.
        """
        ...

    def register(self, arrival: Arrival) -> Silence | Refused | Registrant:
        """Decide whether a device may register."""
        ...

    def warn(self, registrant: Registrant, code: int, text: str) -> None:
        """Write down what was wrong with a registration that was allowed."""
        ...
