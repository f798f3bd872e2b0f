"""Play: a recording, or keys, are played (https://www.twilio.com/docs/voice/twiml/play)."""

from __future__ import annotations

from voicedr.twin.calls.attributes import absolute, whole, word
from voicedr.twin.calls.commands import Script, Wait
from voicedr.twin.calls.line import GoOn, Line, Next
from voicedr.twin.calls.ringing import CALL_MAX_S
from voicedr.wire.twiml import Element

PLAY_S = 5.0
"""How long a recording is taken to last: it is not fetched, so its length is not known."""

KEY_S = 0.2
PAUSE_S = 0.5
"""A ``w`` among the digits."""


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Heard as often as ``loop`` says; 0 is until somebody hangs up. Without a URL it is the answer itself."""
    digits = word(element, "digits")
    if digits:
        line.hears("digits", digits)
        yield Wait(sum(PAUSE_S if digit in "wW" else KEY_S for digit in digits[:100]))
        return GoOn()
    loop = whole(element, "loop")
    line.hears("play", absolute(line, element.text))
    yield Wait(min(PLAY_S * loop, CALL_MAX_S) if loop else CALL_MAX_S)
    return GoOn()
