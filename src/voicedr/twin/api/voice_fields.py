"""The fields that say who answers, on numbers, applications and SIP domains: read, checked, shown.

A URL that is none is 21402, a method that is none 21403, a fallback without its primary 21405
(https://www.twilio.com/docs/api/errors, read 2026-11-21).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from voicedr.twin.api.answers import Refused
from voicedr.twin.api.ask import Ask
from voicedr.twin.world.account import is_url
from voicedr.twin.world.model import Voice

_URLS = {"VoiceUrl": "voice_url", "VoiceFallbackUrl": "voice_fallback_url", "StatusCallback": "status_callback"}
_METHODS = {
    "VoiceMethod": "voice_method",
    "VoiceFallbackMethod": "voice_fallback_method",
    "StatusCallbackMethod": "status_callback_method",
}
_DOMAIN_NAMES = {"VoiceStatusCallbackUrl": "StatusCallback", "VoiceStatusCallbackMethod": "StatusCallbackMethod"}


def changed_voice(ask: Ask, voice: Voice) -> Voice:
    """The voice after this request; the one given is left as it is.

    Raises:
        Refused: If a field cannot be. Nothing changed.
    """
    changes: dict[str, str] = {}
    for sent in ask.form:
        name = _DOMAIN_NAMES.get(sent, sent)
        if name in _URLS:
            changes[_URLS[name]] = checked_url(ask, sent)
        elif name in _METHODS:
            changes[_METHODS[name]] = checked_method(ask, sent)
    changed = replace(voice, **changes)
    if changes.get("voice_fallback_url") and not changed.voice_url:
        raise Refused(400, 21405, "VoiceFallbackUrl is set without VoiceUrl")
    return changed


def checked_url(ask: Ask, name: str) -> str:
    """A URL field of the body; empty clears it."""
    url = ask.given(name) or ""
    if url and not is_url(url):
        raise Refused(400, 21402, f"{name} is not a valid URL: {url}")
    return url


def checked_method(ask: Ask, name: str) -> str:
    """A method field of the body; empty is POST."""
    method = (ask.given(name) or "POST").upper()
    if method not in ("GET", "POST"):
        raise Refused(400, 21403, f"{name} is not a valid method: {method}")
    return method


def voice_keys(voice: Voice) -> dict[str, Any]:
    """How numbers and applications show it."""
    return {
        "voice_url": voice.voice_url,
        "voice_method": voice.voice_method,
        "voice_fallback_url": voice.voice_fallback_url,
        "voice_fallback_method": voice.voice_fallback_method,
        "status_callback": voice.status_callback,
        "status_callback_method": voice.status_callback_method,
    }
