"""What the REST API changes in conferences and queues is felt by the calls that are in them."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import urlencode

from switchboard_scene import CALLER, NUMBER, PRIMARY, App, heard, make_world
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin.calls.caller import Caller
from voicedr.twin.twin import Twin
from voicedr.twin.world.model import NetworkCall
from voicedr.wire.http import Request

ROOM = "<Dial><Conference beep='false'>room</Conference></Dial><Say>bye</Say>"
WAITING = "<Enqueue>support</Enqueue><Say>left</Say>"


class Place:
    """A twin under virtual time, two callers, and its REST API."""

    def __init__(self, document: str, clock: VirtualClock) -> None:
        self.clock = clock
        self.app = App({PRIMARY: document, "https://app.example/agent": "<Say>an agent</Say>"}, clock=self.clock)
        self.world = make_world()
        self.twin = Twin(self.world, self.clock, self.app)
        self.calls: list[NetworkCall] = []

    async def callers(self, number: int) -> None:
        """Let so many call, a second apart."""
        for index in range(number):
            self.calls.append(self.twin.switchboard.dial(f"{CALLER[:-1]}{index}", NUMBER, Caller(hangs_up_after_s=300)))
            await self.clock.sleep(1)
        await self.clock.sleep(5)

    async def ask(self, method: str, path: str, fields: dict[str, str] | None = None) -> Any:
        """One request to us1, with its Auth Token. Gives the JSON of the answer, None if it has none."""
        secret = f"{self.world.account_sid}:{self.world.regions['us1'].auth_token}"
        sent = (("Authorization", "Basic " + b64encode(secret.encode()).decode()),)
        url = f"https://api.twilio.com/2010-04-01/Accounts/{self.world.account_sid}/{path}.json"
        answer = await self.twin.respond(Request(method, url, sent, urlencode(fields or {}).encode()))
        assert answer.status < 300, answer.body
        await self.clock.sleep(1)
        return json.loads(answer.body) if answer.body else None

    async def only(self, path: str, key: str) -> Any:
        """The first record of a list."""
        return (await self.ask("GET", path))[key][0]


def perform(document: str, script: Callable[[Place], Awaitable[Any]]) -> tuple[Place, Any]:
    """Run a script against callers who get this document; gives the place and what the script gave."""

    async def main(clock: VirtualClock) -> tuple[Place, Any]:
        place = Place(document, clock)
        given = await script(place)
        await place.twin.close()
        return place, given

    return run_virtual(main)


def _said(call: NetworkCall, text: str) -> bool:
    return any(one.what == "say" and text in one.detail for one in call.heard)


def test_a_conference_is_ended_by_rest() -> None:
    """Status=completed ends the conference for all: each goes on with its own TwiML, and the reason is told
    (https://www.twilio.com/docs/voice/api/conference-resource)."""

    async def script(place: Place) -> Any:
        await place.callers(2)
        room = await place.only("Conferences", "conferences")
        assert (room["status"], room["friendly_name"]) == ("in-progress", "room")
        await place.ask("POST", f"Conferences/{room['sid']}", {"Status": "completed"})
        ended = await place.ask("GET", f"Conferences/{room['sid']}")
        await place.clock.sleep(20)
        return ended

    place, ended = perform(ROOM, script)
    assert (ended["status"], ended["reason_conference_ended"]) == ("completed", "conference-ended-via-api")
    assert all(_said(call, "bye") for call in place.calls)


def test_a_participant_is_held_and_taken_out() -> None:
    """Who is held hears music; who is taken out goes on with their TwiML while the other stays
    (https://www.twilio.com/docs/voice/api/conference-participant-resource)."""

    async def script(place: Place) -> Any:
        await place.callers(2)
        room = await place.only("Conferences", "conferences")
        path = f"Conferences/{room['sid']}/Participants"
        first = (await place.ask("GET", path))["participants"][0]["call_sid"]
        held = await place.ask("POST", f"{path}/{first}", {"Hold": "true"})
        await place.clock.sleep(3)
        await place.ask("DELETE", f"{path}/{first}")
        left = (await place.ask("GET", path))["participants"]
        await place.clock.sleep(20)
        return first, held, left

    place, (first, held, left) = perform(ROOM, script)
    assert held["hold"] is True
    assert [one["call_sid"] for one in left] == [place.calls[1].call_sid]
    assert place.calls[0].call_sid == first
    assert heard(place.calls[0]).count("hold-music") == 2
    assert _said(place.calls[0], "bye")
    assert not _said(place.calls[1], "bye")


def test_somebody_who_is_called_into_a_conference_joins_it() -> None:
    """POST Participants rings a number; once it answers it is among the participants with its label."""

    async def script(place: Place) -> Any:
        place.world.settings.calls_per_second = 10
        await place.callers(1)
        made = await place.ask(
            "POST", "Conferences/room/Participants", {"From": NUMBER, "To": "+16465550177", "Label": "desk"}
        )
        await place.clock.sleep(5)
        there = (await place.ask("GET", f"Conferences/{made['conference_sid']}/Participants"))["participants"]
        return made, there

    _, (made, there) = perform(ROOM, script)
    assert made["status"] == "queued"
    assert [one["label"] for one in there] == [None, "desk"]
    assert there[1]["call_sid"] == made["call_sid"]


def test_a_member_is_taken_out_of_a_queue() -> None:
    """POST Members/Front gives the front caller another document, and the queue is one shorter
    (https://www.twilio.com/docs/voice/api/member-resource)."""

    async def script(place: Place) -> Any:
        await place.callers(2)
        queue = await place.only("Queues", "queues")
        path = f"Queues/{queue['sid']}/Members"
        await place.ask("POST", f"{path}/Front", {"Url": "https://app.example/agent"})
        await place.clock.sleep(5)
        after = await place.ask("GET", f"Queues/{queue['sid']}")
        return queue, after

    place, (queue, after) = perform(WAITING, script)
    assert (queue["friendly_name"], queue["current_size"], after["current_size"]) == ("support", 2, 1)
    assert _said(place.calls[0], "an agent")
    assert not _said(place.calls[1], "an agent")
