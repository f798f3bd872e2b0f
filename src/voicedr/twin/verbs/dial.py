"""Dial: somebody else is rung and connected (https://www.twilio.com/docs/voice/twiml/dial).

Numbers, SIP addresses and clients are parties of the twin's world; a number of the account is called through the
network and arrives where its route says. A conference, a queue and an application are this account's own.
"""

from __future__ import annotations

from voicedr.twin.calls.attributes import address_of, flag, whole, word
from voicedr.twin.calls.commands import Script
from voicedr.twin.calls.conference import confer
from voicedr.twin.calls.dequeue import dequeue
from voicedr.twin.calls.dialled import RUNG, Dialled, call_out
from voicedr.twin.calls.line import GoOn, Goto, Line, Next
from voicedr.twin.calls.run_application import run_application
from voicedr.wire.twiml import Element

BUFFER_S = 5.0
"""The provider adds this to ``timeout`` (https://www.twilio.com/docs/voice/twiml/dial#timeout)."""

_ALONE = ("Conference", "Queue", "Application")
"""Nouns that cannot be rung beside others."""

NOUNS = RUNG.union(_ALONE)
"""The nouns that are acted out."""


def answers(element: Element) -> bool:
    """It picks up, unless the caller shall hear it ring until the other end does."""
    return not flag(element, "answerOnBridge") or any(noun.name in ("Conference", "Queue") for noun in element.children)


def act(element: Element, line: Line) -> Script[Next]:
    """Ring, talk, then on to ``action`` with ``DialCallStatus``; without one, to the next verb.

    A callee's REFER leads the caller to ``referUrl`` instead. (Assumption: ``action`` is not asked then; a REFER of the
    caller is refused.)
    """
    if line.parent is not None and not line.is_application:
        raise line.fail(13201, "Dial is not allowed on a leg that was dialled; end that document otherwise")
    alone = next((noun for noun in element.children if noun.name in _ALONE), None)
    if alone is not None and (len(element.children) > 1 or element.text):
        line.warn(13000, f"{alone.name} cannot be dialled together with anything else; only it is dialled")
    talk_s = float(whole(element, "timeLimit"))
    star_s = line.person.caller.stars_after_s
    if flag(element, "hangupOnStar") and star_s is not None:
        talk_s = min(talk_s, star_s)
    timeout_s = whole(element, "timeout") + BUFFER_S
    if alone is None:
        how = yield from call_out(element, line, timeout_s, talk_s)
    else:
        how = yield from _alone(element, alone, line, timeout_s, talk_s)
    if how is None:
        return GoOn()
    if how.refer_to:
        # The callee handed the caller on (https://www.twilio.com/docs/voice/api/refer-to-twilio).
        told = {"ReferTransferTarget": how.refer_to}
        return Goto(address_of(line, element, "referUrl"), word(element, "referMethod"), told)
    action = address_of(line, element, "action")
    return Goto(action, word(element, "method"), how.told) if action else GoOn()


def _alone(element: Element, noun: Element, line: Line, timeout_s: float, talk_s: float) -> Script[Dialled | None]:
    if noun.name == "Conference":
        status = yield from confer(noun, line, line.office.now + talk_s)
        return Dialled({"DialCallStatus": status})
    if noun.name == "Queue":
        taken = yield from dequeue(noun, line, timeout_s, talk_s)
        told = {"DialCallStatus": taken.status, "DialBridged": "true" if taken.talked_s is not None else "false"}
        if taken.call_sid:
            told["DialCallSid"] = taken.call_sid
        if taken.talked_s is not None:
            told["DialCallDuration"] = str(round(taken.talked_s))
        return Dialled(told)
    return (yield from run_application(noun, line, talk_s))
