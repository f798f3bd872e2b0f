"""Reject: the call is refused without being answered (https://www.twilio.com/docs/voice/twiml/reject)."""

from __future__ import annotations

from voicedr.twin.calls.attributes import word
from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.line import Line, Next, Over
from voicedr.wire.twiml import Element


def answers(element: Element) -> bool:
    """It does not pick up."""
    return False


def act(element: Element, line: Line) -> Script[Next]:
    """Refused as not in service or busy. Once the call has been answered, it just ends."""
    yield from ()
    reason = word(element, "reason")
    return Over() if line.answered else Over(rejected=reason)
