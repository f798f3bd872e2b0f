"""What REST does to the recording of a live call, as far as the call itself has to know
(https://www.twilio.com/docs/voice/api/recording#create-a-recordings-resource)."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from voicedr.twin.calls.commands import Apart, Command, Script
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.orders import RecordingChanged
from voicedr.twin.calls.recording import tell_recording
from voicedr.twin.calls.start_recording import end_recording


def recording_changed(line: Line, order: RecordingChanged) -> Script[None]:
    """A recording was begun or stopped by REST: it ends with the call, and whoever wanted to know is told."""
    recording = line.office.store(line.region).recordings.get(order.recording_sid)
    if recording is None:
        return
    if order.noun is not None and line.recording is None:
        line.recording = (recording, order.noun)
        yield from _here(tell_recording(order.noun, line, recording, "in-progress"))
    elif recording.status == "stopped" and line.recording is not None and line.recording[0] is recording:
        yield from _here(end_recording(line))


def _here(script: Generator[Command, Any, Any]) -> Script[None]:
    """Do what a script sets apart in its turn: this one runs beside its call already."""
    for command in script:
        if isinstance(command, Apart):
            yield from command.script
        else:
            raise TypeError(f"telling of a recording sets callbacks apart, and does not {type(command).__name__}")
