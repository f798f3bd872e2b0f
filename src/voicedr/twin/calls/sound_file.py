"""The file of a Play, fetched for a real phone (https://www.twilio.com/docs/voice/twiml/play)."""

from __future__ import annotations

from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.webhook import deliver
from voicedr.wire import wav

BYTES_MAX = 8 * 1024 * 1024
"""More is not fetched. Assumption: the provider's limit for a file that is played is larger."""

_WAV = frozenset({"audio/wav", "audio/wave", "audio/x-wav"})
_RAW = "audio/ulaw"
_OTHERS = frozenset({"audio/mpeg", "audio/aiff", "audio/x-aiff", "audio/x-aifc", "audio/gsm", "audio/x-gsm"})
"""Played by the provider; here a tone is heard instead."""


def fetched(line: Line, url: str) -> Script[bytes | None]:
    """The file; None if it cannot be had or is no audio, which is in the alert feed then. Silence is heard meanwhile.

    Assumption: the call goes on with the next verb; what follows such an error is not documented.
    """
    line.hears("silence")
    answer = yield from deliver(line.office, line.region, line.session, url, "GET", {}, body_bytes_max=BYTES_MAX)
    response = answer.response
    code, text = answer.code, answer.text
    file: bytes | None = None
    if not code and response is not None:
        kind = (response.header("Content-Type") or "").partition(";")[0].strip().lower()
        file = _as_file(kind, response.body)
        if file is None:
            # https://www.twilio.com/docs/api/errors/13420
            code, text = 13420, f"{kind or 'no Content-Type'} with {len(response.body)} bytes is no audio to play"
    if code:
        line.office.alert(
            line.region, code, f"Play: {text}", resource_sid=line.call.sid, url=answer.url, method=answer.method
        )
    return file


def _as_file(kind: str, body: bytes) -> bytes | None:
    if kind == _RAW:
        return wav.of_mu_law(body)
    if kind in _WAV:
        return body if body.startswith(b"RIFF") else None
    return body if kind in _OTHERS else None
