"""Transcriptions of recordings: the twin writes none, so every list of them is empty.

Source: https://www.twilio.com/docs/voice/api/recording-transcription (read 2026-11-21).
"""

from __future__ import annotations

from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.paging import page_2010
from voicedr.twin.world.meetings import Recording
from voicedr.wire.http import Response


def list_(ask: Ask) -> Response:
    """The Region's transcriptions: none."""
    return page_2010(ask, "transcriptions", list[Recording](), lambda _none: {})


def list_of(ask: Ask) -> Response:
    """Those of one recording of this Region: none."""
    if ask.ids["recording"] not in ask.store.recordings:
        raise ask.not_found()
    return list_(ask)


endpoints = (
    Endpoint("api", "2010-04-01", "Transcriptions", {"GET": list_}),
    Endpoint("api", "2010-04-01", "Recordings/{recording}/Transcriptions", {"GET": list_of}),
)
