"""Record: the caller's voice is recorded, then ``action`` is asked (https://www.twilio.com/docs/voice/twiml/record)."""

from __future__ import annotations

from voicedr.twin.calls.attributes import absolute, flag, method, one_of, whole
from voicedr.twin.calls.commands import Apart, HungUp, Script, Wait
from voicedr.twin.calls.document import load_without_fallback
from voicedr.twin.calls.line import Goto, Line, Next
from voicedr.twin.calls.status_callback import notify
from voicedr.twin.calls.webhook import parameters
from voicedr.wire.twiml import Element

BEEP_S = 0.5
"""How long the beep is. Assumption."""


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """Always on to ``action``, also when the caller hangs up meanwhile: then its answer is not run any more."""
    timeout_s = whole(line, element, "timeout", 5, 13611, most=14_400)
    longest_s = whole(line, element, "maxLength", 3600, 13612, least=1, most=14_400)
    trims = one_of(line, element, "trim", ("trim-silence", "do-not-trim"), 13699) == "trim-silence"
    url, verb = absolute(line, element.get("action")), method(line, element, 13610)
    if flag(line, element, "playBeep", True, 13616):
        line.hears("beep")
        yield Wait(BEEP_S)
    begun = line.office.now
    spoken_s = min(line.person.caller.speaks_s, longest_s)
    line.hears("recording")
    try:
        yield Wait(spoken_s)
        if spoken_s < longest_s:
            silence_s = longest_s - spoken_s
            yield Wait(min(timeout_s, silence_s) if timeout_s else silence_s)
    except HungUp:
        lasted_s = line.office.now - begun
        extra = yield from _recorded(element, line, min(spoken_s, lasted_s) if trims else lasted_s)
        yield from load_without_fallback(line, url, verb, extra | {"Digits": "hangup"})
        raise
    extra = yield from _recorded(element, line, spoken_s if trims else line.office.now - begun)
    return Goto(url, verb, extra)


def _recorded(element: Element, line: Line, seconds: float) -> Script[dict[str, str]]:
    """What the recording is called, after telling whoever asked to be told."""
    world = line.office.world
    sid = world.mint("RE")
    extra = {
        "RecordingUrl": f"https://api.twilio.com/2010-04-01/Accounts/{world.account_sid}/Recordings/{sid}",
        "RecordingSid": sid,
        "RecordingDuration": str(round(seconds)),
    }
    callback = element.get("recordingStatusCallback")
    if callback:
        verb = method(line, element, 13256, "recordingStatusCallbackMethod")
        fields = parameters(line) | extra | {"RecordingStatus": "completed", "RecordingSource": "RecordVerb"}
        yield Apart(notify(line, absolute(line, callback), verb, fields))
    return extra
