"""A recording's end, and telling whoever asked (https://www.twilio.com/docs/voice/twiml/record)."""

from __future__ import annotations

from voicedr.twin import faults
from voicedr.twin.calls.attributes import address_of, word, words
from voicedr.twin.calls.commands import Apart, Script
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.status_callback import notify
from voicedr.twin.calls.webhook import parameters
from voicedr.twin.world.model import Recording
from voicedr.wire.twiml import Element


def finish_recording(element: Element, line: Line, recording: Recording, seconds: float) -> Script[dict[str, str]]:
    """The recording is over: its record, its callback, and what the verb's action is told of it.

    Args:
        element: Has the ``recordingStatusCallback`` attributes.
    """
    told = settle_recording(line, recording, seconds)
    yield from tell_recording(element, line, recording, "completed" if recording.duration_s else "absent")
    return told


def settle_recording(line: Line, recording: Recording, seconds: float) -> dict[str, str]:
    """Write the record's end; gives what the verb's action is told."""
    recording.resume(line.office.now)
    if recording.duration_s is None:
        recording.duration_s = max(0, round(seconds - recording.paused_s))
    lost = faults.loses_recording(line.office.world, line.region, line.call.to, line.office.now)
    if lost:
        recording.duration_s = 0
    recording.status = "completed"
    recording.updated_at = line.office.now
    return {
        "RecordingUrl": url_of(line, recording),
        "RecordingSid": recording.sid,
        "RecordingDuration": str(recording.duration_s),
    }


def tell_recording(element: Element, line: Line, recording: Recording, event: str) -> Script[None]:
    """Send the callback if the element wants this event: in-progress, completed or absent."""
    url = address_of(line, element, "recordingStatusCallback")
    if not url or event not in words(element, "recordingStatusCallbackEvent"):
        return
    fields = parameters(line) | {
        "RecordingUrl": url_of(line, recording),
        "RecordingSid": recording.sid,
        "RecordingStatus": event,
        "RecordingChannels": str(recording.channels),
        "RecordingTrack": recording.track,
        "RecordingSource": recording.source,
    }
    if recording.conference_sid:
        fields["ConferenceSid"] = recording.conference_sid
    if event == "completed":
        fields["RecordingDuration"] = str(recording.duration_s)
    yield Apart(notify(line, url, word(element, "recordingStatusCallbackMethod"), fields))


def url_of(line: Line, recording: Recording) -> str:
    """Where the provider would have it."""
    account_sid = line.office.world.account_sid
    return f"https://api.twilio.com/2010-04-01/Accounts/{account_sid}/Recordings/{recording.sid}"
