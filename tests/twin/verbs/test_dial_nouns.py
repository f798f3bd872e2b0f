"""Queue, Application, whispers, digits, ``*``, recordings and SIP addresses in Dial.

https://www.twilio.com/docs/voice/twiml/dial and the pages below it.
"""

from __future__ import annotations

import pytest

from switchboard_scene import CALLER, NUMBER, PRIMARY, SERVES, Answer, Scene, call_once, heard, make_world, play
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.orders import Change, Instructions
from voicedr.twin.world.model import Application, Number, NumberVoice, Party, Voice, World
from voicedr.wire.http import Response

NEXT = "https://app.example/next"
AGENT = "+15550009999"
DESK = "+14155550101"
DESK_URL = "https://desk.example/voice"
QUEUED = "https://app.example/queued"


def with_desk() -> World:
    """A second number, from which an agent takes calls."""
    world = make_world()
    desk = Number(world.mint("PN"), DESK, "Desk", 0.0)
    world.numbers[desk.e164] = desk
    world.regions["us1"].numbers[desk.sid] = NumberVoice(Voice(voice_url=DESK_URL))
    return world


def queue_scene(
    desk: str, *, caller_s: float = 200, agent_s: float = 60, agent_at_s: float = 20, enqueue: str = ""
) -> Scene:
    """One caller enqueued at once, one agent at the desk later."""

    async def script(scene: Scene) -> None:
        scene.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=caller_s))
        await scene.clock.sleep(agent_at_s)
        scene.switchboard.dial(AGENT, DESK, Caller(hangs_up_after_s=agent_s))
        await scene.clock.sleep(600)

    answers: dict[str, Answer] = {
        PRIMARY: f"<Enqueue action='/queued' {enqueue}>support</Enqueue>",
        QUEUED: "<Say>thank you</Say>",
        DESK_URL: desk,
        "https://desk.example/done": "<Say>next one</Say>",
        "https://desk.example/whisper": "<Say>you are connected now</Say>",
    }
    return play(script, answers, world=with_desk())


def test_front_caller_is_dialled() -> None:
    """The agent is connected to the front caller; when the agent hangs up the caller's action is told ``bridged``."""
    scene = queue_scene("<Dial action='/done'><Queue url='/whisper'>support</Queue></Dial>", agent_s=30)
    caller, agent = scene.world.network_calls.values()
    heard_by_caller = [one.what for one in caller.heard if one.what not in {"ringing", "silence"}]
    assert heard_by_caller == ["hold-music", "say", "talking", "say"]
    (whisper,) = scene.app.fields("https://desk.example/whisper")
    assert (whisper["CallSid"], whisper["DequeingCallSid"]) == (caller.call_sid, agent.call_sid)
    (told,) = scene.app.fields(QUEUED)
    assert (told["QueueResult"], told["QueueTime"]) == ("bridged", "20")
    (queue,) = scene.world.regions["us1"].queues.values()
    assert (queue.friendly_name, queue.current_size, queue.average_wait_s) == ("support", 0, 20)


def test_caller_hangs_up_first() -> None:
    """Then the agent's action is told ``completed`` with the caller's SID and for how long."""
    scene = queue_scene("<Dial action='/done'><Queue>support</Queue></Dial>", caller_s=50, agent_s=100)
    (told,) = scene.app.fields("https://desk.example/done")
    assert told["DialCallStatus"] == "completed"
    assert float(told["DialCallDuration"]) == pytest.approx(30, abs=1)
    assert told["DialCallSid"] == next(iter(scene.world.network_calls.values())).call_sid
    assert [one["QueueResult"] for one in scene.app.fields(QUEUED)] == ["bridged"]


@pytest.mark.parametrize(
    ("desk", "status"),
    [
        ("<Dial action='/done' timeout='10'><Queue>sales</Queue></Dial>", "failed"),
        ("<Dial action='/done' timeout='10' timeLimit='5'><Queue>support</Queue></Dial>", "completed"),
    ],
)
def test_queue_statuses(desk: str, status: str) -> None:
    """A queue that does not exist fails; the time limit ends the talk."""
    scene = queue_scene(desk)
    assert [one["DialCallStatus"] for one in scene.app.fields("https://desk.example/done")] == [status]


def test_empty_queue_is_waited_at() -> None:
    """Nobody there: the agent waits until somebody comes or the timeout and its 5 s are over."""

    async def script(scene: Scene) -> None:
        scene.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=5))
        await scene.clock.sleep(10)
        for _ in range(2):
            scene.switchboard.dial(AGENT, DESK, Caller(hangs_up_after_s=120))
        await scene.clock.sleep(8)
        scene.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=15))
        await scene.clock.sleep(200)

    answers: dict[str, Answer] = {
        PRIMARY: "<Enqueue>support</Enqueue>",
        DESK_URL: "<Dial action='/done' timeout='10'><Queue>support</Queue></Dial>",
        "https://desk.example/done": "<Hangup/>",
    }
    scene = play(script, answers, world=with_desk())
    told = [one["DialCallStatus"] for one in scene.app.fields("https://desk.example/done")]
    assert sorted(told) == ["completed", "no-answer"]


def test_queue_full_and_redirected() -> None:
    """Beyond the queue's size the result is queue-full (14207); a REST redirect of who waits is ``redirected``."""

    async def script(scene: Scene) -> None:
        first = scene.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=60))
        await scene.clock.sleep(2)
        (queue,) = scene.world.regions["us1"].queues.values()
        queue.max_size = 1
        scene.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=60))
        await scene.clock.sleep(5)
        scene.switchboard.modify("us1", first.call_sid, Change(url=NEXT))
        await scene.clock.sleep(30)

    scene = play(script, {PRIMARY: "<Enqueue action='/queued'>support</Enqueue>", QUEUED: "", NEXT: SERVES})
    assert [one["QueueResult"] for one in scene.app.fields(QUEUED)] == ["queue-full", "redirected"]
    assert scene.codes() == ["14207"]


def test_application() -> None:
    """The caller hears another application of the account on a leg of its own; its parameters go along."""
    world = make_world()
    application = Application("AP" + "1" * 32, "Sales", Voice(voice_url="https://sales.example/"), 0.0, 0.0)
    world.regions["us1"].applications[application.sid] = application
    noun = (
        f"<Application copyParentTo='true'><ApplicationSid>{application.sid}</ApplicationSid>"
        "<Parameter name='tier' value='gold'/></Application>"
    )
    call, scene = call_once(
        {PRIMARY: f"<Dial action='/next'>{noun}</Dial>", NEXT: SERVES,
         "https://sales.example/": "<Say>sales here</Say>"},
        Caller(hangs_up_after_s=60), world=world,
    )  # fmt: skip
    assert [one.detail for one in call.heard if one.what == "say"] == ["sales here", "Welcome to the line"]
    (asked,) = scene.app.fields("https://sales.example/")
    assert (asked["tier"], asked["To"], asked["Direction"]) == ("gold", NUMBER, "outbound-dial")
    (told,) = scene.app.fields(NEXT)
    assert (told["DialCallStatus"], told["DialCallSid"]) == ("completed", asked["CallSid"])
    missing = "<Dial action='/next'><Application><ApplicationSid>APx</ApplicationSid></Application></Dial>"
    _, scene = call_once({PRIMARY: missing, NEXT: SERVES})
    assert scene.codes() == ["21218"]
    assert scene.app.fields(NEXT)[0]["DialCallStatus"] == "failed"


def test_dial_inside_a_whisper() -> None:
    """Dial on a dialled leg is the error 13201; the two are connected all the same."""
    call, scene = call_once(
        {PRIMARY: f"<Dial><Number url='/w'>{AGENT}</Number></Dial>",
         "https://app.example/w": "<Dial>+15550002222</Dial>"},
        Caller(hangs_up_after_s=60),
    )  # fmt: skip
    assert scene.codes() == ["13201"]
    assert "talking" in heard(call)


def test_send_digits() -> None:
    """They are keyed after the answer and before the two are connected: 0.5 s for a w, 0.2 s for a digit."""
    call, _ = call_once({PRIMARY: f"<Dial><Number sendDigits='ww12'>{AGENT}</Number></Dial>"}, Caller((), 60))
    ringing = [one for one in call.heard if one.what == "ringing" and one.detail == AGENT]
    assert ringing[0].for_s == pytest.approx(1.0 + 1.4, abs=0.01)


def test_hangup_on_star() -> None:
    """``*`` ends the other leg and the call goes on, where the Dial listens for it and only there."""
    caller = Caller(hangs_up_after_s=60, stars_after_s=4)
    for attribute, talked_s in (("hangupOnStar='true'", "4"), ("", "10")):
        _, scene = call_once({PRIMARY: f"<Dial action='/next' {attribute}>{AGENT}</Dial>", NEXT: SERVES}, caller)
        assert scene.app.fields(NEXT)[0]["DialCallDuration"] == talked_s


@pytest.mark.parametrize(
    ("mode", "seconds", "channels"),
    [
        ("record-from-answer", 10, 1),
        ("true", 10, 1),
        ("record-from-ringing", 13, 1),
        ("record-from-answer-dual", 10, 2),
    ],
)
def test_recording(mode: str, seconds: int, channels: int) -> None:
    """The recording is in the Region's store, its callback told of the events asked for, the action of its URL."""
    world = make_world()
    world.parties[AGENT] = Party(after_s=3, talks_s=10)
    _, scene = call_once(
        {PRIMARY: f"<Dial action='/next' record='{mode}' recordingTrack='inbound' recordingStatusCallback='/rec' "
                  f"recordingStatusCallbackEvent='in-progress completed'>{AGENT}</Dial>", NEXT: SERVES,
         "https://app.example/rec": Response(204)},
        Caller(hangs_up_after_s=60), world=world,
    )  # fmt: skip
    (recording,) = world.regions["us1"].recordings.values()
    assert (recording.source, recording.status, recording.duration_s) == ("DialVerb", "completed", seconds)
    assert (recording.channels, recording.track) == (channels, "inbound")
    told = scene.app.fields("https://app.example/rec")
    assert [one["RecordingStatus"] for one in told] == ["in-progress", "completed"]
    assert scene.app.fields(NEXT)[0]["RecordingUrl"].endswith(recording.sid)


def test_recordings_of_record_and_start() -> None:
    """Record leaves a record; Start Recording goes on beside the call until Stop or the end of the call."""
    _, scene = call_once({PRIMARY: "<Record maxLength='5'/>"}, Caller(hangs_up_after_s=4, speaks_s=50))
    (recording,) = scene.world.regions["us1"].recordings.values()
    assert (recording.source, recording.status, recording.duration_s) == ("RecordVerb", "completed", 3)
    start = "<Start><Recording channels='mono'/></Start><Pause length='7'/>"
    for end in ("<Stop><Recording/></Stop><Pause length='9'/>", ""):
        _, scene = call_once({PRIMARY: start + end}, Caller(hangs_up_after_s=60))
        (recording,) = scene.world.regions["us1"].recordings.values()
        assert (recording.source, recording.channels) == ("StartCallRecordingTwiML", 1)
        assert (recording.status, recording.duration_s) == ("completed", 7)


@pytest.mark.parametrize(
    ("noun", "code"),
    [
        ("<Sip>tel:+1415</Sip>", "13243"),
        ("<Sip>sip:" + "a" * 260 + "@pbx.example</Sip>", "13243"),
        ("<Sip>sip:a@acme.sip.twilio.com</Sip>", "13255"),
        ("<Sip>sip:a@pbx.example?X-a=" + "b" * 1030 + "</Sip>", "13253"),
        ("<Sip>sip:a@pbx.example?X a=b</Sip>", "13243"),
        ("<Sip>sip:a@pbx.example?X(a)=b</Sip>", "13252"),
        ("<Number>soon</Number>", "13223"),
        ("<Number></Number>", "13223"),
        ("<Client></Client>", "13223"),
    ],
)
def test_addresses_that_cannot_be_dialled(noun: str, code: str) -> None:
    """A wrong address is warned of with its code, nobody is rung, and the action is told ``failed``."""
    _, scene = call_once({PRIMARY: f"<Dial action='/next'>{noun}</Dial>", NEXT: SERVES})
    assert scene.codes() == [code]
    assert scene.app.fields(NEXT)[0]["DialCallStatus"] == "failed"
    assert len(scene.logged()) == 1


def test_too_many_and_mixed() -> None:
    """Ten are called and the rest is warned of; a Conference beside others is dialled alone (13000)."""
    nouns = "".join(f"<Sip>sip:u{n}@pbx.example</Sip>" for n in range(12))
    _, scene = call_once({PRIMARY: f"<Dial>{nouns}</Dial>"})
    assert (scene.codes(), len(scene.logged())) == (["13250"], 11)
    call, scene = call_once({PRIMARY: f"<Dial><Number>{AGENT}</Number><Conference>room</Conference></Dial>"})
    assert scene.codes() == ["13000"]
    assert "hold-music" in heard(call)


def test_refer() -> None:
    """On a leg that is not SIP it is 13801, an error: the fallback is asked."""
    call, scene = call_once({PRIMARY: "<Refer><Sip>sip:a@pbx.example</Sip></Refer>",
                             "https://spare.example/voice": "<Say>fallback</Say>"})  # fmt: skip
    assert scene.codes() == ["13801"]
    assert call.heard[-1].detail == "fallback"
    (told,) = scene.app.fields("https://spare.example/voice")
    assert (told["ErrorCode"], told["ErrorUrl"]) == ("13801", PRIMARY)


def test_refer_on_a_sip_leg() -> None:
    """A SIP caller is referred: the action is told how it went; without an address it is 13802."""

    async def script(scene: Scene) -> None:
        scene.world.parties["sip:b@pbx.example"] = Party(busy=True)
        twiml = "<Response><Refer action='https://app.example/next'><Sip>sip:b@pbx.example</Sip></Refer></Response>"
        await scene.rest_call(Instructions(twiml=twiml), to="sip:a@pbx.example")
        await scene.rest_call(Instructions(twiml="<Response><Refer/></Response>"), to="sip:a@pbx.example")

    scene = play(script, {NEXT: "<Hangup/>"})
    (told,) = scene.app.fields(NEXT)
    assert (told["ReferCallStatus"], told["NotifySipResponseCode"]) == ("failed", "486")
    assert scene.codes() == ["13802"]


def test_a_joining_caller_wakes_nobody_who_waits() -> None:
    """Only the call that is taken is woken, so a queue of n callers costs n and not n squared."""
    woken: list[int] = []

    async def script(scene: Scene) -> None:
        for _ in range(30):
            scene.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=60))
            await scene.clock.sleep(1)
        office = scene.switchboard._office
        (queue,) = scene.world.regions["us1"].queues.values()
        office.bell(queue.sid).listen(lambda: woken.append(1))
        scene.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=60))
        await scene.clock.sleep(200)
        assert set(office.bells) == {queue.sid}

    play(script, {PRIMARY: "<Enqueue>support</Enqueue>"})
    assert woken == [1]
