"""Recording of a trunk: whether its calls are recorded. There is one of it for each trunk.

Source: https://www.twilio.com/docs/sip-trunking/api/recording-resource (read 2026-11-21). The trunk itself shows it and
cannot change it.
"""

from __future__ import annotations

from voicedr.twin.api.answers import resource
from voicedr.twin.api.ask import Ask, Endpoint
from voicedr.twin.api.resources.trunks import one_trunk
from voicedr.wire.http import Response

MODES = (
    "do-not-record", "record-from-ringing", "record-from-answer", "record-from-ringing-dual",
    "record-from-answer-dual",
)  # fmt: skip
TRIMS = ("trim-silence", "do-not-trim")


def fetch(ask: Ask) -> Response:
    """How the trunk's calls are recorded."""
    trunk = one_trunk(ask)
    return resource({"mode": trunk.recording_mode, "trim": trunk.recording_trim})


def update(ask: Ask) -> Response:
    """Change the fields that are sent."""
    trunk = one_trunk(ask)
    mode = ask.one_of("Mode", trunk.recording_mode, MODES)
    trim = ask.one_of("Trim", trunk.recording_trim, TRIMS)
    trunk.recording_mode, trunk.recording_trim, trunk.updated_at = mode, trim, ask.now
    return fetch(ask)


endpoints = (Endpoint("trunking", "v1", "Trunks/{trunk}/Recording", {"GET": fetch, "POST": update}),)
