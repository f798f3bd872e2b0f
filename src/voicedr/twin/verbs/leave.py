"""Leave: out of the queue; what follows the Enqueue is next (https://www.twilio.com/docs/voice/twiml/leave)."""

from __future__ import annotations

from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.line import Left, Line, Next
from voicedr.wire.twiml import Element


def answers(element: Element) -> bool:
    """It picks up, though nobody can be in a queue before."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Left."""
    yield from ()
    return Left()
