"""What a fault does to one thing that happens: a request, a call, a webhook, somebody who is rung."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from voicedr.wire.http import Failure, Response


@dataclass(frozen=True, slots=True)
class CallEffect:
    """An incoming call that does not reach its handler, or reaches it late.

    Attributes:
        outcome: A ``NetworkCall.outcome``: ``silence`` (nobody takes it), ``busy`` or ``failed`` (set-up fails); empty
            if it goes on after the time.
        after_s: How long the caller hears nothing before it ends by itself, or goes on.
    """

    outcome: str
    after_s: float


@dataclass(frozen=True, slots=True)
class MediaEffect:
    """What is lost of the sound of a call that is answered.

    Attributes:
        deaf: The caller hears nothing of what is played or said.
        mute: Nothing that the caller says or keys arrives.
        keys: What becomes of the keys that the caller presses.
    """

    deaf: bool = False
    mute: bool = False
    keys: Literal["", "lost", "doubled"] = ""


@dataclass(frozen=True, slots=True)
class WebhookEffect:
    """A webhook that goes wrong on its way from a Region.

    Attributes:
        failure: It breaks like this; None if an answer comes.
        delay_s: It takes this much longer.
        status: The answer is this HTTP status instead of the application's; None leaves the application's.
        response: The answer is this; the application is not asked.
        keep_bytes: The application's answer ends after so many bytes; None leaves it whole.
        content_type: The application's answer says that it is this; empty leaves what it says.
    """

    failure: Failure | None
    delay_s: float
    status: int | None
    response: Response | None = None
    keep_bytes: int | None = None
    content_type: str = ""

    def spoilt(self, response: Response) -> Response:
        """What arrives of the application's answer."""
        body = response.body if self.keep_bytes is None else response.body[: self.keep_bytes]
        headers = response.headers
        if self.content_type:
            others = tuple(header for header in headers if header[0].lower() != "content-type")
            headers = (*others, ("Content-Type", self.content_type))
        return Response(response.status, headers, body)


@dataclass(frozen=True, slots=True)
class PartyEffect:
    """Somebody outside who is rung.

    Attributes:
        answers: Whether anything comes from them at all.
        busy: They are busy.
        sip_code: The final SIP response; below 300 they take the call.
        after_s: How long they take; None is what they always take.
    """

    answers: bool
    busy: bool = False
    sip_code: int = 200
    after_s: float | None = None


@dataclass(frozen=True, slots=True)
class SipEffect:
    """What becomes of SIP at one address of an edge.

    Attributes:
        silent: Nothing that comes is read and nothing leaves, on connections that are open, too.
        resets: What connects is reset; what is silent and does not reset is accepted and left waiting.
        code: A new call gets this final response at once.
        options_too: OPTIONS gets ``code`` as well.
        stuck_at: A new call gets this provisional response, and then nothing.
        delay_s: Responses leave this much later.
        certificate_expired: TLS shows a certificate whose time is over.
    """

    silent: bool = False
    resets: bool = False
    code: int = 0
    options_too: bool = False
    stuck_at: int = 0
    delay_s: float = 0.0
    certificate_expired: bool = False


@dataclass(frozen=True, slots=True)
class NameEffect:
    """A name that is looked up.

    Attributes:
        answer: ``nxdomain``, ``servfail`` or ``timeout`` (nothing comes) instead of what it has; empty leaves that.
        left_out: The numbers, from 1, of the edge's addresses that are missing from what it has.
    """

    answer: Literal["", "nxdomain", "servfail", "timeout"] = ""
    left_out: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class RestEffect:
    """A REST request that does not get its ordinary answer.

    Attributes:
        failure: No whole response comes; the client sees this.
        response: This comes instead of the ordinary one.
        delay_s: Whatever comes, comes this much later.
        executed: True if the request takes effect all the same: only its answer is lost.
        undone: It is answered as if it had taken effect, and nothing is kept of it.
        body: It is carried out with this body in place of its own.
    """

    failure: Failure | None = None
    response: Response | None = None
    delay_s: float = 0.0
    executed: bool = False
    undone: bool = False
    body: bytes | None = None


@dataclass(frozen=True, slots=True)
class StatusPageEffect:
    """What the provider's status page says that is not so.

    Attributes:
        green: Everything works, it says.
        lag_s: It tells of trouble this late.
        down: It cannot be read.
        invented: A component and a status that are not so.
    """

    green: bool = False
    lag_s: float = 0.0
    down: bool = False
    invented: tuple[str, str] | None = None
