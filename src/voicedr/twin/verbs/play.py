"""Play: a recording, or keys, are played (https://www.twilio.com/docs/voice/twiml/play)."""

from __future__ import annotations

from voicedr.twin.calls.attributes import absolute, whole, word
from voicedr.twin.calls.commands import Script, Wait
from voicedr.twin.calls.line import GoOn, Line, Next
from voicedr.twin.calls.listening import play_out
from voicedr.twin.calls.ringing import CALL_MAX_S
from voicedr.twin.calls.sound_file import fetched
from voicedr.wire.twiml import Element

PLAY_S = 5.0
"""How long a recording is taken to last for a simulated caller: it is not fetched for them."""

KEY_S = 0.2
PAUSE_S = 0.5
"""A ``w`` among the digits."""


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Heard as often as ``loop`` says; 0 is until somebody hangs up. Without a URL it is the answer itself."""
    digits = word(element, "digits")
    phone = line.person.phone
    if digits:
        digits_s = sum(PAUSE_S if digit in "wW" else KEY_S for digit in digits[:100])
        if phone is not None:
            yield from play_out(line, phone, "digits", digits[:100], 1, otherwise_s=digits_s)
            return GoOn()
        line.hears("digits", digits)
        yield Wait(digits_s)
        return GoOn()
    loop = whole(element, "loop")
    if phone is not None:
        url = absolute(line, element.text)
        file = yield from fetched(line, url)
        if file is not None:
            yield from play_out(line, phone, "play", url, loop, otherwise_s=PLAY_S, sound=file)
        return GoOn()
    line.hears("play", absolute(line, element.text))
    yield Wait(min(PLAY_S * loop, CALL_MAX_S) if loop else CALL_MAX_S)
    return GoOn()
