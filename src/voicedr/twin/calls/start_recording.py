"""A recording that runs beside the call (https://www.twilio.com/docs/voice/twiml/recording)."""

from __future__ import annotations

from voicedr.twin.calls.attributes import word
from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.recording import settle_recording, tell_recording
from voicedr.twin.world.model import Recording
from voicedr.wire.twiml import Element


def begin_recording(noun: Element, line: Line, channels: str) -> Recording:
    """Begin it. One that runs already goes on and is given."""
    if line.recording is None:
        recording = line.office.record(
            line.region,
            line.call.sid,
            "StartCallRecordingTwiML",
            channels=1 if channels == "mono" else 2,
            track=word(noun, "track"),
        )
        line.recording = (recording, noun)
    return line.recording[0]


def end_recording(line: Line) -> Script[None]:
    """End it, if there is one; also when the call is over."""
    if line.recording is None:
        return
    recording, noun = line.recording
    line.recording = None
    begun = line.office.now if recording.started_at is None else recording.started_at
    settle_recording(line, recording, line.office.now - begun)
    yield from tell_recording(noun, line, recording, "completed")
