"""What a fault does to one thing that happens: a request, a call, a webhook, somebody who is rung."""

from __future__ import annotations

from dataclasses import dataclass

from voicedr.wire.http import Failure, Response


@dataclass(frozen=True, slots=True)
class CallEffect:
    """An incoming call that does not reach its handler.

    Attributes:
        outcome: A ``NetworkCall.outcome``: ``silence`` (nobody takes it) or ``failed`` (set-up fails).
        after_s: How long the caller hears nothing before it ends by itself.
    """

    outcome: str
    after_s: float


@dataclass(frozen=True, slots=True)
class WebhookEffect:
    """A webhook that goes wrong on its way from a Region.

    Attributes:
        failure: It breaks like this; None if an answer comes.
        delay_s: It takes this much longer.
        status: The answer is this HTTP status instead of the application's; None leaves the application's.
    """

    failure: Failure | None
    delay_s: float
    status: int | None


@dataclass(frozen=True, slots=True)
class PartyEffect:
    """Somebody outside who is rung."""

    answers: bool


@dataclass(frozen=True, slots=True)
class RestEffect:
    """A REST request that does not get its ordinary answer.

    Attributes:
        failure: No whole response comes; the client sees this.
        response: This comes instead of the ordinary one.
        delay_s: Whatever comes, comes this much later.
        executed: True if the request takes effect all the same: only its answer is lost.
    """

    failure: Failure | None = None
    response: Response | None = None
    delay_s: float = 0.0
    executed: bool = False
