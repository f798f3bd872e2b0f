"""Rules of calls that no other test states: what is sent, whose fallback, which log, whose trunk.

The rules and their pages are in the table beside this file.
"""

from __future__ import annotations

import pytest

from switchboard_scene import (
    FALLBACK,
    NUMBER,
    PRIMARY,
    SERVES,
    STATUS,
    Scene,
    call_once,
    heard,
    make_world,
    play,
    put_trunk,
    set_route,
    voice_of,
)
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.orders import Instructions
from voicedr.twin.calls.sip_domain import addressed
from voicedr.twin.world.model import Call, NetworkCall, Party
from voicedr.wire.http import Response

A, B = "sip:sbc1.acme.example", "sip:sbc2.acme.example"
RECOVERY = "https://dr.example/voice"
STRANGER = "+15550001111"
PATIENT = Caller(hangs_up_after_s=60)


@pytest.mark.parametrize("name", ["CallerName", "ForwardedFrom", "ParentCallSid", "FromCity", "ToCountry", "ErrorCode"])
def test_what_there_is_no_cause_to_say_is_not_said(name: str) -> None:
    """No look-up, no forwarding, no parent, no failure: none of their parameters."""
    _, scene = call_once({PRIMARY: SERVES})
    assert all(name not in asked.fields for asked in scene.app.asked)


def test_disaster_recovery_is_for_one_call() -> None:
    """A call that was recovered changes nothing for the next one: its targets are tried first again."""
    world = make_world()
    put_trunk(world, (A, 1, 1), recovery=RECOVERY)
    world.parties[A] = Party(answers=False)
    calls: list[NetworkCall] = []

    async def script(scene: Scene) -> None:
        calls.append(await scene.call())
        scene.world.parties[A] = Party(after_s=1, talks_s=5)
        calls.append(await scene.call())

    scene = play(script, {RECOVERY: SERVES}, world=world)
    assert scene.app.urls() == [RECOVERY]
    assert [call.outcome for call in calls] == ["served", "served"]
    assert calls[1].heard[-1].detail == A


def test_a_trunk_of_another_region_is_none() -> None:
    """A number whose standby configuration names us1's trunk has no handler there."""
    world = make_world()
    trunk = put_trunk(world, (A, 1, 1))
    voice_of(world, "ie1").trunk_sid = trunk.sid
    set_route(world, "ie1")
    call, scene = call_once({PRIMARY: SERVES}, PATIENT, world=world)
    assert (call.outcome, scene.app.asked) == ("not-connected", [])


def test_a_rest_call_rings_a_minute() -> None:
    """Without a Timeout nobody is waited for longer than 60 s."""
    world = make_world()
    world.parties[STRANGER] = Party(answers=False)
    calls: list[Call] = []

    async def script(scene: Scene) -> None:
        calls.append(await scene.rest_call(Instructions(url=PRIMARY), to=STRANGER, wait_s=200))

    play(script, {PRIMARY: SERVES}, world=world)
    (call,) = calls
    assert (call.status, (call.ended_at or 0) - (call.started_at or 0)) == ("no-answer", pytest.approx(60.0, abs=0.1))


def test_dial_rings_half_a_minute() -> None:
    """Without a timeout Dial rings 30 s, and five more."""
    world = make_world()
    world.parties["+15550009999"] = Party(answers=False)
    _, scene = call_once({PRIMARY: "<Dial>+15550009999</Dial>"}, PATIENT, world=world)
    child = scene.logged()[1]
    assert (child.ended_at or 0) - child.created_at == pytest.approx(35.0, abs=0.1)


def test_gather_waits_five_seconds() -> None:
    """Without a timeout Gather waits 5 s for a key."""
    call, _ = call_once({PRIMARY: "<Gather action='/next'/><Say>bye</Say>"})
    assert [(one.what, one.for_s) for one in call.heard if one.what == "silence"] == [("silence", 5.0)]


def test_verbs_are_asked_with_post() -> None:
    """An action and a Redirect that name no method are asked with POST."""
    inner = "<Gather action='/next' numDigits='1'/>"
    _, scene = call_once(
        {PRIMARY: inner, "https://app.example/next": "<Redirect>/last</Redirect>", "https://app.example/last": SERVES},
        Caller(("1",), 60),
    )
    assert [asked.request.method for asked in scene.app.asked] == ["POST"] * 4


def test_incoming_calls_are_not_paced() -> None:
    """Ten callers at once are all taken at once, whatever the calls per second."""
    world = make_world()
    world.settings.calls_per_second = 1.0
    calls: list[NetworkCall] = []

    async def script(scene: Scene) -> None:
        calls.extend(scene.switchboard.dial("+1646555000", NUMBER, PATIENT) for _ in range(10))
        await scene.clock.sleep(60)

    play(script, {PRIMARY: SERVES}, world=world)
    assert [call.outcome for call in calls] == ["served"] * 10
    assert {round(call.heard[1].at_s, 2) for call in calls} == {0.3}


def test_play_until_hang_up() -> None:
    """Play with the loop 0 lasts until the caller hangs up."""
    call, _ = call_once({PRIMARY: "<Play loop='0'>/music.mp3</Play><Say>never</Say>"}, Caller(hangs_up_after_s=40))
    assert heard(call) == ["ringing", "play", "hang-up"]


def test_only_completed_is_told_of_an_incoming_call() -> None:
    """A number's status callback has completed and no other event."""
    _, scene = call_once({PRIMARY: SERVES})
    assert [told["CallStatus"] for told in scene.app.fields(STATUS)] == ["completed"]


def test_calls_of_every_region_are_paced_alike() -> None:
    """The account's calls per second count in ie1 as in us1."""
    calls: list[Call] = []

    async def script(scene: Scene) -> None:
        scene.world.settings.calls_per_second = 2.0
        for _ in range(3):
            call = scene.created(STRANGER, "ie1")
            calls.append(call)
            scene.switchboard.begin("ie1", call.sid, Instructions(twiml="<Response/>"))
        await scene.clock.sleep(60)

    play(script)
    assert [call.queue_time_ms for call in calls] == [0, 500, 1000]


@pytest.mark.parametrize(("attribute", "seen"), [("", "+16465550001"), ("callerId='+14155550100'", NUMBER)])
def test_whose_number_the_other_end_sees(attribute: str, seen: str) -> None:
    """Dial's callerId, or else the caller's own number."""
    _, scene = call_once({PRIMARY: f"<Dial {attribute}>{STRANGER}</Dial>"}, PATIENT)
    assert scene.logged()[1].from_ == seen


@pytest.mark.parametrize(("attribute", "answered_s"), [("", 0.0), ("answerOnBridge='true'", 6.0)])
def test_answer_on_bridge(attribute: str, answered_s: float) -> None:
    """With answerOnBridge the caller is answered when the other end is; without it, when Dial begins."""
    world = make_world()
    world.parties[STRANGER] = Party(after_s=6, talks_s=4)
    call, scene = call_once({PRIMARY: f"<Dial {attribute}>{STRANGER}</Dial>"}, PATIENT, world=world)
    logged = scene.logged()[0]
    assert (logged.answered_at or 0) - logged.created_at == pytest.approx(answered_s, abs=0.01)
    assert [one.what for one in call.heard if one.what != "ringing"] == ["talking"]


def test_overrides_in_twiml() -> None:
    """Overrides hold for a URL that stands in TwiML."""
    left = [Response(500), SERVES]
    _, scene = call_once(
        {
            PRIMARY: "<Redirect>/next#rp=5xx&amp;e=dublin</Redirect>",
            "https://app.example/next": lambda *_: left.pop(0),
        }
    )
    assert [(one.edge, one.status) for one in scene.logged()[0].exchanges[:3]] == [
        ("ashburn", 200), ("dublin", 500), ("dublin", 200),
    ]  # fmt: skip


def test_a_whisper_that_fails() -> None:
    """A noun's url that fails is logged, asks no fallback, and the two are connected all the same."""
    inner = f"<Dial><Number url='/whisper'>{STRANGER}</Number></Dial>"
    call, scene = call_once({PRIMARY: inner, "https://app.example/whisper": Response(500), FALLBACK: SERVES}, PATIENT)
    assert scene.codes() == ["11200"]
    assert FALLBACK not in scene.app.urls()
    assert "talking" in heard(call)


def test_overrides_of_the_disaster_recovery_url() -> None:
    """They hold for it as for other webhooks."""
    world = make_world()
    put_trunk(world, (A, 1, 1), recovery=RECOVERY + "#rp=5xx&rc=2&e=dublin")
    world.parties[A] = Party(answers=False)
    left = [Response(500), Response(500), SERVES]
    call, scene = call_once({RECOVERY: lambda *_: left.pop(0)}, PATIENT, world=world)
    assert scene.app.urls() == [RECOVERY] * 3
    assert call.outcome == "served"


def test_a_target_that_rings_is_waited_for() -> None:
    """One that rings longer than 4 s before it answers has responded, and no other target is tried."""
    world = make_world()
    put_trunk(world, (A, 1, 1), (B, 2, 1))
    world.parties[A] = Party(after_s=12, talks_s=5)
    call, scene = call_once(caller=PATIENT, world=world)
    assert (call.heard[-1].detail, scene.codes()) == (A, [])


def test_dial_sip_tries_one_target() -> None:
    """A Sip noun that refuses is not tried elsewhere: the action is told, and decides."""
    world = make_world()
    world.parties["sip:a@pbx.example"] = Party(sip_code=503)
    next_url = "https://app.example/next"
    inner = "<Dial action='/next'><Sip>sip:a@pbx.example</Sip></Dial>"
    _, scene = call_once({PRIMARY: inner, next_url: SERVES}, PATIENT, world=world)
    (told,) = scene.app.fields(next_url)
    assert (told["DialCallStatus"], told["DialSipResponseCode"]) == ("failed", "503")
    assert [one.direction for one in scene.logged()] == ["inbound", "outbound-dial"]


def test_what_is_cached_is_forgotten_with_the_call() -> None:
    """The next call's GET is made without the validator of the last one's answer."""
    world = make_world()
    voice_of(world).voice.voice_method = "GET"
    page = Response(200, (("Content-Type", "text/xml"), ("ETag", '"v1"')), b"<Response><Say>x</Say></Response>")

    async def script(scene: Scene) -> None:
        await scene.call()
        await scene.call()

    scene = play(script, {PRIMARY: page}, world=world)
    assert [one.request.header("If-None-Match") for one in scene.app.asked if one.url == PRIMARY] == [None, None]


@pytest.mark.parametrize(
    ("edge", "there"),
    [
        ("ashburn", True), ("umatilla", True), ("dublin", True), ("frankfurt", True), ("sydney", True),
        ("singapore", True), ("tokyo", True), ("sao-paulo", True), ("roaming", False), ("london", False),
    ],
)  # fmt: skip
def test_edges_of_sip_names(edge: str, there: bool) -> None:
    """Eight public edges are in SIP names, and roaming is none of them."""
    found = addressed(f"sip:sales@acme.sip.{edge}.twilio.com")
    assert (found is not None and found.edge == edge) is there


def test_a_conference_is_where_its_call_is() -> None:
    """A conference's region is for its media: it is processed in the Region of the call."""
    world = make_world()
    call_once({PRIMARY: "<Dial><Conference region='ie1'>room</Conference></Dial>"}, PATIENT, world=world)
    assert len(world.regions["us1"].conferences) == 1
    assert world.regions["ie1"].conferences == {}
