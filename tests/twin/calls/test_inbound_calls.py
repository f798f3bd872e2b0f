"""A call from the network lands in the Region its route says, and what the caller hears is what happened."""

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
    put_application,
    set_route,
    signed_by,
    voice_of,
)
from voicedr.twin import faults
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.orders import Change
from voicedr.twin.world.model import NetworkCall, World
from voicedr.wire.http import Failure, Response

MENU = "https://app.example/menu"
LONG = "<Pause length='1'/><Say>on</Say><Pause length='600'/>"


def test_served() -> None:
    """A served call rings, is answered by the first verb, is logged in its Region and told to the status callback."""
    call, scene = call_once({PRIMARY: SERVES})
    assert [(stretch.what, stretch.detail) for stretch in call.heard] == [
        ("ringing", ""), ("say", "Welcome to the line"),
    ]  # fmt: skip
    assert [(stretch.at_s, stretch.for_s) for stretch in call.heard] == [(0.0, 0.3), (0.3, 1.6)]
    assert (call.outcome, call.region) == ("served", "us1")
    (logged,) = scene.logged()
    assert (logged.sid, logged.status, logged.direction) == (call.call_sid, "completed", "inbound")
    assert logged.ended_at is not None
    assert logged.answered_at is not None
    assert logged.ended_at - logged.answered_at == pytest.approx(1.6, abs=0.001)
    (told,) = scene.app.fields(STATUS)
    assert (told["CallStatus"], told["CallDuration"], told["SequenceNumber"]) == ("completed", "2", "0")
    assert told["CallbackSource"] == "call-progress-events"
    assert told["Timestamp"] == "Thu, 01 Jan 2026 00:00:01 +0000"
    assert scene.codes() == []


@pytest.mark.parametrize("region", ["us1", "ie1"])
def test_signed_with_the_token_of_the_region(region: str) -> None:
    """The auth token of the Region that processes the call signs, and no other Region's."""
    world = make_world()
    set_route(world, region)
    call, scene = call_once({PRIMARY: SERVES}, world=world)
    other = "ie1" if region == "us1" else "us1"
    assert call.region == region
    for asked in scene.app.asked:
        assert signed_by(asked, world.regions[region].auth_token)
        assert not signed_by(asked, world.regions[other].auth_token)
    assert scene.logged(region)
    assert scene.logged(other) == []


def no_record(world: World) -> None:
    """The number was never configured in the standby."""
    del world.regions["ie1"].numbers[world.numbers[NUMBER].sid]


def no_url(world: World) -> None:
    """It is, but with nothing."""
    voice_of(world, "ie1").voice.voice_url = ""


def application_gone(world: World) -> None:
    """It names an application of the other Region."""
    voice_of(world, "ie1").voice_application_sid = put_application(world, PRIMARY, "us1").sid
    voice_of(world, "us1").voice_application_sid = ""


def trunk_gone(world: World) -> None:
    """It names a trunk that is not there."""
    voice_of(world, "ie1").trunk_sid = "TK" + "0" * 32


@pytest.mark.parametrize("spoil", [no_record, no_url, application_gone, trunk_gone], ids=lambda spoil: spoil.__name__)
def test_no_handler(spoil: object) -> None:
    """Without a usable handler in the Region the call is refused: a tone, no log, no webhook, no alert."""
    world = make_world()
    set_route(world, "ie1")
    spoil(world)  # type: ignore[operator]
    call, scene = call_once({PRIMARY: SERVES}, world=world)
    assert call.outcome == "not-connected"
    assert heard(call) == ["ringing", "not-connected"]
    assert call.call_sid == ""
    assert scene.logged("ie1") == []
    assert scene.app.asked == []
    assert scene.codes("ie1") == []


def test_number_of_nobody() -> None:
    """A number that the account does not own is not connected, in no Region."""
    calls: list[NetworkCall] = []

    async def script(scene: Scene) -> None:
        calls.append(await scene.call(to="+14155550777"))

    play(script, {PRIMARY: SERVES})
    assert (calls[0].outcome, calls[0].region) == ("not-connected", "")


def test_route_lag() -> None:
    """Until a route write has arrived at the edges calls go where they went; a call that lasts stays where it is."""
    world = make_world()
    set_route(world, "ie1", effective_in_s=100)
    calls: list[NetworkCall] = []

    async def script(scene: Scene) -> None:
        for at in (0, 99, 101):
            await scene.clock.sleep(at - (scene.now - calls[0].dialled_at if calls else 0))
            calls.append(scene.switchboard.dial("+1", NUMBER, Caller(hangs_up_after_s=20)))
        for call in calls:
            await scene.switchboard.ended(call.id)

    play(script, {PRIMARY: LONG}, world=world)
    assert [call.region for call in calls] == ["us1", "us1", "ie1"]
    assert [call.outcome for call in calls] == ["served"] * 3


def test_region_down() -> None:
    """Nobody takes a call for a dead Region: silence, no log, no webhook; the other Region's calls go on."""
    world = make_world()
    faults.begin(world, "region-down", {"region": "us1"}, 0.0)
    call, scene = call_once({PRIMARY: SERVES}, world=world)
    assert call.outcome == "silence"
    assert heard(call) == ["ringing", "silence"]
    assert (scene.logged(), scene.app.asked) == ([], [])
    world = make_world()
    faults.begin(world, "region-down", {"region": "us1"}, 0.0)
    set_route(world, "ie1")
    call, _ = call_once({PRIMARY: SERVES}, world=world)
    assert call.outcome == "served"


def test_region_dies_under_a_call() -> None:
    """A call whose Region dies goes silent, then drops; nobody is told, and the log says failed."""
    calls: list[NetworkCall] = []

    async def script(scene: Scene) -> None:
        calls.append(scene.switchboard.dial("+1", NUMBER, Caller(hangs_up_after_s=500)))
        await scene.clock.sleep(20)
        scene.breaks("region-down", region="us1")
        await scene.switchboard.ended(calls[0].id)

    scene = play(script, {PRIMARY: LONG})
    assert calls[0].outcome == "silence"
    assert calls[0].heard[-1].what == "silence"
    assert calls[0].heard[-1].for_s == pytest.approx(10.0)
    assert calls[0].heard[-1].at_s == pytest.approx(20, abs=1.5)
    assert scene.logged()[0].status == "failed"
    assert STATUS not in scene.app.urls()


def test_region_dies_while_a_webhook_is_out() -> None:
    """A Region that dies while it waits for the application loses the call all the same."""
    calls: list[NetworkCall] = []

    async def script(scene: Scene) -> None:
        calls.append(scene.switchboard.dial("+1", NUMBER))
        await scene.clock.sleep(2)
        scene.breaks("region-down", region="us1")
        await scene.switchboard.ended(calls[0].id)

    scene = play(script, {PRIMARY: Failure.READ_TIMEOUT})
    assert calls[0].outcome == "silence"
    assert FALLBACK not in scene.app.urls()


def test_call_setup_fails() -> None:
    """Where set-up fails for every call, callers hear a tone and the call has failed."""
    world = make_world()
    faults.begin(world, "call-setup-failing", {"region": "us1"}, 0.0)
    call, scene = call_once({PRIMARY: SERVES}, world=world)
    assert call.outcome == "failed"
    assert heard(call) == ["ringing", "silence", "tone"]
    assert scene.logged() == []


@pytest.mark.parametrize(
    ("inner", "patience_s", "outcome", "status", "last"),
    [
        ("<Reject/>", 30, "rejected", "no-answer", "tone"),
        ("<Reject reason='busy'/>", 30, "busy", "busy", "tone"),
        ("<Say>x</Say><Reject/>", 30, "served", "completed", "say"),
        ("<Pause length='20'/><Say>x</Say>", 10, "no-answer", "no-answer", "hang-up"),
        ("<Pause length='5'/><Say>x</Say>", 30, "served", "completed", "say"),
        ("<Say>x</Say><Pause length='99'/>", 10, "served", "completed", "hang-up"),
        ("<Hangup/><Say>x</Say>", 30, "served", "completed", "ringing"),
        ("", 30, "served", "completed", "ringing"),
        ("<Dial answerOnBridge='true'>+15550000000</Dial>", 30, "served", "completed", "talking"),
        ("<Connect><Stream url='wss://x'/></Connect><Say>x</Say>", 30, "served", "completed", "say"),
        ("<Leave/><Say>x</Say>", 30, "served", "completed", "say"),
        ("<Sey>x</Sey><Say>y</Say>", 30, "served", "completed", "say"),
    ],
)
def test_outcomes(inner: str, patience_s: float, outcome: str, status: str, last: str) -> None:
    """How a call ends for the caller, and what its log entry says."""
    call, scene = call_once({PRIMARY: inner}, Caller(hangs_up_after_s=patience_s))
    assert (call.outcome, scene.logged()[0].status, call.heard[-1].what) == (outcome, status, last)
    assert scene.app.fields(STATUS)[0]["CallStatus"] == status


def test_verbs_nobody_acts_out_are_warned_of_and_skipped() -> None:
    """An unknown verb, or one that the twin does not act out, is a warning and the next verb runs."""
    call, scene = call_once({PRIMARY: "<Pay/><Sey>x</Sey><Say>y</Say>"})
    assert scene.codes() == ["12200", "12200"]
    assert {alert.log_level for alert in scene.world.regions["us1"].alerts} == {"warning"}
    assert call.outcome == "served"


def test_patience_while_the_application_is_slow() -> None:
    """A caller who gives up before the application answers was not answered."""
    call, scene = call_once({PRIMARY: SERVES}, Caller(hangs_up_after_s=5), takes_s=12)
    assert (call.outcome, scene.logged()[0].status) == ("no-answer", "no-answer")
    assert call.heard[-1].what == "hang-up"
    assert call.heard[-1].at_s == pytest.approx(5)


def test_failure_in_the_middle_goes_to_the_numbers_fallback() -> None:
    """A failing Redirect is replaced by the number's fallback, which is told which URL failed; the call goes on."""
    call, scene = call_once(
        {PRIMARY: "<Say>a</Say><Redirect>/menu</Redirect>", MENU: Response(500), FALLBACK: "<Say>spare</Say>"}
    )
    (told,) = scene.app.fields(FALLBACK)
    assert (told["ErrorCode"], told["ErrorUrl"], told["CallStatus"]) == ("11200", MENU, "in-progress")
    assert [stretch.detail for stretch in call.heard if stretch.what == "say"] == ["a", "spare"]
    assert call.outcome == "served"


def test_primary_first_on_every_event() -> None:
    """A call that fell back changes nothing for the next one: its primary is asked first again."""
    down = [Response(500), SERVES]
    calls: list[NetworkCall] = []

    async def script(scene: Scene) -> None:
        calls.append(await scene.call())
        calls.append(await scene.call())

    scene = play(script, {PRIMARY: lambda request, fields: down.pop(0), FALLBACK: "<Say>spare</Say>"})
    assert scene.app.urls() == [PRIMARY, FALLBACK, STATUS, PRIMARY, STATUS]
    assert [call.heard[-1].detail for call in calls] == ["spare", "Welcome to the line"]


def test_action_falls_back_and_its_next_event_asks_the_primary_host_again() -> None:
    """Within one call too: the fallback's document may send back to the primary, which is asked as if never failed."""
    down = [Response(500), SERVES]
    call, scene = call_once(
        {
            PRIMARY: "<Gather numDigits='1' action='/menu'><Say>x</Say></Gather>",
            MENU: lambda request, fields: down.pop(0),
            FALLBACK: f"<Redirect>{MENU}</Redirect>",
        },
        Caller(presses=("1",)),
    )
    assert scene.app.urls() == [PRIMARY, MENU, FALLBACK, MENU, STATUS]
    assert scene.app.fields(FALLBACK)[0]["Digits"] == "1"
    assert call.outcome == "served"


def test_status_callback_refused() -> None:
    """A status callback answered 4xx or 5xx is the warning 15003; one that cannot be delivered has its own code."""
    call, scene = call_once({PRIMARY: SERVES, STATUS: Response(500)})
    assert scene.codes() == ["15003"]
    assert scene.world.regions["us1"].alerts[0].log_level == "warning"
    assert call.outcome == "served"
    _, scene = call_once({PRIMARY: SERVES, STATUS: Failure.CONNECT_REFUSED})
    assert scene.codes() == ["11205"]
    assert scene.app.urls().count(STATUS) == 2


def test_rest_changes_a_live_call() -> None:
    """REST can end a live call, or send it to another URL or to TwiML of its own; before it was answered it cannot."""
    results: dict[str, NetworkCall] = {}

    async def script(scene: Scene) -> None:
        changes = {
            "completed": Change(status="completed"),
            "canceled": Change(status="canceled"),
            "url": Change(url=MENU, method="GET"),
            "twiml": Change(twiml="<Response><Say>moved</Say></Response>"),
            "bad": Change(twiml="<Response>"),
        }
        for name, change in changes.items():
            call = scene.switchboard.dial("+1", NUMBER, Caller(hangs_up_after_s=60))
            await scene.clock.sleep(0.5)
            scene.switchboard.modify("us1", call.call_sid, Change(twiml="<Response/>"))
            await scene.clock.sleep(9.5)
            scene.switchboard.modify("us1", call.call_sid, change)
            scene.switchboard.modify("ie1", call.call_sid, change)
            results[name] = await scene.switchboard.ended(call.id)

    scene = play(script, {PRIMARY: LONG, MENU: SERVES, FALLBACK: "<Say>spare</Say>"})
    lasted = {name: round((call.ended_at or 0) - call.dialled_at) for name, call in results.items()}
    assert lasted == {"completed": 10, "canceled": 60, "url": 12, "twiml": 10, "bad": 10}
    assert {call.outcome for call in results.values()} == {"served"}
    assert results["twiml"].heard[-1].detail == "moved"
    assert results["bad"].heard[-1].detail == "spare"
    assert scene.codes() == ["12100"]
    assert {call.status for call in scene.logged()} == {"completed"}
