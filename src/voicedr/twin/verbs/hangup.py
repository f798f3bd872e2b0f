"""Hangup: the call is over. As the first verb it does not keep the call from being answered.

https://www.twilio.com/docs/voice/twiml/hangup
"""

from __future__ import annotations

from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.line import Line, Next, Over
from voicedr.wire.twiml import Element


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Over at once."""
    yield from ()
    return Over()
