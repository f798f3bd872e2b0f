"""A call created by REST is queued at the account's pace, rung, told to its callback, and runs its TwiML."""

from __future__ import annotations

import pytest

from switchboard_scene import (
    FALLBACK,
    NUMBER,
    PRIMARY,
    SERVES,
    STATUS,
    T0,
    Scene,
    make_world,
    play,
    put_application,
    set_route,
    signed_by,
    voice_of,
)
from voicedr.twin.calls.orders import Change, Instructions
from voicedr.twin.world.model import Call, NetworkCall, Party, World
from voicedr.wire.http import Response

OUT = "https://app.example/out"
BACK = "https://app.example/back"
STRANGER = "+15550001111"
ALL = ("initiated", "ringing", "answered", "completed")
HELLO = "<Response><Pause length='3'/></Response>"


def rest(told: Instructions, *, to: str = STRANGER, world: World | None = None, wait_s: float = 120,
         answers: dict[str, object] | None = None) -> tuple[Call, Scene]:  # fmt: skip
    """One REST call to its end."""
    calls: list[Call] = []

    async def script(scene: Scene) -> None:
        calls.append(await scene.rest_call(told, to=to, wait_s=wait_s))

    scene = play(script, {BACK: Response(204), OUT: SERVES, PRIMARY: SERVES} | (answers or {}), world=world)  # type: ignore[operator]
    return calls[0], scene


def events(scene: Scene) -> list[tuple[str, str]]:
    """The status callbacks."""
    return [(told["SequenceNumber"], told["CallStatus"]) for told in scene.app.fields(BACK)]


def test_url_runs_on_the_answered_leg() -> None:
    """Who answers hears the document of Url; every event that was asked for is told in order."""
    call, scene = rest(Instructions(url=OUT, status_callback=BACK, status_callback_events=ALL))
    assert call.status == "completed"
    assert events(scene) == [("0", "initiated"), ("1", "ringing"), ("2", "in-progress"), ("3", "completed")]
    (told,) = scene.app.fields(OUT)
    assert (told["Direction"], told["CallStatus"], told["To"]) == ("outbound-api", "in-progress", STRANGER)
    assert signed_by(scene.app.asked[0], scene.world.regions["us1"].auth_token)
    assert scene.app.fields(BACK)[-1]["CallDuration"] == "2"
    assert call.queue_time_ms == 0


def test_completed_only_by_default() -> None:
    """With a callback and no events named, only the end is told."""
    _, scene = rest(Instructions(twiml=HELLO, status_callback=BACK))
    assert events(scene) == [("0", "completed")]


@pytest.mark.parametrize(
    ("party", "status"),
    [
        (Party(answers=False), "no-answer"),
        (Party(busy=True), "busy"),
        (Party(sip_code=404), "failed"),
        (Party(sip_code=480), "no-answer"),
        (Party(after_s=100), "no-answer"),
    ],
)
def test_nobody_takes_it(party: Party, status: str) -> None:
    """A call that nobody takes has no document fetched and its final status told."""
    world = make_world()
    world.parties[STRANGER] = party
    call, scene = rest(Instructions(url=OUT, status_callback=BACK), world=world)
    assert call.status == status
    assert events(scene) == [("0", status)]
    assert OUT not in scene.app.urls()
    assert call.answered_at is None


def test_own_number_arrives_in_the_region_of_its_route() -> None:
    """A call to a number of the account comes in through the network, synthetic, where the route says: the proof."""
    world = make_world()
    set_route(world, "ie1")
    voice_of(world, "ie1").voice.voice_url = "https://app.example/in"
    call, scene = rest(
        Instructions(twiml=HELLO), to=NUMBER, world=world,
        answers={"https://app.example/in": "<Pause length='1'/><Say>hi</Say><Pause length='90'/>"},
    )  # fmt: skip
    (network,) = world.network_calls.values()
    assert (network.region, network.synthetic, network.outcome) == ("ie1", True, "served")
    (arrived,) = scene.logged("ie1")
    assert (arrived.sid, arrived.direction, arrived.status) == (network.call_sid, "inbound", "completed")
    assert arrived.answered_at is not None
    assert call.answered_at == pytest.approx(arrived.answered_at)
    # The outbound TwiML ended after 3 s, and hung up on the other leg.
    assert (call.ended_at or 0) - (call.answered_at or 0) == pytest.approx(3.0)
    assert arrived.ended_at == pytest.approx(call.ended_at)
    assert call.status == "completed"
    assert [logged.direction for logged in scene.logged("us1")] == ["outbound-api"]


def test_far_end_hangs_up_first() -> None:
    """When the number's application ends the call, the REST call is completed too."""
    call, _ = rest(Instructions(twiml="<Response><Pause length='100'/></Response>"), to=NUMBER)
    assert call.status == "completed"
    assert (call.ended_at or 0) - (call.answered_at or 0) == pytest.approx(1.6, abs=0.01)


@pytest.mark.parametrize(
    ("answer", "status"), [("<Reject/>", "no-answer"), ("<Reject reason='busy'/>", "busy"), (None, "failed")]
)
def test_own_number_that_nobody_answers(answer: str | None, status: str) -> None:
    """What the other leg ends with is the status of the REST call."""
    world = make_world()
    if answer is None:
        voice_of(world).voice.voice_url = ""
    call, _ = rest(Instructions(twiml=HELLO), to=NUMBER, world=world, answers={PRIMARY: answer or ""})
    assert call.status == status


def test_silent_region_rings_out() -> None:
    """A number whose Region is down rings until the timeout, and no longer."""
    calls: list[Call] = []

    async def script(scene: Scene) -> None:
        scene.breaks("region-down", region="ie1")
        calls.append(await scene.rest_call(Instructions(twiml=HELLO, timeout_s=10), to=NUMBER))

    world = make_world()
    set_route(world, "ie1")
    play(script, world=world)
    assert calls[0].status == "no-answer"
    assert (calls[0].ended_at or 0) - (calls[0].started_at or 0) == pytest.approx(10, abs=0.01)
    assert next(iter(world.network_calls.values())).ended_at == pytest.approx(calls[0].ended_at)


def test_calls_per_second() -> None:
    """Calls beyond the pace wait in the queue, in order, and say how long."""
    calls: list[Call] = []

    async def script(scene: Scene) -> None:
        scene.world.settings.calls_per_second = 2.0
        for _ in range(5):
            call = scene.created(STRANGER)
            calls.append(call)
            scene.switchboard.begin("us1", call.sid, Instructions(twiml=HELLO))
        await scene.clock.sleep(1.1)
        assert [call.status for call in calls] == ["in-progress", "ringing", "ringing", "queued", "queued"]
        await scene.clock.sleep(60)

    play(script)
    assert [call.queue_time_ms for call in calls] == [0, 500, 1000, 1500, 2000]
    assert {call.status for call in calls} == {"completed"}


def test_cancelled_in_the_queue_and_while_ringing() -> None:
    """A queued call is cancelled without a callback, a ringing one with; an answered one cannot be cancelled."""
    told = Instructions(twiml="<Response><Pause length='8'/></Response>", status_callback=BACK)
    calls: list[Call] = []

    async def script(scene: Scene) -> None:
        scene.world.parties[STRANGER] = Party(after_s=5)
        for _ in range(3):
            call = scene.created(STRANGER)
            calls.append(call)
            scene.switchboard.begin("us1", call.sid, told)
        await scene.clock.sleep(1.5)
        answered, ringing, queued = calls
        scene.switchboard.modify("us1", queued.sid, Change(status="canceled"))
        scene.switchboard.modify("us1", ringing.sid, Change(status="canceled"))
        await scene.clock.sleep(5)
        scene.switchboard.modify("us1", answered.sid, Change(status="canceled"))
        await scene.clock.sleep(60)

    scene = play(script, {BACK: Response(204)})
    assert [call.status for call in calls] == ["completed", "canceled", "canceled"]
    assert sorted(told["CallSid"] for told in scene.app.fields(BACK)) == sorted(call.sid for call in calls[:2])


def test_application_and_its_absence() -> None:
    """ApplicationSid takes everything from the TwiML App; one that is not in the Region fails the call with 21218."""
    world = make_world()
    application = put_application(world, OUT)
    application.voice.status_callback = BACK
    call, scene = rest(
        Instructions(application_sid=application.sid, url="https://ignored.example/", status_callback=STATUS),
        world=world,
    )
    assert (call.status, scene.app.urls()) == ("completed", [OUT, BACK])
    call, scene = rest(Instructions(application_sid="AP" + "0" * 32))
    assert (call.status, scene.codes(), scene.app.asked) == ("failed", ["21218"], [])


def test_fallback_of_the_call() -> None:
    """The call's own fallback is used, not the number's; inline TwiML that is too long or broken goes there too."""
    for told, code in (
        (Instructions(url="https://nobody.example/", fallback_url=FALLBACK), "11200"),
        (Instructions(twiml="<Response>", fallback_url=FALLBACK), "12100"),
        (Instructions(twiml="<Response>" + " " * 4000 + "</Response>", fallback_url=FALLBACK), "32018"),
        (Instructions(twiml="<Response><Redirect>/relative</Redirect></Response>", fallback_url=FALLBACK), "11100"),
    ):
        call, scene = rest(told, answers={FALLBACK: SERVES})
        assert scene.codes() == [code]
        assert scene.app.fields(FALLBACK)[0]["ErrorCode"] == code
        assert call.status == "completed"


def test_party_hangs_up() -> None:
    """Who was called stays as long as they talk; then the call is completed."""
    world = make_world()
    world.parties[STRANGER] = Party(after_s=2, talks_s=7)
    call, scene = rest(
        Instructions(twiml="<Response><Pause length='600'/></Response>", status_callback=BACK), world=world
    )
    assert call.status == "completed"
    assert scene.app.fields(BACK)[0]["CallDuration"] == "7"


def test_region_lost() -> None:
    """A Region that dies takes its outgoing calls with it, and the legs they had in other Regions hang up."""
    world = make_world()
    set_route(world, "ie1")
    calls: list[Call] = []

    async def script(scene: Scene) -> None:
        call = scene.created(NUMBER)
        calls.append(call)
        told = Instructions(twiml="<Response><Pause length='600'/></Response>", status_callback=BACK)
        scene.switchboard.begin("us1", call.sid, told)
        await scene.clock.sleep(10)
        scene.breaks("region-down", region="us1")
        await scene.clock.sleep(10)

    scene = play(script, {PRIMARY: "<Say>x</Say><Pause length='600'/>"}, world=world)
    networks: list[NetworkCall] = list(world.network_calls.values())
    assert calls[0].status == "failed"
    assert BACK not in scene.app.urls()
    assert networks[0].outcome == "served"
    assert (networks[0].ended_at or 0) - T0 == pytest.approx(10, abs=1.5)
