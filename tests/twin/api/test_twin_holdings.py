"""Addresses, bundles, messaging services, subaccounts and tokens, seen through the official library."""

from __future__ import annotations

import json
from typing import Any

import pytest

from asking_the_twin import N0, N1, T0, Client, small_world
from library_in_process import official, refused
from switchboard_scene import SERVES, STATUS, App, Scene, make_world, play
from voicedr.twin.calls.caller import Caller
from voicedr.twin.world.model import Call
from voicedr.twin.world.state import as_json, from_json
from voicedr.wire.http import Response

HOME = {
    "customer_name": "Acme", "street": "1 Main St", "city": "Springfield", "region": "IL", "postal_code": "62701",
    "iso_country": "US",
}  # fmt: skip


def test_a_number_has_an_address_everywhere() -> None:
    """It is attached in us1 and shown in every Region, and while a number needs it, it stays
    (https://www.twilio.com/docs/usage/api/address)."""
    world = small_world()
    us1, ie1 = official(world, "us1"), official(world, "ie1")
    address = us1.addresses.create(**HOME, friendly_name="Office")
    number = us1.incoming_phone_numbers.list(phone_number=N0)[0]
    assert number.address_sid is None
    number.update(address_sid=address.sid)
    assert ie1.incoming_phone_numbers(number.sid).fetch().address_sid == address.sid
    assert [one.phone_number for one in us1.addresses(address.sid).dependent_phone_numbers.list()] == [N0]
    assert refused(us1.addresses(address.sid).delete) == (409, 20409)
    assert us1.addresses(address.sid).update(city="Chicago").street == "1 Main St"
    assert [one.city for one in us1.addresses.list(customer_name="Acme", iso_country="US")] == ["Chicago"]
    assert us1.addresses.list(iso_country="IE") == []
    number.update(address_sid="")
    assert us1.addresses(address.sid).delete()
    assert refused(lambda: number.update(address_sid=address.sid)) == (400, 21631)
    assert Client(world, "ie1").get("api", "A/Addresses.json")[0] == 404
    assert from_json(as_json(world)) == world


@pytest.mark.parametrize("missing", sorted(HOME))
def test_an_address_is_whole(missing: str) -> None:
    """Each part but the name and the second line has to be given. Nothing is made."""
    world = small_world()
    given = {name: value for name, value in HOME.items() if name != missing} | {missing: ""}
    assert refused(lambda: official(world).addresses.create(**given)) == (400, 20001)
    assert world.regions["us1"].holdings.addresses == {}


def test_a_number_takes_an_approved_bundle_only() -> None:
    """A draft is refused; handed in it is approved here, and then it stays
    (https://www.twilio.com/docs/phone-numbers/regulatory/api/bundles)."""
    world = small_world()
    client = official(world)
    bundles = client.numbers.v2.regulatory_compliance.bundles
    draft = bundles.create(friendly_name="Proof", email="a@example.com")
    number = client.incoming_phone_numbers.list(phone_number=N0)[0]
    assert draft.status == "draft"
    assert refused(lambda: number.update(bundle_sid=draft.sid)) == (400, 20001)
    assert refused(lambda: bundles(draft.sid).update(status="twilio-approved")) == (400, 20001)
    item = bundles(draft.sid).item_assignments.create(object_sid="RD" + "0" * 32)
    assert [one.object_sid for one in bundles(draft.sid).item_assignments.list()] == [item.object_sid]
    assert bundles(draft.sid).update(status="pending-review").status == "twilio-approved"
    number.update(bundle_sid=draft.sid)
    assert number.fetch().bundle_sid == draft.sid
    assert [one.sid for one in bundles.list(status="twilio-approved")] == [draft.sid]
    assert bundles.list(status="draft") == []
    assert refused(bundles(draft.sid).delete) == (409, 20409)
    other = bundles.create(friendly_name="Other", email="b@example.com")
    assert bundles(other.sid).delete()
    assert from_json(as_json(world)) == world


SERVICE, SPARE, OWN = (f"https://app.example/{path}" for path in ("service", "spare", "own"))


def _texted(follows_number: bool, primary: Any = SERVES, in_service: bool = True) -> App:
    """Who is asked about a text to a number that has its own URL and, perhaps, is in a service."""
    world = make_world()
    client = official(world)
    number = client.incoming_phone_numbers.list()[0]
    number.update(sms_url=OWN)
    service = client.messaging.v1.services.create(
        friendly_name="Texts",
        inbound_request_url=SERVICE,
        fallback_url=SPARE,
        use_inbound_webhook_on_number=follows_number,
    )
    if in_service:
        client.messaging.v1.services(service.sid).phone_numbers.create(phone_number_sid=number.sid)

    async def script(scene: Scene) -> None:
        await scene.switchboard.message("+16465550123", "+14155550100", "hello")

    return play(script, {SERVICE: primary, SPARE: "<Message>spare</Message>", OWN: SERVES}, world=world).app


@pytest.mark.parametrize(
    ("follows_number", "in_service", "primary", "asked"),
    [
        (False, True, SERVES, [SERVICE]),
        (False, True, Response(500), [SERVICE, SPARE]),
        (True, True, SERVES, [OWN]),
        (False, False, SERVES, [OWN]),
    ],
)
def test_a_messaging_service_is_asked_before_its_number(
    follows_number: bool, in_service: bool, primary: Any, asked: list[str]
) -> None:
    """Its inbound URL, then its fallback; unless it leaves its messages to the number
    (https://www.twilio.com/docs/messaging/api/service-resource)."""
    assert _texted(follows_number, primary, in_service).urls() == asked


def test_a_number_is_in_one_service() -> None:
    """A second is refused with 21710; taken out, it can go there. Services are a Region's own."""
    world = small_world()
    client = official(world)
    one, other = (client.messaging.v1.services.create(friendly_name=name) for name in ("one", "other"))
    sid = world.numbers[N1].sid
    one.phone_numbers.create(phone_number_sid=sid)
    assert refused(lambda: other.phone_numbers.create(phone_number_sid=sid)) == (409, 21710)
    assert refused(lambda: other.phone_numbers.create(phone_number_sid="PN" + "0" * 32)) == (404, 20404)
    assert [number.phone_number for number in one.phone_numbers.list()] == [N1]
    assert one.phone_numbers(sid).delete()
    assert other.phone_numbers.create(phone_number_sid=sid).phone_number == N1
    assert one.update(fallback_url=SPARE, sticky_sender=False).sticky_sender is False
    assert (one.fetch().fallback_url, one.fetch().friendly_name) == (SPARE, "one")
    assert refused(lambda: one.update(fallback_url="nonsense"))[0] == 400
    assert official(world, "ie1").messaging.v1.services.list() == []
    assert one.delete()
    assert [service.friendly_name for service in client.messaging.v1.services.list()] == ["other"]
    assert from_json(as_json(world)) == world


def test_a_subaccount_is_made_suspended_and_closed() -> None:
    """In us1, with the Auth Token; closed it stays (https://www.twilio.com/docs/iam/api/subaccounts)."""
    world = small_world()
    client = official(world, token=True)
    made = client.api.v2010.accounts.create(friendly_name="Ireland")
    assert (made.status, made.owner_account_sid, len(made.auth_token)) == ("active", world.account_sid, 32)
    account = client.api.v2010.accounts(made.sid)
    assert account.update(status="suspended").status == "suspended"
    assert account.update(status="active", friendly_name="Eire").friendly_name == "Eire"
    assert [one.sid for one in client.api.v2010.accounts.list(friendly_name="Eire")] == [made.sid]
    assert len(client.api.v2010.accounts.list(status="active")) == 2
    assert account.update(status="closed").status == "closed"
    assert refused(lambda: account.update(status="active")) == (409, 20409)
    assert refused(lambda: client.api.v2010.accounts(world.account_sid).update(status="suspended")) == (400, 20001)
    assert client.api.v2010.accounts(world.account_sid).update(friendly_name="Acme").friendly_name == "Acme"
    elsewhere = official(world, "ie1", token=True)
    assert refused(elsewhere.api.v2010.accounts(made.sid).fetch) == (404, 20404)
    assert refused(client.api.v2010.accounts("AC" + "0" * 32).fetch) == (404, 20404)
    assert refused(client.api.v2010.accounts(made.sid).calls("CA" + "0" * 32).fetch) == (404, 20404)
    assert from_json(as_json(world)) == world


def test_tokens_for_network_traversal() -> None:
    """Servers and credentials for a day at most, in us1 only."""
    world = small_world()
    made = official(world).tokens.create(ttl=600)
    assert made.ttl == "600"
    assert [server["url"].partition(":")[0] for server in made.ice_servers] == ["stun", "turn", "turn", "turn"]
    assert {server["credential"] for server in made.ice_servers[1:]} == {made.password}
    assert refused(lambda: official(world).tokens.create(ttl=86_401)) == (400, 20001)
    status, body = Client(world, "ie1").post("api", "A/Tokens.json")
    assert (status, "realm" in body["message"]) == (404, True)


@pytest.mark.parametrize(
    ("to", "more", "edges"),
    [
        (N0, {}, ["carrier_edge"]),
        ("sip:desk@pbx.example", {}, ["sip_edge"]),
        ("client:jane", {}, ["client_edge", "sdk_edge"]),
        (N0, {"trunk_sid": "TK1"}, ["carrier_edge", "sip_edge"]),
    ],
)
def test_insights_tell_a_call_edge_by_edge(to: str, more: dict[str, str], edges: list[str]) -> None:
    """Events at each edge of the call's kind, a sample each ten seconds while it was answered, in its Region only."""
    world = small_world()
    at = T0 - 100
    call = Call("CA" + "1" * 32, "+16465550123", to, "inbound", "completed", at, at, at + 45, at + 10, **more)  # type: ignore[arg-type]
    world.regions["ie1"].calls[call.sid] = call
    insights = official(world, "ie1").insights.v1.calls(call.sid)
    events, metrics = insights.events.list(), insights.metrics.list()
    assert sorted({event.edge for event in events}) == edges
    names = [event.name for event in events if event.edge == edges[0]]
    assert names == ["initiated", "ringing", "answered", "completed"]
    assert len(metrics) == 3 * 2 * len(edges)
    assert getattr(metrics[0], metrics[0].edge)["media_region"] == "ie1"
    assert {one.edge for one in insights.metrics.list(edge=edges[0])} == {edges[0]}
    assert len(insights.metrics.list(direction="inbound")) == 3 * len(edges)
    assert refused(official(world, "us1").insights.v1.calls(call.sid).events.list)[0] == 404
    assert Client(world, "ie1").get("insights", f"v1/Voice/{call.sid}/Events", {"Edge": "x"})[1]["code"] == 17400
    late = Client(world, "ie1")
    late.now = T0 + 31 * 86_400
    assert late.get("insights", f"v1/Voice/{call.sid}/Metrics")[1]["code"] == 17002
    world.regions["ie1"].insights_advanced = False
    assert Client(world, "ie1").get("insights", f"v1/Voice/{call.sid}/Events")[1]["code"] == 17007


def test_no_high_risk_prefix_is_known() -> None:
    """The list of a country is there and empty; another country's is not found."""
    countries = official(small_world()).voice.v1.dialing_permissions.countries
    assert countries("DE").highrisk_special_prefixes.list() == []
    assert (
        Client(small_world(), "us1").get("voice", "v1/DialingPermissions/Countries/ZZ/HighRiskSpecialPrefixes")[0]
        == 404
    )


# Recordings of a live call

TAPED = "https://app.example/taped"


def _live(*steps: tuple[float, str, dict[str, str]], ends_s: float = 60) -> tuple[list[tuple[int, Any]], Scene]:
    """Steps of REST at times of a call that is in progress for 60 s: what each was answered."""
    world = make_world()
    answers: list[tuple[int, Any]] = []

    async def script(scene: Scene) -> None:
        network = scene.switchboard.dial("+16465550123", "+14155550100", Caller(hangs_up_after_s=ends_s))
        await scene.clock.sleep(5)
        begun = scene.now
        client = Client(world, "us1")
        for at_s, path, fields in steps:
            await scene.clock.sleep(begun + at_s - scene.now)
            client.now = scene.now
            (call,) = scene.logged()
            answer = client.answer("POST", "api", f"A/Calls/{call.sid}/Recordings{path}.json", fields)
            for order in answer.orders:
                scene.switchboard.recording_changed(order)  # type: ignore[arg-type]
            assert isinstance(answer.response, Response)
            answers.append((answer.response.status, json.loads(answer.response.body)))
        await scene.switchboard.ended(network.id)
        await scene.clock.sleep(1)

    wait = Response(200, (("Content-Type", "text/xml"),), b"<Response><Say>Hi</Say><Pause length='300'/></Response>")
    return answers, play(script, {"https://app.example/voice": wait, TAPED: Response(204)}, world=world)


TAPE = {"RecordingStatusCallback": TAPED, "RecordingStatusCallbackEvent": ["in-progress", "completed"]}
NOW = "/Twilio.CURRENT"


@pytest.mark.parametrize(
    ("steps", "status", "length_s"),
    [
        ([(10, NOW, {"Status": "stopped"})], "completed", 10),
        ([(10, NOW, {"Status": "paused", "PauseBehavior": "skip"}), (30, NOW, {"Status": "in-progress"}),
          (40, NOW, {"Status": "stopped"})], "completed", 20),
        ([(10, NOW, {"Status": "paused"}), (40, NOW, {"Status": "stopped"})], "completed", 40),
        ([(10, NOW, {"Status": "paused", "PauseBehavior": "skip"})], "completed", 10),
        ([], "completed", 55),
    ],
)  # fmt: skip
def test_a_live_call_is_recorded_by_rest(steps: list[Any], status: str, length_s: int) -> None:
    """Begun, paused, stopped; what is left goes on until the call ends; the callback hears of its beginning and end
    (https://www.twilio.com/docs/voice/api/recording)."""
    answers, scene = _live((0, "", TAPE), *steps)
    assert [answered for answered, _ in answers] == [201] + [200] * len(steps)
    (recording,) = scene.world.regions["us1"].recordings.values()
    assert (recording.source, recording.status, recording.duration_s) == ("StartCallRecordingAPI", status, length_s)
    told = [(fields["RecordingStatus"], fields.get("RecordingDuration")) for fields in scene.app.fields(TAPED)]
    assert told == [("in-progress", None), ("completed", str(length_s))]
    assert scene.codes() == []


def test_what_cannot_be_recorded_is_21220() -> None:
    """A call that is recorded already, a recording that is over, a call that is over; a wrong word is 20001."""
    answers, scene = _live(
        (0, "", {}),
        (1, "", {}),
        (2, NOW, {"Status": "resumed"}),
        (3, NOW, {}),
        (4, NOW, {"Status": "stopped"}),
        (5, NOW, {"Status": "paused"}),
        (6, "", {}),
    )
    codes = [(status, body.get("code")) for status, body in answers]
    assert codes == [
        (201, None), (400, 21220), (400, 20001), (400, 20001), (200, None), (404, 20404), (201, None),
    ]  # fmt: skip
    assert STATUS in scene.app.urls()
    (call,) = scene.logged()
    client = Client(scene.world, "us1")
    assert client.post("api", f"A/Calls/{call.sid}/Recordings.json")[1]["code"] == 21220
