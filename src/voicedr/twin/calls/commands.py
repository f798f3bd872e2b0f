"""What a call's script asks of the switchboard, and what may break in on it.

A script is a generator. It yields a command and is resumed with the answer; between two commands no time passes. The
exceptions below are thrown into it where it waits:

    Interruption
    ├── HungUp       the person at this end is gone (patience, or the other end of the network)
    ├── RegionLost   the Region that processes the call is down
    ├── Ended        REST ended the call
    └── Replaced     REST gave it other instructions
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

import msgspec

from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.orders import Change
from voicedr.wire.http import Request, Timeouts

if TYPE_CHECKING:
    from voicedr.twin.calls.phone import Phone  # A phone has a bell, which is here.

_Result = TypeVar("_Result")


class Wait(msgspec.Struct, frozen=True):
    """Let seconds pass. Answered with None."""

    seconds: float


class Exchange(msgspec.Struct, frozen=True):
    """Send one HTTP request. Answered with a ``Response``, or the ``Failure`` instead of one."""

    request: Request
    timeouts: Timeouts


@dataclass(frozen=True, slots=True)
class Apart:
    """Run another script beside this one and do not wait for it: a status callback. Answered with None."""

    script: Script[None]


@dataclass(frozen=True, slots=True)
class Place:
    """Place a call through the public network. Answered with its ``FarEnd``, at once.

    ``phone`` is the real one that calls: it hears what the call hears, and its keys count.
    """

    from_: str
    to: str
    caller: Caller
    synthetic: bool
    phone: Phone | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """Wait until the far end is answered or over, whichever is news, but no longer than ``seconds``.

    Answered with None; ask the far end.
    """

    far_end: FarEnd
    seconds: float
    until_over: bool = False


@dataclass(frozen=True, slots=True)
class Tie:
    """From now on this call is hung up when the far end is over. Answered with None."""

    far_end: FarEnd


class Bell:
    """Rung when something has changed for those who listen: a conference starts, an agent takes a caller."""

    __slots__ = ("_listeners",)

    def __init__(self) -> None:
        self._listeners: list[Callable[[], None]] = []

    def listen(self, listener: Callable[[], None]) -> None:
        """Call this at the next ring, once."""
        self._listeners.append(listener)

    def forget(self, listener: Callable[[], None]) -> None:
        """Do not call it any more."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def ring(self) -> None:
        """Wake whoever listens now."""
        listeners, self._listeners = self._listeners, []
        for listener in listeners:
            listener()


@dataclass(frozen=True, slots=True)
class Listen:
    """Wait until the bell rings, or one of those ``also`` listened to, but no longer than ``seconds``.

    Answered with None; look what has changed.
    """

    bell: Bell
    seconds: float
    also: tuple[Bell, ...] = ()


@dataclass(frozen=True, slots=True)
class Device:
    """A device that has registered.

    Attributes:
        address: Its address of record.
        edge: The one that it registered through.
    """

    id: str
    address: str
    edge: str


@dataclass(frozen=True, slots=True)
class Registration:
    """A device that has registered, for people.

    Attributes:
        address: Its address of record.
        contact: Where it says that it is.
        source: The address that its REGISTER came from.
        expires_in_s: How long it is registered yet.
    """

    address: str
    contact: str
    edge: str
    transport: str
    source: str
    user_agent: str
    expires_in_s: int


@dataclass(frozen=True, slots=True)
class Invite:
    """Call a SIP URI for real. Answered with its ``SipFarEnd``, at once.

    Attributes:
        to: The number that was dialled; empty if the URI says all.
        edge: Where the call arrived, and where it leaves from unless the URI says otherwise.
        domain: The trunk's, for the caller's address.
        no_response_s: It has failed if not even a provisional response came by then.
        login: User name and password for whoever asks.
        bindings: Devices that ring together instead of the URI, as ``SipDialler.registered`` gave them.
        may_redirect: Whether a 302 is followed.
    """

    sip_url: str
    from_: str
    to: str
    edge: str
    domain: str
    no_response_s: float
    login: tuple[str, str] | None = None
    bindings: tuple[Device, ...] = ()
    may_redirect: bool = True


class FarEnd(Protocol):
    """The other end of a call that was placed through the network."""

    @property
    def answered(self) -> bool:
        """Whether it was picked up; stays so when it is over."""
        ...

    @property
    def over(self) -> bool:
        """Whether it has ended."""
        ...

    @property
    def outcome(self) -> str:
        """The network call's outcome; empty while it lasts."""
        ...

    def hang_up(self) -> None:
        """End it from this side. Saying it twice is saying it once."""
        ...

    def tie(self, other: FarEnd) -> None:
        """When this is over, hang the other up."""
        ...


class Transferring(FarEnd, Protocol):
    """A transfer that was asked for: it is over when its end is known, and is not hung up."""

    @property
    def refer_code(self) -> int:
        """The final response to REFER; 0 if there was none in time."""
        ...

    @property
    def notify_code(self) -> int:
        """The last response that was reported of the new call; 0 if none was."""
        ...


class SipFarEnd(FarEnd, Protocol):
    """The other end of a call over SIP."""

    @property
    def sip_code(self) -> int:
        """The final response; 0 if there was none in time, or no way to get one."""
        ...

    @property
    def why(self) -> str:
        """How it failed, for people; empty if it did not."""
        ...

    @property
    def phone(self) -> Phone | None:
        """What it hears with; None if no sound is sent and taken."""
        ...

    @property
    def call_id(self) -> str:
        """The Call-ID; empty if no INVITE was sent."""
        ...

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The ``X-...`` headers of its answer."""
        ...

    @property
    def redirected(self) -> bool:
        """Whether it answered with a 302."""
        ...

    @property
    def redirect_failed(self) -> str:
        """Why a 302 led nowhere, for people; empty if there was none, or it was followed and answered."""
        ...

    @property
    def refer_to(self) -> str:
        """Where it wants the other end to be transferred, as its Refer-To says; then it is over. Else empty."""
        ...

    @property
    def referred(self) -> int:
        """How often it wanted that."""
        ...

    def let_refer(self) -> None:
        """From now on take a REFER of it; without this each is refused with 603."""
        ...

    def refer(self, uri: str) -> Transferring | None:
        """Ask it to call somewhere else; None if it has not been answered, or is over."""
        ...


class SipDialler(Protocol):
    """Whoever can call SIP URIs for real."""

    def calls(self, sip_url: str) -> bool:
        """Whether this URI is one of those that are really called."""
        ...

    def invite(self, order: Invite) -> SipFarEnd:
        """Call it; gives its far end at once."""
        ...

    def registered(self, user: str, domain: str) -> tuple[Device, ...]:
        """The devices that are registered at an address of record now."""
        ...

    def registrations(self) -> list[Registration]:
        """Every device that is registered now."""
        ...

    def serve(self, desk: Any) -> None:
        """Ask this ``arrival.Desk`` about calls from outside from now on."""
        ...


class Streamed(Protocol):
    """A stream that can be stopped."""

    def stop(self) -> None:
        """Stop it, soon."""
        ...


@dataclass(frozen=True, slots=True)
class OpenStream:
    """Begin a media stream beside this call; it is stopped when the call is over. Answered with None, at once."""

    streaming: Streamed


Command: TypeAlias = Wait | Exchange | Apart | Place | Watch | Tie | Listen | OpenStream | Invite
Script: TypeAlias = Generator[Command, Any, _Result]
"""Yields commands, is resumed with their answers, returns a result."""


class Interruption(Exception):
    """What ends or turns a script from outside."""


class HungUp(Interruption):
    """The person at this end is gone. Waiting is over; HTTP may still be done."""


class RegionLost(Interruption):
    """The processing Region is down. Nothing can be done for this call any more."""


class Ended(Interruption):
    """REST ended the call with this final status."""

    def __init__(self, status: str) -> None:
        super().__init__(status)
        self.status = status


class Replaced(Interruption):
    """REST gave the live call a URL or TwiML to go on with."""

    def __init__(self, change: Change) -> None:
        super().__init__("other instructions")
        self.change = change
