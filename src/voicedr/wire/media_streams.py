"""Messages of a media stream, as JSON text (https://www.twilio.com/docs/voice/media-streams/websocket-messages)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

FRAME_S = 0.02
"""Sound in one media message: 160 bytes of µ-law at 8 kHz. The page does not say it; receivers report it."""

SILENCE = base64.b64encode(b"\xff" * 160).decode()
"""One frame of silence."""


class NotAMessage(ValueError):
    """What a server sent is none of media, mark and clear."""


def connected() -> str:
    """The first message on a socket."""
    return json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"})


def start(
    number: int,
    stream_sid: str,
    account_sid: str,
    call_sid: str,
    tracks: tuple[str, ...],
    parameters: Mapping[str, str],
) -> str:
    """What the stream is about; the second message."""
    return _message(
        "start",
        number,
        stream_sid,
        {
            "accountSid": account_sid,
            "streamSid": stream_sid,
            "callSid": call_sid,
            "tracks": list(tracks),
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": dict(parameters),
        },
    )


def media(number: int, stream_sid: str, track: str, chunk: int, timestamp_ms: int, payload: str = SILENCE) -> str:
    """A frame of one track. ``chunk`` counts each track from 1, the time is from the stream's start."""
    told = {"track": track, "chunk": str(chunk), "timestamp": str(timestamp_ms), "payload": payload}
    return _message("media", number, stream_sid, told)


def mark(number: int, stream_sid: str, name: str) -> str:
    """What was sent before the mark of this name has been played, or was cleared."""
    return _message("mark", number, stream_sid, {"name": name})


def stop(number: int, stream_sid: str, account_sid: str, call_sid: str) -> str:
    """The last message."""
    return _message("stop", number, stream_sid, {"accountSid": account_sid, "callSid": call_sid})


def read(text: str) -> tuple[str, str, float]:
    """What a server sent on a two-way stream: event, a mark's name, seconds of sound.

    Raises:
        NotAMessage: If it is not one of media, mark and clear (https://www.twilio.com/docs/api/errors/31924).
    """
    try:
        message = json.loads(text)
        event = message["event"]
        if event == "media":
            return "media", "", len(base64.b64decode(message["media"]["payload"], validate=True)) / 8000
        if event == "mark":
            return "mark", str(message["mark"]["name"]), 0.0
        if event == "clear":
            return "clear", "", 0.0
    except (ValueError, KeyError, TypeError) as exc:
        raise NotAMessage(f"{text[:80]!r} is not a message of a media stream") from exc
    raise NotAMessage(f"the event {event!r} is none of media, mark, clear")


def _message(event: str, number: int, stream_sid: str, told: Mapping[str, Any]) -> str:
    return json.dumps({"event": event, "sequenceNumber": str(number), "streamSid": stream_sid, event: told})
