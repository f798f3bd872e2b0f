"""Rules of limits and permissions: routing's rate, the queue of calls, restricted keys, a Client's parameters.

The rules and their pages are in the table beside this file.
"""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

import pytest

from asking_the_twin import N0, Client, read, small_world
from switchboard_scene import PRIMARY, Scene, make_world, play, twiml, voice_of
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin.api.traffic import Traffic
from voicedr.twin.calls.caller import Caller
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.twin import Twin
from voicedr.twin.world.model import Party, World
from voicedr.wire.http import Request, Response, Timeouts


class Keyed(Client):
    """A client with a key of its own."""

    def __init__(self, world: World, region: str, sid: str, secret: str) -> None:
        super().__init__(world, region)
        self._authorization = "Basic " + b64encode(f"{sid}:{secret}".encode()).decode()


def _restricted(world: World, *allowed: str) -> Keyed:
    fields = {
        "AccountSid": world.account_sid,
        "KeyType": "restricted",
        "Policy": json.dumps({"allow": list(allowed)}),
    }
    status, key = Client(world, "us1", token=True).post("iam", "v1/Keys", fields)
    assert status == 201
    return Keyed(world, "us1", key["sid"], key["secret"])


def test_a_restricted_key_does_what_it_may() -> None:
    """What no permission covers is 70051, which names the permission; what one covers is done."""
    world = small_world()
    reader = _restricted(world, "/twilio/voice/calls/list", "/twilio/phone-numbers/*")
    assert reader.get("api", "A/Calls.json")[0] == 200
    assert reader.get("api", "A/IncomingPhoneNumbers.json")[0] == 200
    call = {"To": "+16465550123", "From": N0, "Twiml": "<Response/>"}
    for product, path, fields, needed in (
        ("api", "A/Calls.json", call, "/twilio/voice/calls/create"),
        ("routes", f"v2/PhoneNumbers/{N0}", {"VoiceRegion": "ie1"}, "/twilio/routes/phone-numbers/update"),
    ):
        status, body = reader.post(product, path, fields)
        assert (status, body["code"]) == (403, 70051)
        assert needed in body["message"]
        assert _restricted(world, needed).post(product, path, fields)[0] in (200, 201)
    assert reader.get("trunking", "v1/Trunks")[1]["code"] == 70051
    assert len(world.regions["us1"].calls) == 1


def test_a_restricted_key_without_permissions_may_nothing_and_a_standard_one_everything() -> None:
    """Reading is refused, too. A key without a policy is not looked at."""
    world = small_world()
    nothing = _restricted(world)
    for product, path in (("api", "A/Calls.json"), ("routes", f"v2/PhoneNumbers/{N0}"), ("monitor", "v1/Alerts")):
        assert nothing.get(product, path)[1]["code"] == 70051
        assert Client(world, "us1").get(product, path)[0] == 200


def test_routing_takes_three_hundred_requests_a_second() -> None:
    """Over all of routing, reads and writes of every Region; other products are not counted; the next second is new."""
    world = small_world()
    traffic = Traffic()
    clients = [Client(world, region) for region in ("us1", "ie1")]
    for client in clients:
        client.traffic = traffic

    def routed(client: Client, n: int) -> int:
        fields = {"VoiceRegion": "us1"} if n % 2 else None
        return read(client.answer("POST" if n % 2 else "GET", "routes", f"v2/PhoneNumbers/{N0}", fields))[0]

    assert {routed(clients[n % 2], n // 2) for n in range(300)} == {200}
    refused = clients[0].get("routes", f"v2/PhoneNumbers/{N0}")
    assert (refused[0], refused[1]["code"]) == (429, 20429)
    assert routed(clients[1], 1) == 429
    assert clients[0].get("api", "A/Calls.json")[0] == 200
    for client in clients:
        client.now += 1
    assert routed(clients[0], 0) == 200
    world.settings.route_requests_per_second = 0
    assert {routed(clients[0], 0) for _ in range(400)} == {200}


def test_a_call_that_would_wait_for_a_day_is_refused() -> None:
    """At one call in 1,000 s the 88th would wait for 87,000 s: 22005, and no log has it. Each Region has its queue."""
    world = small_world(calls_per_second=0.001)

    async def nobody(request: Request, timeouts: Timeouts) -> Response:
        return Response(404)

    async def main(clock: VirtualClock) -> list[tuple[int, Any]]:
        twin = Twin(world, clock, nobody)
        answers = []
        for region in (*["us1"] * 88, "ie1"):
            client = Client(world, region)
            fields = b"To=%2B16465550123&From=%2B14155550100&Twiml=%3CResponse%2F%3E"
            url = f"https://api.{'dublin.ie1.' if region == 'ie1' else ''}twilio.com/2010-04-01"
            url += f"/Accounts/{world.account_sid}/Calls.json"
            headers = (("Authorization", client._authorization),)
            response = await twin.answer(Request("POST", url, headers, fields))
            assert isinstance(response, Response)
            body = json.loads(response.body)
            answers.append((response.status, body.get("code")))
            await clock.sleep(0.01)
        await twin.close()
        return answers

    assert run_virtual(main) == [*[(201, None)] * 87, (400, 22005), (201, None)]
    assert len(world.regions["us1"].calls) == 87
    participant = Client(world, "us1")
    participant.traffic = Traffic(queued_s=lambda region: 86_401.0)
    before = len(world.regions["us1"].conferences)
    ends = {"To": "+16465550123", "From": N0}
    assert participant.post("api", "A/Conferences/room/Participants.json", ends)[1]["code"] == 22005
    assert len(world.regions["us1"].conferences) == before
    participant.traffic = Traffic(queued_s=lambda region: 86_400.0)
    assert participant.post("api", "A/Conferences/room/Participants.json", ends)[0] == 201


@pytest.mark.parametrize(
    ("inside", "to", "given", "codes"),
    [
        ("jane", "client:jane", {}, []),
        ("<Identity>jane</Identity>", "client:jane", {}, []),
        (
            "<Identity>jane</Identity><Parameter name='team' value='yard'/><Parameter name='vip' value='no'/>",
            "client:jane",
            {"team": "yard", "vip": "no"},
            [],
        ),
        ("<Identity>jane</Identity><Parameter name='a' value='1'/><Parameter name='a' value='2'/>", "client:jane",
         {"a": "2"}, []),
        ("<Identity>jane</Identity><Parameter value='1'/>", "client:jane", {}, ["12200"]),
    ],
)  # fmt: skip
def test_a_client_is_given_its_parameters(inside: str, to: str, given: dict[str, str], codes: list[str]) -> None:
    """The Client noun takes Identity and Parameters; the call to the client carries them."""
    world = make_world()
    world.parties["client:jane"] = Party(talks_s=1)
    voice_of(world).voice.voice_url = PRIMARY

    async def script(scene: Scene) -> None:
        await scene.call(Caller(hangs_up_after_s=30))

    scene = play(script, {PRIMARY: twiml(f"<Dial><Client>{inside}</Client></Dial>")}, world=world)
    (leg,) = [call for call in scene.logged() if call.direction == "outbound-dial"]
    assert (leg.to, leg.status, leg.custom_parameters) == (to, "completed", given)
    assert scene.codes() == codes


def test_a_switchboard_tells_how_long_its_queue_is() -> None:
    """Nothing waits before the first call; each call adds its turn."""

    async def main(clock: VirtualClock) -> list[float]:
        async def nobody(request: Request, timeouts: Timeouts) -> Response:
            return Response(404)

        switchboard = Switchboard(make_world(), clock, nobody)
        before = switchboard.queued_s("us1")
        switchboard._office.take_turn("us1")
        switchboard._office.take_turn("us1")
        return [before, switchboard.queued_s("us1"), switchboard.queued_s("ie1")]

    assert run_virtual(main) == [0.0, 2.0, 0.0]
