"""A call in a conference (https://www.twilio.com/docs/voice/twiml/conference).

init ── a second comes, and one who may start it ──> in-progress ── the last leaves, or one who ends it ──> completed

Until it starts each caller hears the waiting document: it does not loop by itself and may Say, Play, Pause and
Redirect. If it cannot be had the conference is not set up for this caller, who goes on with what follows. Somebody who
is left alone in a conference that has started hears silence (assumption: not documented).
"""

from __future__ import annotations

from collections.abc import Callable

from voicedr.twin.calls.attributes import address_of, flag, whole, word, words
from voicedr.twin.calls.commands import Apart, Interruption, Listen, RegionLost, Script
from voicedr.twin.calls.cut_short import cut_short
from voicedr.twin.calls.document import Unusable, load_without_fallback
from voicedr.twin.calls.interpreter import perform
from voicedr.twin.calls.line import Goto, Line, Unrunnable
from voicedr.twin.calls.office import Meeting
from voicedr.twin.calls.recording import settle_recording, tell_recording
from voicedr.twin.calls.status_callback import notify, rfc2822
from voicedr.twin.world.model import Conference, Participant
from voicedr.wire.twiml import Element

_WAITING_VERBS = frozenset({"Play", "Say", "Pause", "Redirect"})
_DOCUMENTS_MAX = 1000
_NEAR_S = 1e-4
"""What is due within this is due: clocks tell microseconds."""


def confer(noun: Element, line: Line, until: float) -> Script[str]:
    """Be in the conference until it ends, the caller leaves, or this moment. Gives DialCallStatus.

    A full conference takes nobody more: ``busy`` (assumption: not documented what the action is told).
    """
    office = line.office
    name = noun.text
    if not name:
        line.warn(13237, "Conference has no name")
        return "failed"
    room = office.conference(line.region, name)
    meeting = office.meeting(room)
    if not room.participants:
        room.max_participants = whole(noun, "maxParticipants")
    if len(room.present) >= room.max_participants:
        return "busy"
    yield from _join(noun, line, room, meeting)
    me = room.participants[line.call.sid]

    def is_over() -> bool:
        return room.status == "completed" or me.status == "complete" or office.now >= until - _NEAR_S

    try:
        set_up = yield from _wait(noun, line, room, meeting, until, is_over)
        while set_up and not is_over():
            _hear(line, room, me)
            yield Listen(meeting.bell, max(0.0, until - office.now))
    except RegionLost:
        _drop(line, room, meeting)
        raise
    except Interruption:
        yield from _leave(line, room, meeting)
        raise
    yield from _leave(line, room, meeting)
    return "answered" if set_up else "failed"


def _join(noun: Element, line: Line, room: Conference, meeting: Meeting) -> Script[None]:
    office = line.office
    coached = word(noun, "coach")
    room.participants[line.call.sid] = Participant(
        line.call.sid,
        office.now,
        label=word(noun, "participantLabel"),
        muted=flag(noun, "muted"),
        start_conference_on_enter=flag(noun, "startConferenceOnEnter"),
        end_conference_on_exit=flag(noun, "endConferenceOnExit"),
        coaching=bool(coached),
        call_sid_to_coach=coached,
    )
    if not meeting.callback[0]:
        # The first noun that names one decides for the whole conference. Assumption for a later noun's events.
        callback = address_of(line, noun, "statusCallback")
        meeting.callback = (callback, word(noun, "statusCallbackMethod"), words(noun, "statusCallbackEvent"))
    beep = word(noun, "beep")
    if beep in {"true", "onEnter"}:
        _beep(line, meeting)
    meeting.people[line.call.sid] = line.person
    meeting.nouns[line.call.sid] = noun
    room.updated_at = office.now
    yield from _tell(line, room, meeting, "join", "participant-join")
    starts = any(one.start_conference_on_enter for one in room.present)
    if room.status == "init" and starts and len(room.present) >= 2:
        room.status, room.started_at = "in-progress", office.now
        yield from _tell(line, room, meeting, "start", "conference-start")
        yield from _record(line, room, meeting)
    meeting.exit_beeps[line.call.sid] = beep in {"true", "onExit"}
    meeting.bell.ring()


def _record(line: Line, room: Conference, meeting: Meeting) -> Script[None]:
    """Record it from its start if any of those who are there says so."""
    wanted = (noun for noun in meeting.nouns.values() if word(noun, "record") in {"record-from-start", "true"})
    noun = next(wanted, None)
    if noun is not None:
        recording = line.office.record(line.region, line.call.sid, "Conference", conference_sid=room.sid)
        meeting.recording = (recording, noun)
        yield from tell_recording(noun, line, recording, "in-progress")


def _wait(
    noun: Element, line: Line, room: Conference, meeting: Meeting, until: float, is_over: Callable[[], bool]
) -> Script[bool]:
    """What is heard until the conference starts. False if the waiting document cannot be had."""

    def is_done() -> bool:
        return room.status != "init" or is_over()

    if is_done():
        return True
    if "waitUrl" not in noun.attributes:
        line.hears("hold-music", f"conference:{room.friendly_name}")
    else:
        line.hears("silence")
        url = address_of(line, noun, "waitUrl")
        if url:
            script = _waiting_document(line, Goto(url, word(noun, "waitMethod")))
            base = line.url
            try:
                if (yield from cut_short(script, line.office, until, meeting.bell, is_done)) is False:
                    return False
            finally:
                line.url = base
        line.hears("silence")
    while not is_done():
        yield Listen(meeting.bell, max(0.0, until - line.office.now))
    return True


def _waiting_document(line: Line, step: Goto) -> Script[bool]:
    """Once through the waiting document and wherever it leads. False if it cannot be had.

    One that cannot be done is silence (assumption: not documented).
    """
    for _ in range(_DOCUMENTS_MAX):
        page = yield from load_without_fallback(line, step.url, step.method, step.extra)
        if isinstance(page, Unusable):
            return False
        line.url = page.url
        try:
            following = yield from perform(line, page.document.root.children, _WAITING_VERBS, refused=13238)
        except Unrunnable:
            break
        if not isinstance(following, Goto):
            break
        step = following
    return True


def _hear(line: Line, room: Conference, me: Participant) -> None:
    if me.hold:
        line.hears("hold-music", f"conference:{room.friendly_name}")
    elif len(room.present) > 1:
        line.hears("conference", f"{room.friendly_name} (muted)" if me.muted else room.friendly_name)
    else:
        line.hears("silence")


def _leave(line: Line, room: Conference, meeting: Meeting) -> Script[None]:
    """This one is gone, and perhaps the conference with it."""
    office = line.office
    me = room.participants[line.call.sid]
    _gone(line, room, meeting)
    if meeting.exit_beeps.pop(line.call.sid, False):
        _beep(line, meeting)
    yield from _tell(line, room, meeting, "leave", "participant-leave")
    meeting.nouns.pop(line.call.sid, None)
    ended_by_rest = room.status == "completed" and not room.reason_ended
    if room.status != "completed":
        if me.end_conference_on_exit and room.status == "in-progress":
            room.reason_ended = "participant-with-end-conference-on-exit-left"
        elif not room.present:
            room.reason_ended = "last-participant-left"
        else:
            meeting.bell.ring()
            return
        room.status = "completed"
        room.call_sid_ending_conference = line.call.sid
        room.ended_at = room.updated_at = office.now
        meeting.bell.ring()
        yield from _ended(line, room, meeting)
    elif ended_by_rest:
        room.reason_ended, room.ended_at = "conference-ended-via-api", room.ended_at or office.now
        yield from _ended(line, room, meeting)
    if not meeting.people:
        office.meetings.pop(room.sid, None)


def _ended(line: Line, room: Conference, meeting: Meeting) -> Script[None]:
    more = {"ReasonConferenceEnded": room.reason_ended, "CallSidEndingConference": room.call_sid_ending_conference}
    yield from _tell(line, room, meeting, "end", "conference-end", more)
    if meeting.recording is not None:
        recording, noun = meeting.recording
        meeting.recording = None
        begun = line.office.now if recording.started_at is None else recording.started_at
        settle_recording(line, recording, line.office.now - begun)
        yield from tell_recording(noun, line, recording, "completed")


def _drop(line: Line, room: Conference, meeting: Meeting) -> None:
    """The Region is lost. Nobody is told."""
    _gone(line, room, meeting)
    if not room.present:
        room.status, room.ended_at = "completed", line.office.now
        line.office.meetings.pop(room.sid, None)


def _gone(line: Line, room: Conference, meeting: Meeting) -> None:
    me = room.participants[line.call.sid]
    me.status, me.left_at = "complete", line.office.now
    room.updated_at = line.office.now
    meeting.people.pop(line.call.sid, None)


def _beep(line: Line, meeting: Meeting) -> None:
    for person in meeting.people.values():
        person.notices(line.office.now, "beep")


def _tell(
    line: Line, room: Conference, meeting: Meeting, event: str, name: str, more: dict[str, str] | None = None
) -> Script[None]:
    """The conference's status callback, if this event is wanted.

    https://www.twilio.com/docs/voice/twiml/conference#attributes-statusCallbackEvent
    """
    url, method, events = meeting.callback
    sequence = meeting.sequence
    meeting.sequence += 1
    if not url or event not in events:
        return
    fields = {
        "AccountSid": line.office.world.account_sid,
        "ConferenceSid": room.sid,
        "FriendlyName": room.friendly_name,
        "StatusCallbackEvent": name,
        "SequenceNumber": str(sequence),
        "Timestamp": rfc2822(line.office.now),
    } | (more or {})
    me = room.participants[line.call.sid]
    if event in {"join", "leave"}:
        fields |= {
            "CallSid": line.call.sid,
            "Muted": _said(me.muted),
            "Hold": _said(me.hold),
            "StartConferenceOnEnter": _said(me.start_conference_on_enter),
            "EndConferenceOnExit": _said(me.end_conference_on_exit),
            "Coaching": _said(me.coaching),
        }
        if me.label:
            fields["ParticipantLabel"] = me.label
    yield Apart(notify(line, url, method, fields))


def _said(yes: bool) -> str:
    return "true" if yes else "false"
