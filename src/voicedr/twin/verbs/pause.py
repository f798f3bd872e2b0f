"""Pause: silence. As the first verb it puts off answering (https://www.twilio.com/docs/voice/twiml/pause)."""

from __future__ import annotations

from voicedr.twin.calls.attributes import whole
from voicedr.twin.calls.commands import Script, Wait
from voicedr.twin.calls.line import GoOn, Line, Next
from voicedr.wire.twiml import Element


def answers(element: Element) -> bool:
    """It does not pick up: the caller hears it ring that much longer."""
    return False


def act(element: Element, line: Line) -> Script[Next]:
    """Silence for ``length`` seconds."""
    length_s = whole(element, "length")
    line.hears("silence")
    yield Wait(length_s)
    return GoOn()
