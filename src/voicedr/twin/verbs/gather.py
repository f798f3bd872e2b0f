"""Gather: keys or speech are collected while prompts play (https://www.twilio.com/docs/voice/twiml/gather)."""

from __future__ import annotations

from voicedr.twin.calls.attributes import absolute, flag, whole, word, words
from voicedr.twin.calls.commands import Script, Wait
from voicedr.twin.calls.cut_short import cut_short
from voicedr.twin.calls.interpreter import perform
from voicedr.twin.calls.line import GoOn, Goto, Line, Next
from voicedr.twin.calls.listening import collect
from voicedr.twin.calls.phone import Phone
from voicedr.wire.twiml import Element

REACTION_S = 1.0
"""From the end of the prompt, or its start for those who barge in, to the first key or word. Assumption."""

KEY_S = 0.3
"""From one key to the next. Assumption."""

NOUNS = frozenset({"Say", "Play", "Pause"})
"""The prompts that are acted out."""

_KEYS = frozenset("0123456789*#")


def answers(element: Element) -> bool:
    """It picks up."""
    return True


def act(element: Element, line: Line) -> Script[Next]:
    """With input, on to ``action`` (without one: this document again); without, to the next verb.

    ``actionOnEmptyResult`` sends it to ``action`` in either case.
    """
    timeout_s = whole(element, "timeout")
    action = Goto(absolute(line, word(element, "action")), word(element, "method"))
    empty_too = flag(element, "actionOnEmptyResult")
    inputs = words(element, "input")
    barge_in = flag(element, "bargeIn")

    phone = line.person.phone
    if phone is not None:
        digits = yield from _keyed_really(element, line, phone, barge_in=barge_in, listens="dtmf" in inputs)
        return _with(action, {"Digits": digits}) if digits or empty_too else GoOn()
    given = line.person.keys()
    is_keyed = bool(given) and set(given) <= _KEYS
    counts = bool(given) and (("dtmf" in inputs) if is_keyed else ("speech" in inputs))
    prompts = perform(line, element.children, NOUNS, inside="Gather", refused=13320)
    if counts and barge_in and line.person.caller.barges_in:
        yield from cut_short(prompts, line.office, line.office.now + REACTION_S)
    else:
        yield from prompts
        line.hears("silence")
        if counts:
            yield Wait(REACTION_S)
    line.hears("silence")
    if not counts:
        yield Wait(timeout_s)
        return _with(action, {"Digits": ""}) if empty_too else GoOn()
    if not is_keyed:
        line.person.notices(line.office.now, "speaks", given)
        yield Wait(len(given.split()) / max(line.office.world.settings.words_per_second, 0.1) + 1.0)
        return _with(action, {"SpeechResult": given, "Confidence": "0.9"})
    digits = yield from _keyed(element, line, given, timeout_s)
    return _with(action, {"Digits": digits}) if digits or empty_too else GoOn()


def _keyed(element: Element, line: Line, given: str, timeout_s: float) -> Script[str]:
    """What is collected: up to ``numDigits``, or the finishing key (left out), or ``timeout`` after the last key."""
    most = whole(element, "numDigits")
    finish_on = word(element, "finishOnKey")
    digits = ""
    for key in given:
        line.person.notices(line.office.now, "key", key)
        yield Wait(KEY_S)
        if finish_on and key in finish_on:
            return digits
        digits += key
        if len(digits) >= most:
            return digits
    yield Wait(timeout_s)
    return digits


def _keyed_really(element: Element, line: Line, phone: Phone, *, barge_in: bool, listens: bool) -> Script[str]:
    """What is keyed on a real phone, from the first prompt on. What was keyed before does not count; nor, without
    ``bargeIn``, what is keyed during the prompts. (Assumption: neither is documented.) Speech is not recognised."""
    phone.take()
    prompts = perform(line, element.children, NOUNS, inside="Gather", refused=13320)
    if listens and barge_in:
        yield from cut_short(prompts, line.office, bell=phone.bell, is_so=lambda: bool(phone.keyed))
    else:
        yield from prompts
        phone.take()
    line.hears("silence")
    if not listens:
        yield Wait(whole(element, "timeout"))
        return ""
    most, finish_on = whole(element, "numDigits"), word(element, "finishOnKey")
    return (yield from collect(line, phone, most, finish_on, whole(element, "timeout")))


def _with(action: Goto, extra: dict[str, str]) -> Goto:
    return Goto(action.url, action.method, extra)
