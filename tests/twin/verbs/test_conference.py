"""Conferences (https://www.twilio.com/docs/voice/twiml/conference): who hears what, when one starts and ends."""

from __future__ import annotations

import pytest

from switchboard_scene import CALLER, NUMBER, PRIMARY, Answer, Scene, heard, play
from voicedr.twin.calls.caller import Caller
from voicedr.twin.world.model import Conference, NetworkCall
from voicedr.wire.http import Response

EVENTS = "https://app.example/events"
WAIT = "https://app.example/wait"


def meet(
    *callers: tuple[float, float, str], after: str = "<Say>bye</Say>", answers: dict[str, Answer] | None = None
) -> tuple[list[NetworkCall], Scene]:
    """Callers who dial at a second, stay for so long, and are put into a conference by these attributes."""
    nouns: dict[str, str] = {}

    def document(_: object, fields: dict[str, str]) -> str:
        return f"<Dial action='/done'><Conference {nouns[fields['From']]}>room</Conference></Dial>{after}"

    calls: list[NetworkCall] = []

    async def script(scene: Scene) -> None:
        begun = scene.now
        for index, (at_s, stays_s, attributes) in enumerate(callers):
            await scene.clock.sleep(begun + at_s - scene.now)
            from_ = f"{CALLER[:-1]}{index}"
            nouns[from_] = attributes
            calls.append(scene.switchboard.dial(from_, NUMBER, Caller(hangs_up_after_s=stays_s)))
        await scene.clock.sleep(600)

    more: dict[str, Answer] = {PRIMARY: document, "https://app.example/done": after, EVENTS: Response(204)}
    return calls, play(script, more | (answers or {}))


def room_of(scene: Scene) -> Conference:
    """The only conference."""
    (room,) = scene.world.regions["us1"].conferences.values()
    return room


def what(call: NetworkCall) -> list[str]:
    """What was heard, without ringing and details."""
    return [one for one in heard(call) if one != "ringing"]


def test_two_start_it_and_the_last_ends_it() -> None:
    """One alone hears music; the second starts it; who stays behind hears silence; the last one ends it."""
    (first, second), scene = meet((0, 40, "beep='false'"), (10, 10, "beep='false'"))
    assert what(first) == ["hold-music", "conference", "silence", "hang-up"]
    assert what(second) == ["conference", "hang-up"]
    assert next(one.for_s for one in first.heard if one.what == "hold-music") == pytest.approx(10, abs=0.01)
    room = room_of(scene)
    assert (room.friendly_name, room.status, room.reason_ended) == ("room", "completed", "last-participant-left")
    assert room.call_sid_ending_conference == first.call_sid
    assert [one.status for one in room.participants.values()] == ["complete", "complete"]
    assert (room.ended_at or 0) - room.created_at == pytest.approx(39.7, abs=0.01)
    assert not scene.codes()


def test_start_conference_on_enter() -> None:
    """Those who may not start it wait until somebody comes who may."""
    no = "startConferenceOnEnter='false' beep='false'"
    (first, second, third), scene = meet((0, 60, no), (5, 60, no), (20, 20, "beep='false'"))
    waits = [next(one.for_s for one in call.heard if one.what == "hold-music") for call in (first, second)]
    assert waits == [pytest.approx(20, abs=0.01), pytest.approx(15, abs=0.01)]
    assert what(third) == ["conference", "hang-up"]
    assert (room_of(scene).started_at or 0) - room_of(scene).created_at == pytest.approx(20, abs=0.01)


def test_end_conference_on_exit() -> None:
    """When that one leaves, the others leave too and go on with their action, which is told ``answered``."""
    (host, guest), scene = meet((0, 15, "endConferenceOnExit='true'"), (5, 60, ""))
    assert heard(guest)[-1] == "say"
    (told,) = scene.app.fields("https://app.example/done")
    assert told["DialCallStatus"] == "answered"
    assert "DialCallSid" not in told
    room = room_of(scene)
    assert room.reason_ended == "participant-with-end-conference-on-exit-left"
    assert room.call_sid_ending_conference == host.call_sid


def test_beeps_and_muting() -> None:
    """Others hear a beep at entering or leaving as asked for; who is muted is listed so."""
    (first, second), scene = meet((0, 40, "beep='false'"), (10, 10, "muted='true' participantLabel='agent'"))
    assert what(first).count("beep") == 2
    (first, _), _ = meet((0, 40, "beep='false'"), (10, 10, "beep='onEnter'"))
    assert what(first).count("beep") == 1
    participant = room_of(scene).participants[second.call_sid]
    assert (participant.muted, participant.label) == (True, "agent")
    assert next(one.detail for one in second.heard if one.what == "conference") == "room (muted)"


def test_waiting_document() -> None:
    """It runs once and may redirect, does not loop, and a verb that it may not have is the error 13238."""
    (first,), scene = meet((0, 30, "waitUrl='/wait' waitMethod='GET'"), answers={WAIT: "<Say>please wait</Say>"})
    assert what(first) == ["say", "silence", "hang-up"]
    assert [asked.request.method for asked in scene.app.asked if asked.url == WAIT] == ["GET"]
    (first,), scene = meet((0, 30, "waitUrl='/wait'"), answers={WAIT: "<Dial>+15550001111</Dial>"})
    assert scene.codes() == ["13238"]
    assert what(first) == ["silence", "hang-up"]
    (first,), scene = meet((0, 30, "waitUrl=''"))
    assert what(first) == ["silence", "hang-up"]


def test_waiting_document_that_cannot_be_had() -> None:
    """Then the caller is in no conference and goes on with the action, which is told ``failed``."""
    (first,), scene = meet((0, 30, "waitUrl='/wait'"), answers={WAIT: Response(500)})
    assert scene.codes() == ["11200"]
    assert heard(first)[-1] == "say"
    assert [one["DialCallStatus"] for one in scene.app.fields("https://app.example/done")] == ["failed"]


def test_full() -> None:
    """Beyond maxParticipants nobody is let in."""
    (*_, third), scene = meet(*[(at, 60, "maxParticipants='2' beep='false'") for at in (0, 1, 2)])
    assert heard(third)[-1] == "say"
    assert [one["DialCallStatus"] for one in scene.app.fields("https://app.example/done")] == ["busy"]


def test_events_and_recording() -> None:
    """The first noun's callback is told of everything, in order, and a recording from the start is in the store."""
    noun = "statusCallback='/events' statusCallbackEvent='start end join leave' record='record-from-start'"
    _, scene = meet((0, 30, noun), (10, 10, "statusCallback='/other' statusCallbackEvent='join'"))
    told = scene.app.fields(EVENTS)
    assert [one["StatusCallbackEvent"] for one in told] == [
        "participant-join", "participant-join", "conference-start", "participant-leave", "participant-leave",
        "conference-end",
    ]  # fmt: skip
    assert [one["SequenceNumber"] for one in told] == ["1", "2", "3", "4", "5", "6"]
    assert {one["ConferenceSid"] for one in told} == {room_of(scene).sid}
    assert told[-1]["ReasonConferenceEnded"] == "last-participant-left"
    (recording,) = scene.world.regions["us1"].recordings.values()
    assert (recording.source, recording.status, recording.duration_s) == ("Conference", "completed", 20)
    assert recording.conference_sid == room_of(scene).sid


def test_changed_by_rest() -> None:
    """A participant put on hold hears music, one removed goes on, and an ended conference lets everybody go on."""

    async def script(scene: Scene) -> None:
        calls = [scene.switchboard.dial(f"{CALLER[:-1]}{n}", NUMBER, Caller(hangs_up_after_s=200)) for n in range(3)]
        await scene.clock.sleep(5)
        room = room_of(scene)
        room.participants[calls[0].call_sid].hold = True
        scene.switchboard.stir(room.sid)
        await scene.clock.sleep(5)
        room.participants[calls[1].call_sid].status = "complete"
        scene.switchboard.stir(room.sid)
        await scene.clock.sleep(5)
        assert calls[1].outcome == "served"
        room.status = "completed"
        scene.switchboard.stir(room.sid)
        await scene.clock.sleep(5)
        assert what(calls[0])[-2:] == ["hold-music", "say"]
        assert {call.outcome for call in calls} == {"served"}
        assert room.reason_ended == "conference-ended-via-api"

    play(script, {PRIMARY: "<Dial><Conference beep='false'>room</Conference></Dial><Say>bye</Say>"})


def test_region_lost() -> None:
    """A Region that dies takes its conferences along."""

    async def script(scene: Scene) -> None:
        for n in range(2):
            scene.switchboard.dial(f"{CALLER[:-1]}{n}", NUMBER, Caller(hangs_up_after_s=200))
        await scene.clock.sleep(5)
        scene.breaks("region-down", region="us1")
        await scene.clock.sleep(60)

    scene = play(script, {PRIMARY: "<Dial><Conference>room</Conference></Dial>"})
    assert room_of(scene).status == "completed"
    assert {call.outcome for call in scene.world.network_calls.values()} == {"silence"}
