"""Record: the caller's voice is recorded, then ``action`` is asked (https://www.twilio.com/docs/voice/twiml/record)."""

from __future__ import annotations

from voicedr.twin.calls.attributes import absolute, flag, whole, word
from voicedr.twin.calls.commands import HungUp, Interruption, RegionLost, Script, Wait
from voicedr.twin.calls.document import load_without_fallback
from voicedr.twin.calls.line import Goto, Line, Next
from voicedr.twin.calls.listening import play_out, spoken_until
from voicedr.twin.calls.phone import Phone
from voicedr.twin.calls.recording import finish_recording, tell_recording
from voicedr.wire.twiml import Element

BEEP_S = 0.5
"""How long the beep is. Assumption."""

TRANSCRIBED_MAX_S = 120
"""A recording that is transcribed is no longer (https://www.twilio.com/docs/voice/twiml/record#transcribe)."""


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Always on to ``action``, also when the caller hangs up meanwhile: then its answer is not run any more."""
    timeout_s = whole(element, "timeout")
    longest_s = whole(element, "maxLength")
    if flag(element, "transcribe"):
        longest_s = min(longest_s, TRANSCRIBED_MAX_S)
    phone = line.person.phone
    key = line.person.caller.ends_recording_with[:1] if phone is None else ""
    finishes = bool(key) and key in word(element, "finishOnKey")
    trims = word(element, "trim") == "trim-silence"
    url, verb = absolute(line, word(element, "action")), word(element, "method")
    if flag(element, "playBeep"):
        if phone is not None:
            yield from play_out(line, phone, "beep", "", 1, otherwise_s=BEEP_S)
        else:
            line.hears("beep")
            yield Wait(BEEP_S)
    recording = line.office.record(line.region, line.call.sid, "RecordVerb")
    yield from tell_recording(element, line, recording, "in-progress")
    begun = line.office.now
    spoken_s = min(line.person.caller.speaks_s, longest_s)
    line.hears("recording")
    try:
        if phone is None:
            yield from _acted(line, key if finishes else "", spoken_s, longest_s, timeout_s)
        else:
            key = yield from spoken_until(line, phone, word(element, "finishOnKey"), timeout_s, longest_s)
            finishes, spoken_s = bool(key), _spoken_s(line, phone, begun)
    except RegionLost:
        raise
    except Interruption as news:
        lasted_s = line.office.now - begun
        if phone is not None:
            spoken_s = _spoken_s(line, phone, begun)
        extra = yield from finish_recording(element, line, recording, min(spoken_s, lasted_s) if trims else lasted_s)
        if isinstance(news, HungUp):
            yield from load_without_fallback(line, url, verb, extra | {"Digits": "hangup"})
        raise
    extra = yield from finish_recording(element, line, recording, spoken_s if trims else line.office.now - begun)
    return Goto(url, verb, extra | {"Digits": key} if finishes and spoken_s < longest_s else extra)


def _acted(line: Line, key: str, spoken_s: float, longest_s: float, timeout_s: float) -> Script[None]:
    """A simulated caller speaks, then presses the key that finishes, if there is one, or is silent."""
    yield Wait(spoken_s)
    if spoken_s < longest_s and key:
        line.person.notices(line.office.now, "key", key)
    elif spoken_s < longest_s:
        silence_s = longest_s - spoken_s
        yield Wait(min(timeout_s, silence_s) if timeout_s else silence_s)


def _spoken_s(line: Line, phone: Phone, begun: float) -> float:
    """How long a real caller has spoken, the silence at the end left out."""
    return max(0.0, line.office.now - begun - phone.quiet_s)
