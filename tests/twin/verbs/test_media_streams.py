"""Media streams (https://www.twilio.com/docs/voice/media-streams/websocket-messages): messages, callbacks, codes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from switchboard_scene import CALLER, NUMBER, PRIMARY, SERVES, STATUS, Answer, App, make_world
from voicedr.testing.virtual_time import VirtualClock, run_virtual
from voicedr.twin.calls.caller import Caller
from voicedr.twin.switchboard import Switchboard
from voicedr.twin.world.model import NetworkCall, World
from voicedr.wire.http import Response
from voicedr.wire.websocket import SocketFailed, WebSocket

STREAM = "https://app.example/stream"
Serve = Callable[["Ear"], Awaitable[None]]


class Ear:
    """The application's end of one socket, in process: what came, and what it sends."""

    def __init__(self, clock: VirtualClock) -> None:
        self.clock = clock
        self.came: list[dict[str, Any]] = []
        self.said: asyncio.Queue[str | None] = asyncio.Queue()
        self.closed = False

    async def send(self, text: str) -> None:
        """From the twin."""
        if self.closed:
            raise SocketFailed("closed", "the server closed it with 1000")
        self.came.append(json.loads(text))

    async def receive(self) -> str:
        """To the twin."""
        text = await self.said.get()
        if text is None:
            raise SocketFailed("closed", "the server closed it with 1000")
        return text

    async def close(self) -> None:
        """By the twin."""
        self.closed = True

    def hang_up(self) -> None:
        """By the application."""
        self.said.put_nowait(None)

    def events(self) -> list[str]:
        """What came, without repetition."""
        events = [message["event"] for message in self.came]
        return [one for at, one in enumerate(events) if at == 0 or events[at - 1] != one]


def stream(
    inner: str, serve: Serve | None = None, *, fails: str = "", patience_s: float = 30.0
) -> tuple[NetworkCall, Ear, App, World]:
    """One call whose document this is, against an application that serves its socket like this."""

    async def main(clock: VirtualClock) -> tuple[NetworkCall, Ear, App, World]:
        answers: dict[str, Answer] = {
            PRIMARY: inner, STATUS: Response(204), STREAM: Response(204), "https://app.example/next": SERVES,
        }  # fmt: skip
        app, world, ear = App(answers, clock=clock), make_world(), Ear(clock)
        serving: list[asyncio.Future[None]] = []

        async def open_socket(url: str, timeout_s: float) -> WebSocket:
            if fails:
                raise SocketFailed(fails, f"{url} does not work")
            if serve is not None:
                serving.append(asyncio.ensure_future(serve(ear)))
            return ear

        board = Switchboard(world, clock, app, open_socket=open_socket)
        call = board.dial(CALLER, NUMBER, Caller(hangs_up_after_s=patience_s))
        await board.ended(call.id)
        await clock.sleep(2)
        await board.close()
        for one in serving:
            one.cancel()
        return call, ear, app, world

    return run_virtual(main)


def codes(world: World) -> list[str]:
    """The alerts of us1."""
    return [alert.error_code for alert in world.regions["us1"].alerts]


def test_one_way() -> None:
    """Start streams beside the call: connected, start, media of both tracks at 20 ms, stop at the end of the call."""
    noun = "<Stream url='wss://ear.example/s' name='n' track='both_tracks' statusCallback='/stream'>"
    call, ear, app, world = stream(
        f"<Start>{noun}<Parameter name='tier' value='gold'/></Stream></Start><Pause length='2'/>"
    )
    assert ear.events()[:3] == ["connected", "start", "media"]
    assert ear.events()[-1] == "stop"
    start = ear.came[1]
    assert start["sequenceNumber"] == "1"
    assert start["start"]["callSid"] == call.call_sid
    assert start["start"]["tracks"] == ["inbound", "outbound"]
    assert start["start"]["customParameters"] == {"tier": "gold"}
    assert start["start"]["mediaFormat"] == {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
    media = [message for message in ear.came if message["event"] == "media"]
    assert 190 <= len(media) <= 210
    assert [one["media"]["track"] for one in media[:4]] == ["inbound", "outbound"] * 2
    assert [one["media"]["timestamp"] for one in media[:4:2]] == ["0", "20"]
    numbers = [int(message["sequenceNumber"]) for message in ear.came[1:]]
    assert numbers == list(range(1, len(numbers) + 1))
    told = app.fields(STREAM)
    assert [one["StreamEvent"] for one in told] == ["stream-started", "stream-stopped"]
    assert {(one["StreamName"], one["StreamSid"]) for one in told} == {("n", start["streamSid"])}
    assert not codes(world)


def test_start_returns_at_once_and_stop_ends_it() -> None:
    """The call goes on while it streams; Stop by name ends the stream and not the call."""
    call, ear, app, _ = stream(
        "<Start><Stream url='wss://ear.example/s' name='n' statusCallback='/stream'/></Start><Pause length='1'/>"
        "<Stop><Stream name='n'/></Stop><Pause length='5'/>"
    )
    media = [message for message in ear.came if message["event"] == "media"]
    assert 48 <= len(media) <= 53
    assert ear.events()[-1] == "stop"
    stopped = next(asked for asked in app.asked if asked.fields.get("StreamEvent") == "stream-stopped")
    assert (call.ended_at or 0) - call.dialled_at > stopped.at + 4


def test_two_way() -> None:
    """Connect waits until the server closes; its marks come back when the sound before them has been played."""

    async def serve(ear: Ear) -> None:
        await ear.clock.sleep(1)
        sid = ear.came[1]["streamSid"]
        second = "/" * 10664 + "8w=="
        ear.said.put_nowait(json.dumps({"event": "media", "streamSid": sid, "media": {"payload": second}}))
        ear.said.put_nowait(json.dumps({"event": "mark", "streamSid": sid, "mark": {"name": "played"}}))
        await ear.clock.sleep(3)
        ear.hang_up()

    call, ear, app, world = stream(
        "<Connect action='/next'><Stream url='wss://ear.example/s' statusCallback='/stream'/></Connect>", serve
    )
    (mark,) = [at for at, message in enumerate(ear.came) if message["event"] == "mark"]
    assert ear.came[mark]["mark"] == {"name": "played"}
    # One second until the server speaks, one of sound: 100 frames of 20 ms.
    assert int(ear.came[mark - 1]["media"]["chunk"]) == pytest.approx(100, abs=2)
    assert [one.what for one in call.heard if one.what != "ringing"] == ["stream", "silence", "say"] or [
        one.what for one in call.heard if one.what != "ringing"
    ] == ["stream", "say"]
    assert next(one.for_s for one in call.heard if one.what == "stream") == pytest.approx(4, abs=0.05)
    assert [one["StreamEvent"] for one in app.fields(STREAM)] == ["stream-started", "stream-stopped"]
    assert not codes(world)


def test_clear() -> None:
    """``clear`` throws away what is not yet played, and its marks come back at once."""

    async def serve(ear: Ear) -> None:
        await ear.clock.sleep(1)
        long = "/" * 106_664 + "8w=="
        for message in ({"event": "media", "media": {"payload": long}}, {"event": "mark", "mark": {"name": "m"}}):
            ear.said.put_nowait(json.dumps(message))
        await ear.clock.sleep(1)
        assert not [message for message in ear.came if message["event"] == "mark"]
        ear.said.put_nowait(json.dumps({"event": "clear"}))
        await ear.clock.sleep(0.1)
        assert [message for message in ear.came if message["event"] == "mark"]
        ear.hang_up()

    _, ear, _, world = stream("<Connect><Stream url='wss://ear.example/s'/></Connect>", serve)
    assert "mark" in ear.events()
    assert not codes(world)


@pytest.mark.parametrize(
    ("fails", "code"), [("timeout", "31901"), ("refused", "31902"), ("handshake", "31920"), ("broken", "31903")]
)
def test_cannot_be_opened(fails: str, code: str) -> None:
    """A socket that cannot be had is an error and a callback; there is no retry, and the next verb runs."""
    call, _, app, world = stream(
        "<Connect><Stream url='wss://ear.example/s' statusCallback='/stream'/></Connect><Say>after</Say>", fails=fails
    )
    assert codes(world) == [code]
    assert [one["StreamEvent"] for one in app.fields(STREAM)] == ["stream-error"]
    assert app.fields(STREAM)[0]["StreamError"]
    assert call.heard[-1].detail == "after"


@pytest.mark.parametrize("url", ["ws://ear.example/s", "wss://ear.example/s?x=1", "/s", "wss://", "wss://[", ""])
def test_urls_that_cannot_be_used(url: str) -> None:
    """Only wss, and no query string: 31920."""
    call, ear, _, world = stream(f"<Start><Stream url='{url}'/></Start><Say>after</Say>")
    assert codes(world) == ["31920"]
    assert not ear.came
    assert call.heard[-1].detail == "after"


def test_server_closes_or_breaks_the_protocol() -> None:
    """Closing a one-way stream is 31921; a message on it, or nonsense on a two-way one, is 31924."""

    async def closes(ear: Ear) -> None:
        await ear.clock.sleep(1)
        ear.hang_up()

    async def babbles(ear: Ear) -> None:
        await ear.clock.sleep(1)
        ear.said.put_nowait('{"event": "nonsense"}')

    one_way = "<Start><Stream url='wss://ear.example/s'/></Start><Pause length='5'/>"
    two_way = "<Connect><Stream url='wss://ear.example/s'/></Connect>"
    assert codes(stream(one_way, closes)[3]) == ["31921"]
    assert codes(stream(one_way, babbles)[3]) == ["31924"]
    assert codes(stream(two_way, babbles)[3]) == ["31924"]


def test_caller_hangs_up() -> None:
    """The stream stops with the call."""
    call, ear, _, _ = stream("<Connect><Stream url='wss://ear.example/s'/></Connect>", patience_s=5)
    assert call.outcome == "served"
    assert ear.events()[-1] == "stop"
    assert ear.closed


def test_limits_of_a_stream() -> None:
    """A Parameter of 500 characters is left out; a two-way stream has the inbound track only."""
    long = "<Parameter name='a' value='" + "b" * 499 + "'/>"
    _, ear, _, world = stream(
        f"<Connect><Stream url='wss://ear.example/s' track='both_tracks'>{long}</Stream></Connect>", patience_s=3
    )
    assert codes(world) == ["12200", "12200"]
    assert ear.came[1]["start"]["customParameters"] == {}
    assert ear.came[1]["start"]["tracks"] == ["inbound"]
