"""The legs that a Dial rings: numbers, SIP addresses and clients, and the talk with whoever answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf

from voicedr.twin.calls.attributes import address_of, flag, word, words
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.commands import Interruption, Listen, RegionLost, Script, Wait, Watch
from voicedr.twin.calls.cut_short import cut_short
from voicedr.twin.calls.document import Page, load_without_fallback
from voicedr.twin.calls.handler import Handler
from voicedr.twin.calls.interpreter import perform
from voicedr.twin.calls.line import Goto, Line, Next, Over, Unrunnable
from voicedr.twin.calls.person import Person
from voicedr.twin.calls.phone import Phone
from voicedr.twin.calls.recording import finish_recording, tell_recording
from voicedr.twin.calls.ringing import CALL_MAX_S, Called, connect, drop, finish, ring
from voicedr.twin.calls.sip_noun import wrong_with
from voicedr.twin.calls.status_callback import duration_s
from voicedr.twin.world.model import Call, Recording
from voicedr.wire.twiml import Element

TOGETHER_MAX = 10
"""Nouns of one Dial, at once or one after the other (https://www.twilio.com/docs/voice/twiml/dial)."""

RUNG = frozenset({"Number", "Sip", "Client"})
"""The nouns that are rung."""

WHISPERS = frozenset({"Say", "Play", "Pause", "Gather", "Hangup", "Redirect"})
_WHISPER_DOCUMENTS_MAX = 20

_KEY_S, _PAUSE_S = 0.2, 0.5
_STAR_LOOK_S = 0.25
_NUMBER = re.compile(r"\+?[0-9]{3,15}")
_SEPARATORS = str.maketrans("", "", " ().-")


@dataclass(frozen=True, slots=True)
class Dialled:
    """How a Dial went: what its ``action`` is told, and where the callee wants the caller to be transferred."""

    told: Mapping[str, str]
    refer_to: str = ""


@dataclass(slots=True)
class _Leg:
    """A party that is rung, and what is keyed once it has answered."""

    called: Called
    send_digits: str


@dataclass(slots=True)
class _How:
    status: str
    best: Called
    bridged: bool = False
    recorded: Mapping[str, str] | None = None
    refer_to: str = ""


def call_out(element: Element, line: Line, timeout_s: float, talk_s: float) -> Script[Dialled | None]:
    """Ring everybody who is named, at once or one after the other, and talk. None if nobody is named."""
    legs = _legs(element, line)
    if legs is None:
        return None
    if not legs:
        return Dialled({"DialCallStatus": "failed", "DialBridged": "false"})
    called = [leg.called for leg in legs]
    rounds = [[one] for one in called] if flag(element, "sequential") else [called]
    how = _How("failed", called[0])
    recording = _recording(element, line, "ringing")
    try:
        for together in rounds:
            line.hears("ringing", ", ".join(one.line.call.to for one in together))
            winner = yield from ring(together, timeout_s, synthetic=False)
            if winner is not None:
                digits = next(leg.send_digits for leg in legs if leg.called is winner)
                how = yield from _connected(element, line, winner, digits, talk_s, recording)
                break
            how = _How(_worst(together), together[0])
    except RegionLost:
        drop(called)
        raise
    except Interruption:
        for one in called:
            if one.line.call.ended_at is None:
                yield from finish(one, "completed" if one.line.answered else "canceled")
        raise
    if recording is not None and how.recorded is None:
        how.recorded = yield from _recorded(element, line, recording)
    return Dialled(_told(how), how.refer_to)


def _connected(
    element: Element, line: Line, winner: Called, digits: str, talk_s: float, recording: Recording | None
) -> Script[_How]:
    """Whatever the callee is sent and told first, then the two of them talking until somebody has enough."""
    if digits:
        yield Wait(sum(_PAUSE_S if digit in "wW" else _KEY_S for digit in digits[:100]))
    goes_on = yield from _whispered(winner)
    if not goes_on:
        yield from finish(winner, "completed")
        return _How("completed", winner)
    line.answer()
    recording = recording or _recording(element, line, "answer")
    if recording is not None:
        yield from tell_recording(element, line, recording, "in-progress")
    line.hears("talking", winner.line.call.to)
    if winner.invited is not None and word(element, "referUrl"):
        winner.invited.let_refer()
    connected = connect(line.person.phone, winner)
    try:
        if line.person.phone is not None and flag(element, "hangupOnStar"):
            yield from _talk_until_star(line, line.person.phone, winner, min(winner.talks_s, talk_s, CALL_MAX_S))
        elif winner.far_end is not None:
            yield Watch(winner.far_end, min(talk_s, CALL_MAX_S), until_over=True)
        else:
            yield Wait(min(winner.talks_s, talk_s, CALL_MAX_S))
    except RegionLost:
        raise
    except Interruption:
        if recording is not None:
            yield from _recorded(element, line, recording)
        raise
    finally:
        if connected is not None:
            connected.disconnect()
    yield from finish(winner, "completed")
    recorded = (yield from _recorded(element, line, recording)) if recording is not None else None
    return _How("completed", winner, True, recorded, _transferred(line, winner))


def _transferred(line: Line, winner: Called) -> str:
    """Where the callee wanted the caller to go, if a REFER was taken."""
    if winner.invited is None:
        return ""
    if winner.invited.referred and not winner.invited.refer_to:
        # https://www.twilio.com/docs/api/errors/13802
        text = "a REFER came from the callee, and the Dial has no referUrl; it was refused"
        line.office.alert(line.region, 13802, text, resource_sid=line.call.sid, url=line.url, method="REFER")
    return winner.invited.refer_to


def _talk_until_star(line: Line, phone: Phone, winner: Called, seconds: float) -> Script[None]:
    """Until a real caller presses ``*``, the other end is over, or so much time is."""
    office = line.office
    until = office.now + seconds
    phone.take()
    while "*" not in phone.take() and office.now < until and not (winner.far_end is not None and winner.far_end.over):
        if winner.far_end is not None:
            yield Watch(winner.far_end, min(until - office.now, _STAR_LOOK_S), until_over=True)
        else:
            yield Listen(phone.bell, until - office.now)


def _whispered(winner: Called) -> Script[bool]:
    """Run the noun's ``url`` on the callee alone. False if that hung up on them.

    Assumption: a document that cannot be had or done is logged and the two are connected; it is not documented.
    """
    noun = winner.line
    step: Next = Goto(noun.handler.url, noun.handler.method)
    if not noun.handler.url:
        return True
    for _ in range(_WHISPER_DOCUMENTS_MAX):
        if not isinstance(step, Goto):
            break
        page = yield from load_without_fallback(noun, step.url, step.method, step.extra)
        if not isinstance(page, Page):
            return True
        noun.url = page.url
        try:
            heard = yield from _as_long_as_there(
                winner, perform(noun, page.document.root.children, WHISPERS, refused=13201)
            )
        except Unrunnable:
            return True
        if heard is None:
            return False
        step = heard
    return not isinstance(step, Over)


def _as_long_as_there(winner: Called, script: Script[Next]) -> Script[Next | None]:
    """Run this on a callee; None if they hung up a real phone meanwhile."""
    phone, far_end = winner.line.person.phone, winner.far_end
    if phone is None or far_end is None:
        return (yield from script)
    return (yield from cut_short(script, winner.line.office, bell=phone.bell, is_so=lambda: far_end.over))


def _legs(element: Element, line: Line) -> list[_Leg] | None:
    """A leg for every noun that can be rung; a text of its own is a number. None if nothing is named at all."""
    nouns = [noun for noun in element.children if noun.name in RUNG]
    for noun in element.children:
        if noun.name not in RUNG:
            line.warn(12200, f"the noun {noun.name} of Dial is not acted out here and was skipped")
    if not nouns and not element.text:
        return None
    callers_id = word(element, "callerId") or line.call.from_
    legs: list[_Leg] = []
    number = _number(line, element.text) if element.text else ""
    if number:
        legs.append(_Leg(_leg(line, callers_id, number, Handler("")), ""))
    for noun in nouns[:TOGETHER_MAX]:
        address = _address(line, noun)
        if address:
            handler = Handler(
                url=address_of(line, noun, "url"),
                method=word(noun, "method"),
                status_callback=address_of(line, noun, "statusCallback"),
                status_callback_method=word(noun, "statusCallbackMethod"),
                status_callback_events=words(noun, "statusCallbackEvent"),
            )
            digits = word(noun, "sendDigits") if noun.name == "Number" else ""
            called = _leg(line, callers_id, address, handler)
            if noun.name == "Sip" and word(noun, "username"):
                called.login = word(noun, "username"), word(noun, "password")
            if noun.name == "Client":
                called.line.call.custom_parameters = _parameters(line, noun)
            legs.append(_Leg(called, digits))
    if len(nouns) > TOGETHER_MAX:
        code = 13250 if nouns[TOGETHER_MAX].name == "Sip" else 13215
        line.warn(code, f"Dial names {len(nouns)} to call; only the first {TOGETHER_MAX} are called")
    return legs


def _address(line: Line, noun: Element) -> str:
    """Where to call, or empty if that cannot be done; then it has been warned of."""
    if noun.name == "Client":
        identity = next((child.text for child in noun.children if child.name == "Identity"), noun.text)
        if not identity:
            line.warn(13223, "Client names nobody to dial")
        return f"client:{identity}" if identity else ""
    if noun.name == "Sip":
        wrong = wrong_with(noun.text, registered=line.office.sip is not None)
        if wrong is not None:
            line.warn(*wrong)
        return "" if wrong else noun.text
    return _number(line, noun.text)


def _parameters(line: Line, client: Element) -> dict[str, str]:
    """What the client is given: the noun's Parameters, the last of a name (https://www.twilio.com/docs/voice/twiml/client)."""
    given: dict[str, str] = {}
    for child in client.children:
        if child.name == "Parameter":
            if child.get("name"):
                given[child.get("name")] = child.get("value")
            else:
                line.warn(12200, "a Parameter of Client has no name and was left out")
    return given


def _number(line: Line, text: str) -> str:
    """A number as it is dialled; empty, and warned of, if it is none."""
    number = text.translate(_SEPARATORS)
    if _NUMBER.fullmatch(number):
        return number
    line.warn(13223, f"{text[:40]!r} is not a phone number; give it as E.164, e.g. +14155550100")
    return ""


def _leg(line: Line, from_: str, to: str, handler: Handler) -> Called:
    office = line.office
    call = Call(
        sid=office.world.mint("CA"),
        from_=from_,
        to=to,
        direction="outbound-dial",
        status="ringing",
        created_at=office.now,
        parent_sid=line.call.sid,
    )
    office.store(line.region).calls[call.sid] = call
    callee = Person(Caller(hangs_up_after_s=inf))
    return Called(Line(office, line.region, call, handler, callee, line.verbs, session=line.session, parent=line))


def _worst(together: list[Called]) -> str:
    """What DialCallStatus says when nobody answered: busy if anybody was, failed only if all did."""
    statuses = {one.status for one in together}
    if "busy" in statuses:
        return "busy"
    return "failed" if statuses == {"failed"} else "no-answer"


def _recording(element: Element, line: Line, moment: str) -> Recording | None:
    """The recording that begins now, if one is wanted from this moment on. ``true`` is from the answer."""
    mode = word(element, "record")
    begins = "answer" if mode == "true" else mode.removeprefix("record-from-").removesuffix("-dual")
    if begins != moment:
        return None
    return line.office.record(
        line.region,
        line.call.sid,
        "DialVerb",
        channels=2 if mode.endswith("-dual") else 1,
        track=word(element, "recordingTrack"),
    )


def _recorded(element: Element, line: Line, recording: Recording) -> Script[Mapping[str, str]]:
    begun = line.office.now if recording.started_at is None else recording.started_at
    return (yield from finish_recording(element, line, recording, line.office.now - begun))


def _told(how: _How) -> dict[str, str]:
    leg = how.best.line
    told = {
        "DialCallStatus": how.status,
        "DialCallSid": leg.call.sid,
        "DialBridged": "true" if how.bridged else "false",
    }
    if how.status == "completed":
        told["DialCallDuration"] = str(duration_s(leg))
    if leg.call.to.lower().startswith(("sip:", "sips:")):
        invited = how.best.invited
        told["DialSipCallId"] = invited.call_id if invited is not None else f"{leg.call.sid.lower()}@twin.invalid"
        for name, value in invited.headers if invited is not None else ():
            told[f"DialSipHeader_{name}"] = value
        if how.best.sip_code:
            told["DialSipResponseCode"] = str(how.best.sip_code)
    return told | dict(how.recorded or {})
