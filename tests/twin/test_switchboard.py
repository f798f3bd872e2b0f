"""The switchboard runs many calls, within bounds, and the same way every time."""

from __future__ import annotations

import asyncio
from dataclasses import asdict, replace

import pytest

from switchboard_scene import CALLER, NUMBER, PRIMARY, SERVES, STATUS, Answer, App, Scene, make_world, play
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin import faults, switchboard
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.load import Load
from voicedr.twin.calls.orders import Change, Instructions
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import NetworkCall
from voicedr.wire.http import Response

MENU: dict[str, Answer] = {
    PRIMARY: "<Gather numDigits='1' action='/menu'><Say>press one</Say></Gather><Redirect/>",
    "https://app.example/menu": "<Dial action='/done' timeout='10'>+15550001111</Dial>",
    "https://app.example/done": "<Record action='/bye'/>",
    "https://app.example/bye": SERVES,
}


def long_day(seed: int) -> str:
    """Ten minutes of load over two Regions with faults, changes and REST calls; everything that is left of it."""
    world = make_world(seed)
    world.settings.calls_per_second = 1.0

    async def script(scene: Scene) -> None:
        load = Load(1.0, (NUMBER,), 500, Caller(("1",), 45))
        scene.switchboard.start_load(load)
        for minute in range(10):
            call = scene.created()
            scene.switchboard.begin("us1", call.sid, Instructions(twiml="<Response><Pause length='9'/></Response>"))
            await scene.clock.sleep(30)
            if minute == 3:
                scene.breaks("webhook-unreachable", host="app.example", rate=0.5, mode="connect-timeout")
            if minute == 5:
                faults.begin(world, "region-down", {"region": "us1"}, scene.now, 45.0)
            if minute == 7:
                scene.switchboard.modify("us1", call.sid, Change(status="completed"))
            await scene.clock.sleep(30)
        await scene.clock.sleep(100)

    scene = play(script, MENU, world=world)
    return repr(asdict(world)) + repr([(asked.at, asked.request) for asked in scene.app.asked])


def test_equal_seeds_give_equal_days() -> None:
    """The same seed and the same script leave the same world and the same webhooks, to the byte."""
    day = long_day(5)
    assert day == long_day(5)
    assert day != long_day(6)


def test_every_call_ends_with_an_outcome() -> None:
    """Whatever breaks, no call lasts for ever: each has an outcome, an end, and a final log entry."""
    world = make_world(9)

    async def script(scene: Scene) -> None:
        scene.switchboard.start_load(Load(2.0, (NUMBER, "+19995550000"), 300, Caller(("1",), 60)))
        scene.breaks("webhook-unreachable", rate=0.3, mode="black-hole")
        scene.breaks("call-setup-failing", region="us1", rate=0.2)
        await scene.clock.sleep(100)
        faults.begin(world, "region-down", {"region": "us1"}, scene.now, 60.0)
        await scene.clock.sleep(400)
        assert scene.switchboard.live_calls == 0

    play(script, MENU, world=world)
    calls = list(world.network_calls.values())
    assert len(calls) > 400
    assert {call.outcome for call in calls} == {
        "served",
        "not-connected",
        "silence",
        "failed",
        "error-message",
    }
    assert all(call.ended_at is not None and call.ended_at - call.dialled_at < 75 for call in calls)
    logged = world.regions["us1"].calls.values()
    assert {call.status for call in logged} <= {"completed", "failed", "no-answer", "canceled", "busy"}
    assert all(call.ended_at is not None for call in logged)


def test_load() -> None:
    """A load places its calls at about its rate, tells how many, ends by itself or when it is stopped."""

    async def script(scene: Scene) -> None:
        board = scene.switchboard
        short = board.start_load(Load(5.0, (NUMBER,), 100, Caller(hangs_up_after_s=5)))
        long = board.start_load(Load(1.0, (NUMBER,)))
        await scene.clock.sleep(50)
        told = board.loads()[short]
        assert told["calls_per_second"] == 5.0
        assert 200 <= int(str(told["placed"])) <= 300
        await scene.clock.sleep(60)
        assert list(board.loads()) == [long]
        board.stop_load(long)
        assert board.loads() == {}
        placed = len(scene.world.network_calls)
        assert 520 <= placed <= 720
        await scene.clock.sleep(60)
        assert len(scene.world.network_calls) == placed
        with pytest.raises(KeyError):
            board.stop_load(long)

    scene = play(script, {PRIMARY: SERVES})
    assert all(len(call.from_) == 12 for call in scene.world.network_calls.values())


@pytest.mark.parametrize(("rate", "numbers"), [(0.0, ("+1",)), (float("nan"), ("+1",)), (20_000, ("+1",)), (1.0, ())])
def test_impossible_load(rate: float, numbers: tuple[str, ...]) -> None:
    """A load that could not place a call is refused when it is made."""
    with pytest.raises(ValueError, match="load"):
        Load(rate, numbers)


def test_too_many_calls_are_busy() -> None:
    """Beyond the bound a call is busy at once, and a REST call has failed with 10004."""
    calls: list[NetworkCall] = []

    async def script(scene: Scene) -> None:
        calls.extend(scene.switchboard.dial(CALLER, NUMBER) for _ in range(5))
        rest = scene.created()
        scene.switchboard.begin("us1", rest.sid, Instructions(twiml="<Response/>"))
        assert rest.status == "failed"
        await scene.clock.sleep(60)
        calls.append(await scene.call())

    scene = play(script, {PRIMARY: SERVES}, live_calls_max=3)
    assert [call.outcome for call in calls] == ["served"] * 3 + ["busy"] * 2 + ["served"]
    assert scene.codes() == ["10004"]


def test_old_calls_are_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    """Finished calls are kept up to a bound, the newest of them."""
    monkeypatch.setattr(switchboard, "NETWORK_CALLS_MAX", 50)
    monkeypatch.setattr(switchboard, "LOGGED_CALLS_MAX", 40)

    async def script(scene: Scene) -> None:
        for _ in range(200):
            last = await scene.call()
        assert last.id in scene.world.network_calls
        assert len(scene.world.network_calls) <= 50
        assert len(scene.logged()) <= 42

    play(script, {PRIMARY: SERVES})


def test_waiting_for_the_end() -> None:
    """Several may wait for one call, before or after its end; an unknown call is a KeyError."""

    async def script(scene: Scene) -> None:
        board = scene.switchboard
        call = board.dial(CALLER, NUMBER)
        both = await asyncio.gather(board.ended(call.id), board.ended(call.id))
        assert both == [call, call]
        assert await board.ended(call.id) is call
        with pytest.raises(KeyError):
            await board.ended("NC0")
        with pytest.raises(KeyError):
            board.begin("us1", "CA0", Instructions())
        board.modify("us1", "CA0", Change(status="completed"))

    play(script, {PRIMARY: SERVES})


def test_break_in_before_the_first_step() -> None:
    """A call that is ended in the instant in which it was begun ends, and is not rung."""

    async def script(scene: Scene) -> None:
        call = scene.created()
        scene.switchboard.begin("us1", call.sid, Instructions(twiml="<Response/>"))
        await scene.clock.sleep(0)
        scene.switchboard.modify("us1", call.sid, Change(status="completed"))
        await scene.clock.sleep(20)
        assert call.status == "canceled"
        assert scene.switchboard.live_calls == 0

    play(script, {PRIMARY: SERVES})


def test_close_stops_everything() -> None:
    """Closing leaves no task behind, whatever is under way."""

    async def main(clock: VirtualClock) -> None:
        world = make_world()
        app = App(MENU | {STATUS: Response(204)}, clock=clock, takes_s=3.0)
        board = Switchboard(world, clock, app)
        board.start_load(Load(5.0, (NUMBER,)))
        await clock.sleep(20)
        assert board.live_calls > 10
        await board.close()
        assert [task for task in asyncio.all_tasks() if task is not asyncio.current_task()] == []

    run_virtual(main)


def test_a_broken_send_is_not_hidden() -> None:
    """If sending itself is broken, the call has failed and the error comes out."""
    problems: list[object] = []

    async def main(clock: VirtualClock) -> NetworkCall:
        async def send(request: object, timeouts: object) -> Response:
            raise ZeroDivisionError

        asyncio.get_running_loop().set_exception_handler(lambda loop, context: problems.append(context["exception"]))
        board = Switchboard(make_world(), clock, send)
        call = await board.ended(board.dial(CALLER, NUMBER).id)
        await board.close()
        return replace(call)

    call = run_virtual(main)
    assert call.outcome == "failed"
