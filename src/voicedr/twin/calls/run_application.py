"""Dialling a TwiML App: the caller talks to another application (https://www.twilio.com/docs/voice/twiml/application)."""

from __future__ import annotations

from voicedr.twin.calls import handler as handlers
from voicedr.twin.calls.attributes import address_of, flag, word, words
from voicedr.twin.calls.commands import Interruption, RegionLost, Script
from voicedr.twin.calls.cut_short import cut_short
from voicedr.twin.calls.dialled import Dialled
from voicedr.twin.calls.handler import Handler
from voicedr.twin.calls.interpreter import converse
from voicedr.twin.calls.line import Line
from voicedr.twin.calls.status_callback import duration_s, tell
from voicedr.twin.world.model import Call
from voicedr.wire.twiml import Element


def run_application(noun: Element, line: Line, talk_s: float) -> Script[Dialled]:
    """A leg of its own runs the application's TwiML, and the caller hears it; what they key goes there too."""
    office = line.office
    sid = next((child.text for child in noun.children if child.name == "ApplicationSid"), noun.text)
    application = office.store(line.region).applications.get(sid)
    handler = handlers.of_voice(application.voice) if application is not None else None
    if handler is None:
        office.alert(
            line.region,
            21218,
            f"application {sid} is not in {line.region}, or has no VoiceUrl; create it there",
            resource_sid=line.call.sid,
        )
        return Dialled({"DialCallStatus": "failed", "DialBridged": "false"})
    leg = _leg(noun, line, sid, handler)
    yield from tell(leg, "initiated", "initiated")
    line.answer()
    leg.answer()
    yield from tell(leg, "answered")
    try:
        yield from cut_short(converse(leg), office, office.now + talk_s)
    except RegionLost:
        _close(leg, "failed")
        raise
    except Interruption:
        _close(leg, "completed")
        yield from tell(leg, "completed")
        raise
    _close(leg, "completed")
    yield from tell(leg, "completed")
    return Dialled(
        {
            "DialCallStatus": "completed",
            "DialCallSid": leg.call.sid,
            "DialBridged": "true",
            "DialCallDuration": str(duration_s(leg)),
        }
    )


def _leg(noun: Element, line: Line, sid: str, handler: Handler) -> Line:
    office = line.office
    to = line.call.to if flag(noun, "copyParentTo") else f"app:{sid}"
    call = Call(
        sid=office.world.mint("CA"),
        from_=line.call.from_,
        to=to,
        direction="outbound-dial",
        status="ringing",
        created_at=office.now,
        started_at=office.now,
        parent_sid=line.call.sid,
    )
    office.store(line.region).calls[call.sid] = call
    callback = address_of(line, noun, "statusCallback")
    if callback:
        handler = Handler(
            handler.url,
            handler.method,
            handler.fallback_url,
            handler.fallback_method,
            callback,
            word(noun, "statusCallbackMethod"),
            words(noun, "statusCallbackEvent"),
        )
    extra = {child.get("name"): child.get("value") for child in noun.children if child.name == "Parameter"}
    leg = Line(office, line.region, call, handler, line.person, line.verbs, parent=line, is_application=True)
    leg.extra = {name: value for name, value in extra.items() if name}
    return leg


def _close(leg: Line, status: str) -> None:
    leg.call.status = status
    leg.call.ended_at = leg.office.now
