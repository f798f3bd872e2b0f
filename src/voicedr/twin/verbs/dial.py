"""Dial: somebody else is rung and connected (https://www.twilio.com/docs/voice/twiml/dial).

Numbers, SIP addresses and clients are parties of the twin's world; a number of the account is called through the
network and arrives where its route says. Conference, Queue and the other nouns are skipped with a warning.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from voicedr.twin.calls.attributes import absolute, flag, method, one_of, whole
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.commands import Interruption, RegionLost, Script, Wait, Watch
from voicedr.twin.calls.document import Page, load_without_fallback
from voicedr.twin.calls.handler import Handler
from voicedr.twin.calls.interpreter import perform
from voicedr.twin.calls.line import GoOn, Goto, Line, Next, Over
from voicedr.twin.calls.person import Person
from voicedr.twin.calls.ringing import CALL_MAX_S, Called, drop, finish, ring
from voicedr.twin.calls.status_callback import duration_s
from voicedr.twin.world.model import Call
from voicedr.wire.twiml import Element

BUFFER_S = 5.0
"""The provider adds this to ``timeout`` (https://www.twilio.com/docs/voice/twiml/dial#timeout)."""

SEQUENTIAL_MAX = 10
_NOUNS = frozenset({"Number", "Sip", "Client"})
_WHISPERS = frozenset({"Say", "Play", "Pause", "Gather", "Hangup", "Redirect"})
_WHISPER_DOCUMENTS_MAX = 20


def answers(element: Element) -> bool:
    """It picks up, unless the caller shall hear it ring until the other end does."""
    return element.get("answerOnBridge").strip().lower() != "true"


@dataclass(slots=True)
class _How:
    """How it went: what ``action`` is told."""

    status: str
    best: Called
    bridged: bool = False


def act(element: Element, line: Line) -> Script[Next]:
    """Ring, talk, then on to ``action`` with ``DialCallStatus``; without one, to the next verb."""
    timeout_s = whole(line, element, "timeout", 30, 13212, least=5, most=600) + BUFFER_S
    time_limit_s = whole(line, element, "timeLimit", int(CALL_MAX_S), 13216, least=1, most=86_400)
    one_by_one = flag(line, element, "sequential", False, 13218)
    called = _called(element, line)
    if not called:
        return GoOn()
    rounds = [[one] for one in called[:SEQUENTIAL_MAX]] if one_by_one else [called]
    how = _How("failed", called[0])
    try:
        for together in rounds:
            line.hears("ringing", ", ".join(one.line.call.to for one in together))
            winner = yield from ring(together, timeout_s, synthetic=False)
            if winner is not None:
                how = yield from _connected(element, line, winner, time_limit_s)
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
    if not element.get("action"):
        return GoOn()
    told = _told(element, line, how)
    return Goto(absolute(line, element.get("action")), method(line, element, 13210), told)


def _connected(element: Element, line: Line, winner: Called, time_limit_s: float) -> Script[_How]:
    """Whatever the callee is told first, then the two of them talking until somebody has enough."""
    goes_on = yield from _whispered(line, winner)
    if not goes_on:
        yield from finish(winner, "completed")
        return _How("completed", winner)
    line.answer()
    line.hears("talking", winner.line.call.to)
    if winner.far_end is not None:
        yield Watch(winner.far_end, time_limit_s, until_over=True)
    else:
        yield Wait(min(winner.talks_s, time_limit_s, CALL_MAX_S))
    yield from finish(winner, "completed")
    return _How("completed", winner, bridged=True)


def _whispered(line: Line, winner: Called) -> Script[bool]:
    """Run the noun's ``url`` on the callee alone. False if that hung up on them.

    Assumption: a document that cannot be had is logged and the two are connected; it is not documented.
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
        step = yield from perform(noun, page.document.root.children, _WHISPERS)
    return not isinstance(step, Over)


def _called(element: Element, line: Line) -> list[Called]:
    """A leg for every noun that can be rung; a text of its own is a number."""
    callers_id = element.get("callerId") or line.call.from_
    legs: list[Called] = []
    if element.text:
        legs.append(_leg(line, callers_id, element.text, Handler("")))
    for noun in element.children:
        if noun.name not in _NOUNS:
            line.warn(12200, f"the noun {noun.name} of Dial is not acted out here and was skipped")
            continue
        address = _address(noun)
        if not address:
            line.warn(13243 if noun.name == "Sip" else 13223, f"{noun.name} names nobody to dial")
            continue
        events = tuple(noun.get("statusCallbackEvent").split()) or ("completed",)
        callback = noun.get("statusCallback")
        handler = Handler(
            url=absolute(line, noun.get("url")) if noun.get("url") else "",
            method=method(line, noun, 13241 if noun.name == "Sip" else 13221),
            status_callback=absolute(line, callback) if callback else "",
            status_callback_method=method(line, noun, 13221, "statusCallbackMethod"),
            status_callback_events=events,
        )
        legs.append(_leg(line, callers_id, address, handler))
    return legs


def _address(noun: Element) -> str:
    if noun.name == "Client":
        identity = next((child.text for child in noun.children if child.name == "Identity"), noun.text)
        return f"client:{identity}" if identity else ""
    if noun.name == "Sip":
        return noun.text if noun.text.lower().startswith(("sip:", "sips:")) else ""
    return noun.text


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


def _told(element: Element, line: Line, how: _How) -> dict[str, str]:
    leg = how.best.line
    told = {
        "DialCallStatus": how.status,
        "DialCallSid": leg.call.sid,
        "DialBridged": "true" if how.bridged else "false",
    }
    if how.status == "completed":
        told["DialCallDuration"] = str(duration_s(leg))
    if leg.call.to.lower().startswith(("sip:", "sips:")):
        told["DialSipCallId"] = f"{leg.call.sid.lower()}@twin.invalid"
        if how.best.sip_code:
            told["DialSipResponseCode"] = str(how.best.sip_code)
    recorded = one_of(line, element, "record", _RECORD, 13217) != "do-not-record"
    if recorded and how.bridged:
        world = line.office.world
        sid = world.mint("RE")
        told["RecordingUrl"] = f"https://api.twilio.com/2010-04-01/Accounts/{world.account_sid}/Recordings/{sid}"
    return told


_RECORD = (
    "do-not-record",
    "record-from-answer",
    "record-from-ringing",
    "record-from-answer-dual",
    "record-from-ringing-dual",
)
