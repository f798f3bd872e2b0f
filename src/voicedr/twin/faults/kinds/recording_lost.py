"""Recordings come to nothing.

Callers leave their message and are thanked for it. An operator finds a recording without a length, and whoever is told
of it is told that it is absent (https://www.twilio.com/docs/voice/twiml/record#recordingstatuscallback).
"""

from __future__ import annotations

from voicedr.twin.faults.kind import FaultKind, Params
from voicedr.twin.faults.where import CALLS, rings


def loses_recording(params: Params, region: str, e164: str) -> bool:
    """True for calls to the number, in the Region."""
    return rings(params, region, e164)


kind = FaultKind(area="Media", parameters=CALLS, loses_recording=loses_recording)
