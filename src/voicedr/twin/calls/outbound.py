"""A call created by REST: queued at the account's pace, rung, and its TwiML run on whoever answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from voicedr.twin.calls import handler as handlers
from voicedr.twin.calls.commands import Ended, HungUp, Interruption, RegionLost, Script, Tie, Wait
from voicedr.twin.calls.handler import Handler
from voicedr.twin.calls.interpreter import converse
from voicedr.twin.calls.line import Line, Verb
from voicedr.twin.calls.office import Office
from voicedr.twin.calls.orders import Instructions
from voicedr.twin.calls.person import Person
from voicedr.twin.calls.ringing import Called, drop, finish, ring
from voicedr.twin.calls.session import Session
from voicedr.twin.world.model import Call

TIMEOUT_MAX_S = 600.0


def outgoing(
    office: Office,
    region: str,
    call: Call,
    told: Instructions,
    person: Person,
    verbs: Mapping[str, Verb],
    connected: Callable[[Line], None],
) -> Script[None]:
    """The whole call. When it returns, the log entry is final.

    A call that is cancelled while it is queued has no status callback
    (https://www.twilio.com/docs/voice/api/call-resource).
    """
    handler = handlers.of_instructions(office.store(region), told)
    session = Session(exchanges=call.exchanges)
    line = Line(office, region, call, handler or Handler(""), person, verbs, session=session)
    connected(line)
    if told.url and told.twiml and not told.application_sid:
        # https://www.twilio.com/docs/api/errors/32019
        text = "the call was made with Url and Twiml; Url is used"
        office.alert(region, 32019, text, resource_sid=call.sid, url=told.url, level="warning")
    try:
        yield from _queue(line)
    except Interruption as news:
        call.status = news.status if isinstance(news, Ended) else "failed"
        call.ended_at = office.now
        return
    if handler is None:
        office.alert(
            region,
            21218,
            f"application {told.application_sid} is not in {region}, or has no VoiceUrl; create it there",
            resource_sid=call.sid,
        )
        call.status, call.ended_at = "failed", office.now
        return
    yield from _placed(line, Called(line, login=told.sip_login), told)


def _queue(line: Line) -> Script[None]:
    office, call = line.office, line.call
    wait_s = office.take_turn(line.region)
    if wait_s > 0:
        yield Wait(wait_s)
    call.queue_time_ms = round((office.now - call.created_at) * 1000)


def _placed(line: Line, called: Called, told: Instructions) -> Script[None]:
    office = line.office
    try:
        timeout_s = min(max(told.timeout_s, 1.0), TIMEOUT_MAX_S)
        winner = yield from ring([called], timeout_s, synthetic=True)
        if winner is None:
            return
        if called.far_end is not None:
            yield Tie(called.far_end)
        else:
            line.person.hangs_up_at = office.now + called.talks_s
        yield from converse(line)
        yield from finish(called, "completed")
    except HungUp:
        yield from _end(called, "completed")
    except Ended as end:
        yield from _end(called, end.status)
    except RegionLost:
        drop([called])


def _end(called: Called, status: str) -> Script[None]:
    """The last state, unless ringing has given the leg up already."""
    if called.line.call.ended_at is None:
        yield from finish(called, status)
