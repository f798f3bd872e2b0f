"""What takes as long as it really takes because a real phone is at the end of the line: playing, keying, speaking.

Simulated people never come here.
"""

from __future__ import annotations

from voicedr.twin.calls.commands import Listen, Script, Wait
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.phone import Phone
from voicedr.twin.calls.ringing import CALL_MAX_S

_NEAR_S = 1e-3
_LOOK_S = 0.25
"""How often it is looked whether somebody still speaks."""


def play_out(
    line: Line, phone: Phone, what: str, detail: str, times: int, *, otherwise_s: float, sound: bytes = b""
) -> Script[None]:
    """Let the phone hear this so many times to its end; 0 is until somebody hangs up.

    Args:
        otherwise_s: How long each time lasts if this is nothing that is heard.
    """
    office = line.office
    until = office.now + CALL_MAX_S
    played = 0
    while (not times or played < times) and office.now < until - _NEAR_S:
        begun = office.now
        line.hears(what, detail, sound)
        while phone.playing and office.now < until - _NEAR_S:
            yield Listen(phone.bell, until - office.now)
        if office.now - begun < _NEAR_S:
            yield Wait(max(otherwise_s, _NEAR_S))
        played += 1


def collect(line: Line, phone: Phone, most: int, finish_on: str, timeout_s: float) -> Script[str]:
    """The keys up to ``most``, or the finishing one (left out), or until none came for ``timeout_s``."""
    office = line.office
    digits = ""
    until = office.now + timeout_s
    while True:
        for key in phone.take():
            line.person.notices(office.now, "key", key)
            if finish_on and key in finish_on:
                return digits
            digits += key
            if len(digits) >= most:
                return digits
            until = office.now + timeout_s
        left_s = until - office.now
        if left_s <= _NEAR_S:
            return digits
        yield Listen(phone.bell, left_s)


def spoken_until(line: Line, phone: Phone, finish_on: str, timeout_s: float, longest_s: float) -> Script[str]:
    """Wait while somebody speaks; the key that ended it, or nothing if silence or the time did.

    ``timeout_s`` is how much silence ends it; 0 is none does.
    """
    office = line.office
    begun = office.now
    phone.take()
    while True:
        for key in phone.take():
            if key in finish_on:
                line.person.notices(office.now, "key", key)
                return key
        lasted_s = office.now - begun
        quiet_s = min(phone.quiet_s, lasted_s)
        if lasted_s >= longest_s - _NEAR_S or (timeout_s and quiet_s >= timeout_s - _NEAR_S):
            return ""
        yield Listen(phone.bell, min(longest_s - lasted_s, _LOOK_S))
