"""Say: a text is read aloud (https://www.twilio.com/docs/voice/twiml/say)."""

from __future__ import annotations

from voicedr.twin.calls.attributes import whole
from voicedr.twin.calls.commands import Script, Wait
from voicedr.twin.calls.line import GoOn, Line, Next
from voicedr.twin.calls.listening import play_out
from voicedr.twin.calls.ringing import CALL_MAX_S
from voicedr.wire.twiml import Element


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Heard for as long as its words take, as often as ``loop`` says; 0 is until somebody hangs up."""
    words = len(element.spoken.split())
    if not words:
        line.warn(13520, "Say has no text")
        return GoOn()
    loop = whole(element, "loop")
    once_s = words / max(line.office.world.settings.words_per_second, 0.1)
    if line.person.phone is not None:
        yield from play_out(line, line.person.phone, "say", element.spoken, loop, otherwise_s=once_s)
        return GoOn()
    line.hears("say", element.spoken)
    yield Wait(min(once_s * loop, CALL_MAX_S) if loop else CALL_MAX_S)
    return GoOn()
