"""Participants: the calls that are in a conference now. They are muted, held, taken out, and called in.

Source: https://www.twilio.com/docs/voice/api/conference-participant-resource (read 2026-11-21). A list has those who
are there; one who has left is not found (assumption). Calling one in, the conference may be named instead of its id,
and is made if it is not there.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

from voicedr.twin.api.answers import NO_CONTENT, Refused, resource, rfc2822
from voicedr.twin.api.ask import Ask, Endpoint, PlaceCall, Stir
from voicedr.twin.api.paging import Row, page_2010
from voicedr.twin.api.resources.calls import checked_ends
from voicedr.twin.api.resources.conferences import one_conference
from voicedr.twin.api.voice_fields import checked_method, checked_url
from voicedr.twin.calls.orders import Instructions
from voicedr.twin.world.model import Conference, Participant
from voicedr.wire.http import Response

_NOUN = {
    "Muted": "muted",
    "Beep": "beep",
    "StartConferenceOnEnter": "startConferenceOnEnter",
    "EndConferenceOnExit": "endConferenceOnExit",
    "WaitUrl": "waitUrl",
    "WaitMethod": "waitMethod",
    "MaxParticipants": "maxParticipants",
    "ConferenceRecord": "record",
    "ConferenceStatusCallback": "statusCallback",
    "ConferenceStatusCallbackMethod": "statusCallbackMethod",
    "Label": "participantLabel",
}
"""Fields of the request that are attributes of the Conference noun
(https://www.twilio.com/docs/voice/twiml/conference)."""


def show(ask: Ask, conference: Conference, participant: Participant, status: str = "") -> dict[str, Any]:
    """A participant. It has no id but its call's."""
    uri = f"/2010-04-01/Accounts/{ask.world.account_sid}/Conferences/{conference.sid}/Participants"
    return {
        "account_sid": ask.world.account_sid,
        "call_sid": participant.call_sid,
        "conference_sid": conference.sid,
        "label": participant.label or None,
        "muted": participant.muted,
        "hold": participant.hold,
        "coaching": participant.coaching,
        "call_sid_to_coach": participant.call_sid_to_coach or None,
        "start_conference_on_enter": participant.start_conference_on_enter,
        "end_conference_on_exit": participant.end_conference_on_exit,
        "status": status or participant.status,
        "queue_time": "0",
        "date_created": rfc2822(participant.joined_at),
        "date_updated": rfc2822(participant.left_at or participant.joined_at),
        "uri": f"{uri}/{participant.call_sid}.json",
    }


def list_(ask: Ask) -> Response:
    """Who is there, by Muted, Hold and Coaching."""
    conference = one_conference(ask)
    wanted = {name: ask.wanted(name) for name in ("Muted", "Hold", "Coaching")}
    found = [
        Row(one.call_sid, one)
        for one in conference.present
        if all(
            value is None or (value.lower() == "true") == getattr(one, name.lower()) for name, value in wanted.items()
        )
    ]
    return page_2010(ask, "participants", found, lambda row: show(ask, conference, row.what))


def fetch(ask: Ask) -> Response:
    """One who is there."""
    return resource(show(ask, one_conference(ask), _one(ask)))


def update(ask: Ask) -> Response:
    """Mute, hold, coach. ``AnnounceUrl`` and ``HoldUrl`` are refused: the twin has its own music."""
    conference, one = one_conference(ask), _one(ask)
    for name in ("AnnounceUrl", "HoldUrl"):
        if ask.given(name):
            raise Refused(400, 20001, f"{name}: the twin plays nothing of its caller's choice into a conference")
    coach = ask.given("CallSidToCoach")
    if coach and coach not in conference.participants:
        raise Refused(400, 20001, f"CallSidToCoach {coach} is not in conference {conference.sid}")
    one.muted = ask.flag("Muted", one.muted)
    one.hold = ask.flag("Hold", one.hold)
    one.coaching = ask.flag("Coaching", one.coaching)
    one.end_conference_on_exit = ask.flag("EndConferenceOnExit", one.end_conference_on_exit)
    if coach is not None:
        one.call_sid_to_coach = coach
    conference.updated_at = ask.now
    ask.orders.append(Stir(conference.sid))
    return resource(show(ask, conference, one))


def delete(ask: Ask) -> Response:
    """Take one out. The call goes on with what follows in its TwiML."""
    conference, one = one_conference(ask), _one(ask)
    one.status, one.left_at, conference.updated_at = "complete", ask.now, ask.now
    ask.orders.append(Stir(conference.sid))
    return NO_CONTENT


def create(ask: Ask) -> Response:
    """Call somebody in: a call to them whose TwiML is this conference."""
    to, from_, number_sid = checked_ends(ask)
    named = ask.ids["conference"]
    conference = ask.store.conferences.get(named)
    if conference is None and named[:2] == "CF" and len(named) == 34:
        raise ask.not_found()
    if conference is None:
        conference = next(
            (one for one in ask.store.conferences.values() if one.friendly_name == named and one.status != "completed"),
            None,
        )
    elif conference.status == "completed":
        raise Refused(400, 20001, f"Conference {conference.sid} is completed; nobody can be called into it")
    for name in ("WaitUrl", "StatusCallback", "ConferenceStatusCallback"):
        checked_url(ask, name)
    instructions = Instructions(
        twiml=_twiml(ask, conference.friendly_name if conference is not None else named),
        status_callback=ask.given("StatusCallback") or "",
        status_callback_method=checked_method(ask, "StatusCallbackMethod"),
        status_callback_events=tuple(
            event for each in ask.form.get("StatusCallbackEvent", []) for event in each.split()
        ),
        timeout_s=float(ask.whole("Timeout", 60, 1, 600, 21208)),
    )
    ask.refuse_if_queue_full()
    if conference is None:
        conference = Conference(ask.world.mint("CF"), named, ask.now, ask.now, region=ask.region)
        ask.store.conferences[conference.sid] = conference
    call = ask.new_call(to, from_, number_sid)
    ask.orders.append(PlaceCall(ask.region, call.sid, instructions))
    coming = Participant(
        call.sid,
        ask.now,
        label=ask.given("Label") or "",
        muted=ask.flag("Muted", False),
        start_conference_on_enter=ask.flag("StartConferenceOnEnter", True),
        end_conference_on_exit=ask.flag("EndConferenceOnExit", False),
    )
    return resource(show(ask, conference, coming, "queued"), 201)


def _twiml(ask: Ask, name: str) -> str:
    attributes = "".join(
        f" {attribute}={quoteattr(value)}" for field, attribute in _NOUN.items() if (value := ask.given(field))
    )
    if events := ask.form.get("ConferenceStatusCallbackEvent"):
        attributes += f" statusCallbackEvent={quoteattr(' '.join(events))}"
    text = name.replace("&", "&amp;").replace("<", "&lt;")
    return f"<Response><Dial><Conference{attributes}>{text}</Conference></Dial></Response>"


def _one(ask: Ask) -> Participant:
    conference, named = one_conference(ask), ask.ids["call"]
    for one in conference.present:
        if named in (one.call_sid, one.label):
            return one
    raise ask.not_found()


endpoints = (
    Endpoint("api", "2010-04-01", "Conferences/{conference}/Participants", {"GET": list_, "POST": create}),
    Endpoint(
        "api",
        "2010-04-01",
        "Conferences/{conference}/Participants/{call}",
        {"GET": fetch, "POST": update, "DELETE": delete},
    ),
)
