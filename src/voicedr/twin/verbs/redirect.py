"""Redirect: another document goes on; nothing after it is reached (https://www.twilio.com/docs/voice/twiml/redirect)."""

from __future__ import annotations

from voicedr.twin.calls.attributes import absolute, word
from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.line import Goto, Line, Next
from voicedr.wire.twiml import Element


def answers(element: Element) -> bool:
    """It does not pick up: the other document may still refuse."""
    return False


def act(element: Element, line: Line) -> Script[Next]:
    """To its URL; without one, to the same document again."""
    yield from ()
    return Goto(absolute(line, element.text), word(element, "method"))
