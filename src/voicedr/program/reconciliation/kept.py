"""What a Region keeps of calls, as values: log entries, recordings, transcriptions, messages, and the sound."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

KeptKind = Literal["call", "recording", "transcription", "message"]

KINDS: tuple[KeptKind, ...] = ("call", "recording", "transcription", "message")

MediaForm = Literal["wav", "mp3"]


class Kept(msgspec.Struct, frozen=True):
    """One thing that a Region keeps. What it does not say is empty.

    Attributes:
        at: When it began, or was made; None if it does not say.
        url: Where the provider has it.
        raw: The whole of it, as the provider answered it, in JSON.
        call_sid: The call that a recording is of.
        recording_sid: The recording that a transcription is of.
        source: What made a recording, in the provider's word.
        trunk_sid: The trunk that a call came through.
    """

    kind: KeptKind
    sid: str
    at: datetime | None
    url: str
    raw: bytes
    from_: str = ""
    to: str = ""
    status: str = ""
    direction: str = ""
    parent_sid: str = ""
    call_sid: str = ""
    conference_sid: str = ""
    recording_sid: str = ""
    source: str = ""
    trunk_sid: str = ""


class Media(msgspec.Struct, frozen=True):
    """The sound of a recording, whole."""

    url: str
    body: bytes
