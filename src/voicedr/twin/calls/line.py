"""One leg of a call in a Region: what scripts and verbs work on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from voicedr.twin.calls.arrival import SipCaller, SipSide
from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.handler import Handler
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.person import Person
from voicedr.twin.calls.session import Session
from voicedr.twin.calls.streaming import Streaming
from voicedr.twin.world.model import Call, Recording
from voicedr.wire.twiml import Element


@dataclass(frozen=True, slots=True)
class GoOn:
    """The next verb is next."""


@dataclass(frozen=True, slots=True)
class Goto:
    """Another document is next; nothing after this verb is reached."""

    url: str
    method: str = "POST"
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Over:
    """The call is over. ``rejected`` is why it was not answered, if it was refused: rejected or busy."""

    rejected: str = ""


@dataclass(frozen=True, slots=True)
class Left:
    """The queue is left; the document that enqueued goes on."""


Next: TypeAlias = GoOn | Goto | Over | Left


class Unrunnable(Exception):
    """A document that cannot be executed, found while it runs. The alert is written; the fallback is next."""

    def __init__(self, code: int, url: str) -> None:
        super().__init__(f"{code}: {url}")
        self.code = code
        self.url = url


class Verb(Protocol):
    """A module of ``twin/verbs``. Its name is the element's, in lower case."""

    def answers(self, element: Element) -> bool:
        """Whether the call is picked up when this is the first verb."""
        ...

    def act(self, element: Element, line: Line) -> Script[Next]:
        """Act it out."""
        ...


@dataclass(slots=True)
class Line:
    """A leg.

    Attributes:
        call: Its entry in the Region's log; ``call.status`` is the CallStatus that webhooks say.
        handler: Where the call's TwiML came from at first, and the fallback for whatever fails later.
        verbs: The verbs that are acted out, by element name.
        url: The document that runs now. Empty for TwiML that came inline: it has no base.
        extra: Parameters that every request of this leg has besides the standard ones.
        parent: The leg that dialled this one; its caller hears ringing while this one listens.
        apologised: Whether the prerecorded error message was played.
        is_application: Whether this leg runs an application that was dialled.
        streams: Media streams of this leg that run.
        recording: What Start Recording began and nothing has stopped yet, and the noun that did.
        picks_up: The SIP equipment that calls, to be told when this is picked up; None if the call came another way.
        sip: The SIP side of this leg, whichever called whom; None if there is none, or it is simulated.
        instant, documents: How many documents were loaded in this instant, to stop a loop that takes no time.
    """

    office: Office
    region: str
    call: Call
    handler: Handler
    person: Person
    verbs: Mapping[str, Verb]
    url: str = ""
    extra: dict[str, str] = field(default_factory=dict)
    parent: Line | None = None
    session: Session = field(default_factory=Session)
    sequence: int = 0
    apologised: bool = False
    is_application: bool = False
    streams: list[Streaming] = field(default_factory=list)
    recording: tuple[Recording, Element] | None = None
    picks_up: SipCaller | None = None
    sip: SipSide | None = None
    instant: float = 0.0
    documents: int = 0

    @property
    def answered(self) -> bool:
        """Whether it was picked up."""
        return self.call.answered_at is not None

    def answer(self) -> None:
        """Pick up, unless that was done. The duration counts from here."""
        if self.call.answered_at is None:
            self.call.answered_at = self.office.now
            self.call.status = "in-progress"
            if self.picks_up is not None:
                self.picks_up.answer()

    def hears(self, what: str, detail: str = "", sound: bytes = b"") -> None:
        """What is heard on this leg from now on; before it is answered that is ringing, whatever is played.

        ``sound`` is the file that is played to a real phone.
        """
        if self.answered:
            sent = what, detail
            if self.office.world.faults:
                what, detail = self.office.arrives(self.region, self.call.to, self.call.sid, what, detail)
            self.person.hears(self.office.now, what, detail, sent=sent, sound=sound)
        else:
            self.person.hears(self.office.now, "ringing")

    def fail(self, code: int, text: str) -> Unrunnable:
        """Put an error about this call into the Region's alert feed; raise what is given."""
        self.office.alert(self.region, code, text, resource_sid=self.call.sid, url=self.url, method="POST")
        return Unrunnable(code, self.url)

    def warn(self, code: int, text: str) -> None:
        """Put a warning about this call into the Region's alert feed. The default is used and the call goes on."""
        self.office.alert(
            self.region, code, text, resource_sid=self.call.sid, url=self.url, level="warning", method="POST"
        )
