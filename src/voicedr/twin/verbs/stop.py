"""Stop: what Start has begun ends (https://www.twilio.com/docs/voice/twiml/stop)."""

from __future__ import annotations

from voicedr.twin.calls.attributes import word
from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.line import GoOn, Line, Next
from voicedr.twin.calls.start_recording import end_recording
from voicedr.wire.twiml import Element

NOUNS = frozenset({"Stream", "Recording"})
"""The nouns that are acted out."""


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Stop the streams of this name, or the recording, and go on. One that does not run is warned of."""
    for noun in element.children:
        if noun.name == "Stream":
            name = word(noun, "name")
            stopped = [streaming for streaming in line.streams if streaming.name == name]
            for streaming in stopped:
                streaming.stop()
            if not stopped:
                line.warn(12200, f"no Stream named {name!r} runs on this call")
        elif noun.name == "Recording":
            if line.recording is None:
                line.warn(12200, "no recording that Start began runs on this call")
            yield from end_recording(line)
        else:
            line.warn(12200, f"the noun {noun.name} of Stop is accepted and not acted out here")
    return GoOn()
