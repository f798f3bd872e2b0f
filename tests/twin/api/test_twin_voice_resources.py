"""Recordings, conferences, queues, caller ids, notifications and usage, seen through the official library."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from asking_the_twin import N0, N1, T0, Client, small_world
from library_in_process import official, refused
from voicedr.twin.api.ask import ModifyCall, PlaceCall, Stir
from voicedr.twin.api.handle import handle
from voicedr.twin.world.model import (
    Alert,
    Call,
    Conference,
    Message,
    Participant,
    QueueMember,
    Recording,
    WebExchange,
    World,
)
from voicedr.wire import wav
from voicedr.wire.http import Request, Response

OTHER = "+16465550123"


def _sid(prefix: str, number: int) -> str:
    return f"{prefix}{number:032x}"


def _call(world: World, region: str, number: int, **more: Any) -> Call:
    call = Call(_sid("CA", number), OTHER, N0, "inbound", "completed", T0, T0, T0 + 30, T0 + 5, **more)
    world.regions[region].calls[call.sid] = call
    return call


def _meeting(world: World, region: str = "us1") -> Conference:
    room = Conference(_sid("CF", 1), "standup", T0, T0, status="in-progress")
    for number in (1, 2):
        call = _call(world, region, number)
        room.participants[call.sid] = Participant(call.sid, T0 + number, label=f"p{number}")
    world.regions[region].conferences[room.sid] = room
    return room


def test_recordings_of_a_region_a_call_and_a_conference() -> None:
    """A recording is found in its Region by itself, by its call and by its conference, and nowhere else
    (https://www.twilio.com/docs/voice/api/recording)."""
    world = small_world()
    call = _call(world, "ie1", 1)
    room = _meeting(world, "ie1")
    for number, conference in ((1, ""), (2, room.sid)):
        made = Recording(
            _sid("RE", number), call.sid, "DialVerb", T0, T0, "completed", conference_sid=conference, duration_s=7
        )
        world.regions["ie1"].recordings[made.sid] = made
    client = official(world, "ie1")
    assert [one.sid for one in client.recordings.list()] == [_sid("RE", 2), _sid("RE", 1)]
    assert [one.sid for one in client.recordings.list(conference_sid=room.sid)] == [_sid("RE", 2)]
    assert len(client.calls(call.sid).recordings.list()) == 2
    assert [one.duration for one in client.conferences(room.sid).recordings.list()] == ["7"]
    assert client.recordings.list(date_created_before=datetime.fromtimestamp(T0 - 86_400, UTC)) == []
    assert refused(official(world, "us1").recordings(_sid("RE", 1)).fetch) == (404, 20404)


def test_the_sound_of_a_recording_is_a_wav_file_as_long_as_it_says() -> None:
    """At its own address, with .wav or nothing behind it; none while it runs, after it is deleted, or elsewhere
    (https://www.twilio.com/docs/voice/api/recording)."""
    world = small_world()
    call = _call(world, "ie1", 1)
    for number in (1, 2):
        made = Recording(_sid("RE", number), call.sid, "RecordVerb", T0, T0, "completed", duration_s=7)
        world.regions["ie1"].recordings[made.sid] = made

    def sound(name: str, region: str = "ie1") -> Response:
        path = f"/2010-04-01/Accounts/{world.account_sid}/Recordings/{name}"
        host = {"ie1": "api.dublin.ie1.twilio.com", "us1": "api.twilio.com"}[region]
        token = b64encode(f"{world.account_sid}:{world.regions[region].auth_token}".encode()).decode()
        asked = Request("GET", f"https://{host}{path}", (("Authorization", f"Basic {token}"),))
        answer = handle(world, asked, T0 + 60).response
        assert isinstance(answer, Response)
        return answer

    first = sound(_sid("RE", 1) + ".wav")
    assert (first.status, first.header("Content-Type")) == (200, "audio/x-wav")
    assert wav.read(first.body).seconds == 7.0
    assert sound(_sid("RE", 1)).body == first.body
    assert sound(_sid("RE", 2) + ".wav").body != first.body
    assert sound(_sid("RE", 1) + ".mp3").status == 404
    assert sound(_sid("RE", 1) + ".wav", "us1").status == 404
    world.regions["ie1"].recordings[_sid("RE", 1)].status = "in-progress"
    assert sound(_sid("RE", 1) + ".wav").status == 404
    world.regions["ie1"].recordings[_sid("RE", 2)].status = "deleted"
    assert sound(_sid("RE", 2) + ".wav").status == 404


def test_messages_that_came_in_are_listed_where_they_are_served() -> None:
    """By number and by day, newest first; au1 refuses, and nothing is transcribed
    (https://www.twilio.com/docs/messaging/api/message-resource)."""
    world = small_world()
    for number, later_s in ((1, 0.0), (2, 86_400.0)):
        message = Message(_sid("SM", number), "+12025550100", "+14155550100", "hello", T0 + later_s, "us1", "answered")
        world.regions["us1"].messages[message.sid] = message
    client = official(world, "us1")
    assert [one.sid for one in client.messages.list()] == [_sid("SM", 2), _sid("SM", 1)]
    day = datetime.fromtimestamp(T0 + 86_400, UTC)
    assert [one.body for one in client.messages.list(date_sent_after=day)] == ["hello"]
    assert client.messages.list(to="+14155550999") == []
    assert client.messages(_sid("SM", 1)).fetch().direction == "inbound"
    assert refused(official(world, "au1").messages(_sid("SM", 1)).fetch) == (404, 20404)
    assert client.transcriptions.list() == []


def test_a_deleted_recording_is_shown_for_forty_days_to_whoever_asks() -> None:
    """DELETE takes a recording from the list; its metadata is there for 40 days with IncludeSoftDeleted."""
    world = small_world()
    call = _call(world, "us1", 1)
    made = Recording(_sid("RE", 1), call.sid, "RecordVerb", T0, T0, "in-progress")
    world.regions["us1"].recordings[made.sid] = made
    client = Client(world, "us1")
    path = f"A/Recordings/{made.sid}.json"
    assert client.delete("api", path) == 409
    made.status, made.duration_s = "completed", 3
    assert client.delete("api", path) == 204
    assert client.get("api", path)[0] == 404
    assert client.get("api", "A/Recordings.json")[1]["recordings"] == []
    assert client.get("api", path, {"IncludeSoftDeleted": "true"})[1]["status"] == "deleted"
    client.now += 41 * 86_400
    assert client.get("api", path, {"IncludeSoftDeleted": "true"})[0] == 404


def test_conferences_are_listed_and_ended() -> None:
    """A conference is found by name and status, and ending it stirs the calls that are in it
    (https://www.twilio.com/docs/voice/api/conference-resource)."""
    world = small_world()
    room = _meeting(world)
    client = official(world, "us1")
    assert [one.sid for one in client.conferences.list(friendly_name="standup", status="in-progress")] == [room.sid]
    assert client.conferences.list(status="completed") == []
    assert client.conferences.list(date_created=date(2020, 1, 1)) == []
    assert [one.sid for one in client.conferences.list(date_created=datetime.fromtimestamp(T0, UTC).date())] == [
        room.sid
    ]
    assert refused(official(world, "ie1").conferences(room.sid).fetch) == (404, 20404)
    answer = Client(world, "us1").answer("POST", "api", f"A/Conferences/{room.sid}.json", {"Status": "completed"})
    assert answer.orders == (Stir(room.sid),)
    assert client.conferences(room.sid).fetch().status == "completed"


def test_participants_are_muted_held_and_taken_out() -> None:
    """Who is there is found by call or label, and changed while the conference lasts
    (https://www.twilio.com/docs/voice/api/conference-participant-resource)."""
    world = small_world()
    room = _meeting(world)
    participants = official(world, "us1").conferences(room.sid).participants
    first = participants("p1").update(muted=True, hold=True)
    assert (first.call_sid, first.muted, first.hold) == (_sid("CA", 1), True, True)
    assert [one.label for one in participants.list(muted=True)] == ["p1"]
    assert participants(_sid("CA", 1)).delete()
    assert [one.label for one in participants.list()] == ["p2"]
    assert refused(participants("p1").fetch) == (404, 20404)
    assert refused(lambda: participants("p2").update(call_sid_to_coach=_sid("CA", 9))) == (400, 20001)


def test_somebody_is_called_into_a_conference() -> None:
    """POST Participants places a call whose TwiML is the conference, by its id or by a name that makes it."""
    world = small_world()
    client = Client(world, "ie1")
    fields = {
        "From": N0,
        "To": OTHER,
        "Label": "desk",
        "EndConferenceOnExit": "true",
        "StatusCallback": "https://s.example/",
    }
    answer = client.answer("POST", "api", "A/Conferences/night/Participants.json", fields)
    (order,) = answer.orders
    assert isinstance(order, PlaceCall)
    assert order.instructions.twiml == (
        '<Response><Dial><Conference endConferenceOnExit="true" participantLabel="desk">night</Conference></Dial>'
        "</Response>"
    )
    (room,) = world.regions["ie1"].conferences.values()
    assert (room.friendly_name, room.status) == ("night", "init")
    status, again = client.post("api", f"A/Conferences/{room.sid}/Participants.json", {"From": N0, "To": OTHER})
    assert (status, again["status"], again["conference_sid"]) == (201, "queued", room.sid)
    assert client.post("api", f"A/Conferences/{_sid('CF', 9)}/Participants.json", fields)[0] == 404
    assert client.post("api", "A/Conferences/night/Participants.json", {"From": N0})[1]["code"] == 21201


def test_queues_and_who_waits_in_them() -> None:
    """A queue is made, resized, and deleted once nobody waits; a member is taken out by giving its call a URL
    (https://www.twilio.com/docs/voice/api/queue-resource and /member-resource)."""
    world = small_world()
    client = official(world, "us1")
    queue = client.queues.create(friendly_name="support", max_size=5)
    assert (queue.max_size, queue.current_size, queue.sid[:2]) == (5, 0, "QU")
    assert refused(lambda: client.queues.create(friendly_name="support")) == (400, 20001)
    assert refused(lambda: queue.update(max_size=5001)) == (400, 20001)
    for number in (1, 2):
        call = _call(world, "us1", number)
        world.regions["us1"].queues[queue.sid].members.append(QueueMember(call.sid, T0 + number))
    assert [(one.position, one.wait_time) for one in queue.members.list()] == [(1, 59), (2, 58)]
    assert queue.members("Front").fetch().call_sid == _sid("CA", 1)
    assert refused(queue.delete) == (400, 20001)
    path = f"A/Queues/{queue.sid}/Members/Front.json"
    (order,) = Client(world, "us1").answer("POST", "api", path, {"Url": "https://x.example/"}).orders
    assert isinstance(order, ModifyCall)
    assert (order.call_sid, order.change.url) == (_sid("CA", 1), "https://x.example/")
    assert Client(world, "us1").post("api", path)[1]["code"] == 21205
    world.regions["us1"].queues[queue.sid].members.clear()
    assert queue.delete()


def test_verified_caller_ids_are_in_us1_only() -> None:
    """A validation answers 200; the number may be the From of a us1 call and of no other Region's
    (https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability)."""
    world = small_world()
    us1, ie1 = official(world, "us1"), official(world, "ie1")
    request = us1.validation_requests.create(phone_number=OTHER, friendly_name="Desk")
    assert (len(request.validation_code), request.friendly_name) == (6, "Desk")
    (caller_id,) = us1.outgoing_caller_ids.list(phone_number=OTHER)
    assert caller_id.update(friendly_name="Front desk").friendly_name == "Front desk"
    assert us1.calls.create(to=N1, from_=OTHER, twiml="<Response/>").status == "queued"
    assert refused(lambda: ie1.calls.create(to=N1, from_=OTHER, twiml="<Response/>")) == (400, 21210)
    assert refused(lambda: us1.validation_requests.create(phone_number=OTHER)) == (400, 21450)
    assert refused(lambda: ie1.outgoing_caller_ids(caller_id.sid).fetch()) == (404, 20404)
    assert refused(lambda: ie1.validation_requests.create(phone_number=OTHER)) == (404, 20404)
    assert caller_id.delete()
    assert refused(lambda: us1.calls.create(to=N1, from_=OTHER, twiml="<Response/>")) == (400, 21210)


def test_notifications_and_events_of_a_call() -> None:
    """A call's errors (log 0) and warnings (log 1), with bodies one at a time, and its exchanges in order
    (https://www.twilio.com/docs/voice/api/call-notification-subresource and /call-event-resource)."""
    world = small_world()
    call = _call(world, "ie1", 1)
    alerts = world.regions["ie1"].alerts
    levels: Any = ("error", "warning", "debug")
    for number, level in enumerate(levels):
        alerts.append(
            Alert(
                _sid("NO", number), "11200", level, call.sid, "https://x.example/", "POST", "t", T0, "a=b", "h", "body"
            )
        )
    alerts.append(Alert(_sid("NO", 9), "11200", "error", _sid("CA", 9), "", "", "t", T0))
    call.exchanges.append(WebExchange(T0, "https://x.example/", "POST", "dublin", 1, 503, "", 0.25))
    call.exchanges.append(WebExchange(T0 + 1, "https://f.example/", "POST", "dublin", 1, 0, "read-timeout", 15.0))
    client = official(world, "ie1")
    of_call = client.calls(call.sid)
    assert [(one.sid, one.log) for one in of_call.notifications.list()] == [(_sid("NO", 1), "1"), (_sid("NO", 0), "0")]
    assert [one.sid for one in of_call.notifications.list(log=0)] == [_sid("NO", 0)]
    assert of_call.notifications(_sid("NO", 0)).fetch().response_body == "body"
    assert len(client.api.account.notifications.list()) == 3
    assert refused(of_call.notifications(_sid("NO", 9)).fetch) == (404, 20404)
    first, second = of_call.events.list()
    assert (first.request["url"], first.response["response_code"]) == ("https://x.example/", 503)
    assert second.response["response_code"] is None


def test_usage_and_balance_are_in_us1_only() -> None:
    """Usage counts the calls of every Region by category and day; another Region refuses it and the balance
    (https://www.twilio.com/docs/usage/api/usage-record)."""
    world = small_world()
    _call(world, "us1", 1)
    _call(world, "ie1", 2)
    us1, ie1 = official(world, "us1"), official(world, "ie1")
    (calls,) = us1.usage.records.list(category="calls")
    assert (calls.count, calls.usage, calls.usage_unit) == ("2", "2", "minutes")
    today = us1.usage.records.today.list(category="phonenumbers")
    assert [one.count for one in today] == ["3"]
    day = datetime.fromtimestamp(T0, UTC).date()
    daily = us1.usage.records.daily.list(category="calls-inbound", start_date=day - timedelta(days=1), end_date=day)
    assert [one.count for one in daily] == ["2", "0"]
    assert len(us1.usage.records.monthly.list(category="calls", start_date=date(2026, 1, 15), end_date=day)) >= 2
    assert us1.balance.fetch().currency == "USD"
    assert refused(ie1.balance.fetch) == (404, 20404)
    assert refused(lambda: ie1.usage.records.list()) == (404, None)
    assert refused(lambda: us1.usage.records.list(start_date=day, end_date=day - timedelta(days=2))) == (400, None)


def test_the_account_is_listed_in_us1_with_the_auth_token() -> None:
    """The list of accounts has the one account; a key and another Region are refused."""
    world = small_world()
    (account,) = official(world, token=True).api.accounts.list()
    assert (account.sid, account.status) == (world.account_sid, "active")
    assert official(world, token=True).api.accounts.list(status="closed") == []
    assert refused(lambda: official(world).api.accounts.list()) == (401, None)
    assert refused(lambda: official(world, "ie1", token=True).api.accounts.list()) == (404, None)


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("A/Recordings.json", {"DateCreated": "soon"}),
        ("A/Conferences.json", {"Status": "over"}),
        ("A/Notifications.json", {"Log": "2"}),
        ("A/Usage/Records.json", {"StartDate": "soon"}),
    ],
)
def test_filters_that_cannot_be(path: str, fields: dict[str, str]) -> None:
    """A filter that means nothing is refused with 20001 instead of finding nothing."""
    status, body = Client(small_world(), "us1").get("api", path, fields)
    assert (status, body["code"]) == (400, 20001)
