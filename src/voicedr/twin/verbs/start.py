"""Start: something runs beside the call, which goes on at once (https://www.twilio.com/docs/voice/twiml/start).

Stream and Recording are acted out. Siprec and Transcription are accepted and skipped.
"""

from __future__ import annotations

from voicedr.twin.calls.attributes import word
from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.line import GoOn, Line, Next
from voicedr.twin.calls.recording import tell_recording
from voicedr.twin.calls.start_recording import begin_recording
from voicedr.twin.calls.stream_noun import begin_stream
from voicedr.wire.twiml import Element

NOUNS = frozenset({"Stream", "Recording"})
"""The nouns that are acted out."""

_SKIPPED = frozenset({"Siprec", "Transcription"})


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Begin everything that is named, and go on."""
    known = [noun for noun in element.children if noun.name in NOUNS | _SKIPPED]
    if not known:
        raise line.fail(14300, "Start names nothing to start; put a Stream, Siprec, Transcription or Recording in it")
    for noun in known:
        if noun.name == "Stream":
            yield from begin_stream(noun, line, two_way=False)
        elif noun.name == "Recording":
            recording = begin_recording(noun, line, word(noun, "channels"))
            yield from tell_recording(noun, line, recording, "in-progress")
        else:
            line.warn(12200, f"the noun {noun.name} of Start is accepted and not acted out here")
    return GoOn()
