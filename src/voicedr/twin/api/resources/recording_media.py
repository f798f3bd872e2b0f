"""The sound of a recording: as long as its metadata says, mu-law at 8,000 samples a second, in a WAV file.

Source: https://www.twilio.com/docs/voice/api/recording#fetch-a-recordings-media-file (read 2026-11-21): the recording's
own address with ``.wav`` or ``.mp3`` behind it, or with nothing, which is WAV. The twin keeps no caller's voice: what
is heard is a tone whose pitch is the recording's own, so that two recordings are two sounds. It writes no MP3 (404).
"""

from __future__ import annotations

from functools import lru_cache
from zlib import crc32

from voicedr.twin.api.answers import Refused
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.media.tones import tone
from voicedr.wire import g711, wav
from voicedr.wire.http import Response

SECONDS_MAX = 3600
"""A longer recording is cut here, at 28 MB."""

_LOWEST_HZ, _HIGHEST_HZ = 300, 3000


def fetch(ask: Ask) -> Response:
    """The sound, once the recording has ended and while nobody has deleted it."""
    sid, _, form = ask.ids["file"].partition(".")
    recording = ask.store.recordings.get(sid)
    if recording is None or recording.status not in ("completed", "stopped") or not recording.duration_s:
        raise ask.not_found()
    if form not in ("", "wav"):
        raise Refused(404, 20404, f"The twin writes WAV only: ask for {sid}.wav")
    return Response(200, (("Content-Type", "audio/x-wav"),), _sound(sid, min(recording.duration_s, SECONDS_MAX)))


@lru_cache(maxsize=4)
def _sound(sid: str, seconds: int) -> bytes:
    hertz = _LOWEST_HZ + crc32(sid.encode()) % (_HIGHEST_HZ - _LOWEST_HZ)
    return wav.of_mu_law(g711.mu_law(tone((float(hertz),), 1.0)) * seconds)


endpoints = (Endpoint("api", "media", "Recordings/{file}", {"GET": fetch}),)
