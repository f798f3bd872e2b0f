"""Each verb does what its page says: what is heard, what is asked, and what comes next."""

from __future__ import annotations

import pytest

from switchboard_scene import (
    CALLER,
    FALLBACK,
    NUMBER,
    PRIMARY,
    SERVES,
    STATUS,
    Answer,
    Scene,
    call_once,
    heard,
    make_world,
    play,
)
from voicedr.twin.calls.caller import Caller
from voicedr.twin.verbs import VERBS
from voicedr.twin.world.model import NetworkCall, Number, NumberVoice, Party, Voice, World
from voicedr.wire.http import Response

NEXT = "https://app.example/next"
AGENT = "+15550009999"
LONG = Caller(hangs_up_after_s=200)


def run(inner: str, caller: Caller = LONG, *, world: World | None = None,
        **more: Answer) -> tuple[NetworkCall, Scene]:  # fmt: skip
    """A call whose first document is this; NEXT serves."""
    answers: dict[str, Answer] = {PRIMARY: inner, NEXT: SERVES}
    return call_once(
        answers | {f"https://app.example/{name}": answer for name, answer in more.items()}, caller, world=world
    )


def told(scene: Scene, url: str = NEXT) -> dict[str, str]:
    """What the action was told, once, besides what everybody is told."""
    (fields,) = scene.app.fields(url)
    return fields


def stretches(call: NetworkCall) -> list[tuple[str, str, float]]:
    """What was heard and how long, after the ringing."""
    return [(one.what, one.detail, one.for_s) for one in call.heard if one.what != "ringing"]


def test_found_by_being_there() -> None:
    """Every file of the package is a verb under its capitalised name."""
    assert sorted(VERBS) == [
        "Connect", "Dial", "Enqueue", "Gather", "Hangup", "Leave", "Pause", "Play", "Record", "Redirect", "Refer",
        "Reject", "Say", "Start", "Stop",
    ]  # fmt: skip


def test_say() -> None:
    """A text takes as long as its words, as often as it loops; an empty one is the warning 13520."""
    call, _ = run("<Say loop='2'>one two <emphasis>three</emphasis> four five</Say>")
    assert stretches(call) == [("say", "one two three four five", 4.0)]
    call, _ = run("<Say loop='0'>on and on</Say><Say>never</Say>", Caller(hangs_up_after_s=50))
    assert heard(call) == ["ringing", "say", "hang-up"]
    call, scene = run("<Say></Say><Say loop='many'>x</Say>")
    assert scene.codes() == ["13520", "13510"]


def test_play() -> None:
    """A recording is heard under its absolute URL; digits are keyed; an audio answer plays itself."""
    call, _ = run("<Play loop='3'>/hold.mp3</Play><Play digits='12w3'/>")
    assert stretches(call) == [("play", "https://app.example/hold.mp3", 15.0), ("digits", "12w3", 1.1)]
    call, _ = call_once({PRIMARY: Response(200, (("Content-Type", "audio/mpeg"),), b"ID3")})
    assert stretches(call) == [("play", PRIMARY, 5.0)]
    call, _ = call_once({PRIMARY: Response(200, (("Content-Type", "text/plain"),), b"We are closed")})
    assert [one[:2] for one in stretches(call)] == [("say", "We are closed")]


def test_pause() -> None:
    """Silence; as the first verb it puts off answering; a bad length is one second and the warning 13910."""
    call, scene = run("<Pause length='4'/><Say>x</Say><Pause length='2'/>")
    assert call.heard[0].for_s == 4.3
    assert stretches(call)[1] == ("silence", "", 2.0)
    call, scene = run("<Say>x</Say><Pause length='-3'/>")
    assert scene.codes() == ["13910"]
    assert stretches(call)[1] == ("silence", "", 1.0)


def test_redirect() -> None:
    """Another document goes on with the method that is asked for; nothing after it is reached."""
    call, scene = run("<Say>a</Say><Redirect method='GET'>next?x=1</Redirect><Say>never</Say>")
    assert told(scene)["x"] == "1"
    assert scene.app.asked[1].request.method == "GET"
    assert [detail for _, detail, _ in stretches(call)] == ["a", "Welcome to the line"]


@pytest.mark.parametrize(
    ("attributes", "press", "digits"),
    [
        ("numDigits='1'", "1", "1"),
        ("numDigits='1'", "123", "1"),
        ("", "12#", "12"),
        ("", "12", "12"),
        ("finishOnKey=''", "12#", "12#"),
        ("finishOnKey='*' numDigits='5'", "1*2", "1"),
        ("input='dtmf speech'", "7#", "7"),
    ],
)
def test_gather_digits(attributes: str, press: str, digits: str) -> None:
    """What is keyed until the number of digits, the finishing key or the timeout is told to the action."""
    call, scene = run(f"<Gather action='/next' {attributes}><Say>press a key</Say></Gather>", Caller((press,), 60))
    assert told(scene)["Digits"] == digits
    assert call.outcome == "served"


def test_gather_timing() -> None:
    """The prompt plays out, then the caller keys; who barges in does not wait for it."""
    inner = "<Gather action='/next' numDigits='1'><Say loop='5'>press one</Say></Gather>"
    call, _ = run(inner, Caller(("1",), 60))
    assert stretches(call)[:3] == [("say", "press one", 4.0), ("silence", "", 1.0), ("key", "1", 0.0)]
    call, _ = run(inner, Caller(("1",), 60, barges_in=True))
    assert stretches(call)[:2] == [("say", "press one", 1.0), ("key", "1", 0.0)]
    call, _ = run(inner.replace("<Gather", "<Gather bargeIn='false'"), Caller(("1",), 60, barges_in=True))
    assert stretches(call)[0] == ("say", "press one", 4.0)


def test_gather_nothing() -> None:
    """Without input the next verb runs after the timeout, unless the action wants empty results too."""
    call, scene = run("<Gather action='/next' timeout='7'><Say>press a key</Say></Gather><Say>bye</Say>")
    assert scene.app.urls() == [PRIMARY, STATUS]
    assert stretches(call)[1:] == [("silence", "", 7.0), ("say", "bye", 0.4)]
    _, scene = run("<Gather action='/next' actionOnEmptyResult='true'/>")
    assert told(scene)["Digits"] == ""


def test_gather_speech() -> None:
    """Words count where speech is listened for, and are lost where it is not."""
    _, scene = run("<Gather input='speech' action='/next'/>", Caller(("sales please",), 60))
    assert told(scene)["SpeechResult"] == "sales please"
    assert "Digits" not in told(scene)
    _, scene = run("<Gather action='/next'/><Say>bye</Say>", Caller(("sales please",), 60))
    assert NEXT not in scene.app.urls()


def test_gather_without_action_asks_the_document_again() -> None:
    """Without an action the current document gets the digits; successive Gathers get successive presses."""
    pressed: list[str] = []

    def menu(request: object, fields: dict[str, str]) -> str:
        pressed.append(fields.get("Digits", "-"))
        return "<Gather numDigits='1'><Say>again</Say></Gather><Say>bye</Say>"

    call, _ = call_once({PRIMARY: menu}, Caller(("1", "2"), 60))
    assert pressed == ["-", "1", "2"]
    assert call.heard[-1].detail == "bye"


def test_record() -> None:
    """A beep, speech, then silence ends it; the action is told where the recording is and how long."""
    call, scene = run("<Record action='/next' timeout='4' recordingStatusCallback='/rec'/><Say>never</Say>",
                      Caller(speaks_s=6, hangs_up_after_s=60), rec=Response(204))  # fmt: skip
    assert stretches(call)[:2] == [("beep", "", 0.5), ("recording", "", 10.0)]
    assert told(scene)["RecordingDuration"] == "6"
    assert told(scene)["RecordingUrl"].startswith("https://api.twilio.com/2010-04-01/Accounts/AC")
    assert told(scene, "https://app.example/rec")["RecordingStatus"] == "completed"
    assert "Welcome to the line" in [detail for _, detail, _ in stretches(call)]


def test_record_limits() -> None:
    """maxLength cuts it off; without trimming the silence counts; without a beep there is none."""
    call, scene = run(
        "<Record action='/next' maxLength='4' playBeep='false'/>", Caller(speaks_s=6, hangs_up_after_s=60)
    )
    assert stretches(call)[0] == ("recording", "", 4.0)
    assert told(scene)["RecordingDuration"] == "4"
    _, scene = run("<Record action='/next' trim='do-not-trim'/>", Caller(speaks_s=2, hangs_up_after_s=60))
    assert told(scene)["RecordingDuration"] == "7"


@pytest.mark.parametrize(("attribute", "for_s", "digits"), [("", 3.0, "#"), ("finishOnKey='*'", 8.0, None)])
def test_record_finish_key(attribute: str, for_s: float, digits: str | None) -> None:
    """A key that finishes ends the recording at once and is told; another one does not."""
    caller = Caller(speaks_s=3, hangs_up_after_s=60, ends_recording_with="#")
    call, scene = run(f"<Record action='/next' {attribute}/>", caller)
    assert next(one for one in call.heard if one.what == "recording").for_s == pytest.approx(for_s)
    assert told(scene).get("Digits") == digits


def test_record_and_hang_up() -> None:
    """Hanging up ends the recording: the action is told so, and what it answers is not run any more."""
    call, scene = run("<Record action='/next'/>", Caller(speaks_s=50, hangs_up_after_s=10))
    assert told(scene)["Digits"] == "hangup"
    assert told(scene)["RecordingDuration"] == "9"
    assert heard(call)[-1] == "hang-up"
    assert scene.logged()[0].status == "completed"


def with_party(party: Party, address: str = AGENT) -> World:
    """A world in which this address is this party."""
    world = make_world()
    world.parties[address] = party
    return world


@pytest.mark.parametrize(
    ("party", "status", "for_s"),
    [
        (Party(after_s=3, talks_s=12), "completed", 15.0),
        (Party(busy=True), "busy", 1.0),
        (Party(answers=False), "no-answer", 25.0),
        (Party(sip_code=404), "failed", 1.0),
        (Party(after_s=40), "no-answer", 25.0),
    ],
)
def test_dial(party: Party, status: str, for_s: float) -> None:
    """The action is told how the dialled leg ended, 5 s after its timeout if nobody answered; the call goes on."""
    call, scene = run(f"<Dial action='/next' timeout='20'>{AGENT}</Dial><Say>never</Say>", world=with_party(party))
    parent, child = scene.logged()
    assert told(scene)["DialCallStatus"] == child.status == status
    assert told(scene)["DialCallSid"] == child.sid
    assert (child.direction, child.parent_sid, child.to) == ("outbound-dial", parent.sid, AGENT)
    assert (child.ended_at or 0) - child.created_at == pytest.approx(for_s, abs=0.01)
    assert told(scene)["DialBridged"] == ("true" if status == "completed" else "false")
    assert told(scene).get("DialCallDuration") == ("12" if status == "completed" else None)
    assert call.outcome == "served"
    assert parent.status == "completed"


def test_dial_without_action() -> None:
    """Without an action the next verb runs when the other end hangs up."""
    call, _ = run(f"<Dial>{AGENT}</Dial><Say>bye</Say>")
    assert stretches(call) == [("talking", AGENT, 10.0), ("say", "bye", 0.4)]


def test_dial_time_limit_and_hang_up() -> None:
    """timeLimit cuts the talk short; a caller who hangs up ends the other leg too."""
    call, scene = run(f"<Dial timeLimit='4'>{AGENT}</Dial>")
    assert stretches(call) == [("talking", AGENT, 4.0)]
    call, scene = run(f"<Dial action='/next'>{AGENT}</Dial>", Caller(hangs_up_after_s=5))
    assert [logged.status for logged in scene.logged()] == ["completed", "completed"]
    assert NEXT not in scene.app.urls()
    call, scene = run(f"<Dial>{AGENT}</Dial>", Caller(hangs_up_after_s=5), world=with_party(Party(after_s=20)))
    assert [logged.status for logged in scene.logged()] == ["completed", "canceled"]


def test_dial_several() -> None:
    """Several nouns ring at once and the first to answer wins; the others are given up."""
    world = with_party(Party(after_s=8), "+1555000001")
    world.parties["client:ann"] = Party(after_s=3, talks_s=5)
    world.parties["sip:bob@pbx.example"] = Party(busy=True)
    call, scene = run(
        "<Dial action='/next'><Number>+1555000001</Number><Client>ann</Client><Sip>sip:bob@pbx.example</Sip></Dial>",
        world=world,
    )
    assert [(child.to, child.status) for child in scene.logged()[1:]] == [
        ("+1555000001", "canceled"), ("client:ann", "completed"), ("sip:bob@pbx.example", "busy"),
    ]  # fmt: skip
    assert stretches(call)[0] == ("talking", "client:ann", 5.0)
    assert told(scene)["DialCallStatus"] == "completed"


def test_dial_sequential() -> None:
    """One after the other: a busy one costs its time, then the next is rung."""
    world = with_party(Party(answers=False), "sip:a@pbx.example")
    call, scene = run(
        "<Dial sequential='true' timeout='10' action='/next'><Sip>sip:a@pbx.example</Sip><Sip>sip:b@pbx.example</Sip>"
        "</Dial>",
        world=world,
    )
    assert [(child.to, child.status) for child in scene.logged()[1:]] == [
        ("sip:a@pbx.example", "no-answer"), ("sip:b@pbx.example", "completed"),
    ]  # fmt: skip
    assert [(one.detail, one.for_s) for one in call.heard if one.what == "ringing"] == [
        ("", 0.3), ("sip:a@pbx.example", 15.0), ("sip:b@pbx.example", 1.0),
    ]  # fmt: skip
    assert told(scene)["DialSipResponseCode"] == "200"


def test_dial_own_number_goes_through_the_network() -> None:
    """A number of the account that is dialled arrives as a call of its own and rings its own application."""
    world = make_world()
    other = Number(world.mint("PN"), "+14155550101", "Other", 0.0)
    world.numbers[other.e164] = other
    world.regions["us1"].numbers[other.sid] = NumberVoice(Voice(voice_url="https://other.example/"))
    call, scene = call_once(
        {PRIMARY: "<Dial action='/next'>+14155550101</Dial>", NEXT: SERVES,
         "https://other.example/": "<Say>one two three four five</Say>"}, LONG, world=world,
    )  # fmt: skip
    assert [(one.direction, one.status) for one in scene.logged()] == [
        ("inbound", "completed"), ("outbound-dial", "completed"), ("inbound", "completed"),
    ]  # fmt: skip
    assert stretches(call)[0] == ("talking", "+14155550101", 2.0)
    assert told(scene)["DialCallDuration"] == "2"
    assert len(world.network_calls) == 2
    # Whoever hangs up first, the other leg ends too.
    call, scene = call_once({PRIMARY: "<Dial>+14155550101</Dial>", "https://other.example/": "<Play loop='0'>x</Play>"},
                            Caller(hangs_up_after_s=9), world=world)  # fmt: skip
    ended = [network.ended_at for network in list(world.network_calls.values())[2:]]
    assert ended == [pytest.approx(call.dialled_at + 9)] * 2


def test_dial_callbacks_and_whisper() -> None:
    """A noun's events are told in order; its url runs on the callee alone before the two are connected."""
    call, scene = run(
        "<Dial><Number url='/whisper' statusCallback='/leg' statusCallbackEvent='initiated ringing answered completed'>"
        f"{AGENT}</Number></Dial>",
        whisper="<Say>a call from support line</Say>", leg=Response(204),
    )  # fmt: skip
    leg = scene.app.fields("https://app.example/leg")
    assert [(one["SequenceNumber"], one["CallStatus"]) for one in leg] == [
        ("0", "initiated"), ("1", "ringing"), ("2", "in-progress"), ("3", "completed"),
    ]  # fmt: skip
    assert {one["ParentCallSid"] for one in leg} == {call.call_sid}
    assert told(scene, "https://app.example/whisper")["Direction"] == "outbound-dial"
    assert call.heard[1].for_s == pytest.approx(1.0 + 2.0)
    assert stretches(call) == [("talking", AGENT, 10.0)]
    _, scene = run(f"<Dial action='/next'><Number url='/whisper'>{AGENT}</Number></Dial>", whisper="<Hangup/>")
    assert told(scene)["DialBridged"] == "false"


def test_dial_what_is_not_acted_out() -> None:
    """WhatsApp is warned of and skipped; bad values are warned of and the default is used."""
    call, scene = run("<Dial><WhatsApp>+15550001111</WhatsApp></Dial><Say>bye</Say>")
    assert scene.codes() == ["12200"]
    assert heard(call)[-1] == "say"
    _, scene = run(f"<Dial timeout='soon'>{AGENT}</Dial>")
    assert scene.codes() == ["13212"]


def test_enqueue_until_patience_ends() -> None:
    """Without an agent the caller hears music until they give up, and the action is told so."""
    call, scene = run("<Enqueue action='/next'>support</Enqueue>", Caller(hangs_up_after_s=40))
    assert stretches(call) == [("hold-music", "queue:support", 39.7), ("hang-up", "", 0.0)]
    assert (told(scene)["QueueResult"], told(scene)["QueueTime"]) == ("hangup", "40")
    assert (call.outcome, scene.logged()[0].status) == ("served", "completed")


def test_enqueue_and_an_agent() -> None:
    """An agent takes the caller in the middle of the music, talks, and the action goes on."""
    world = with_party(Party(after_s=12, talks_s=30), "queue:support")
    call, scene = run(
        "<Enqueue action='/next' waitUrl='/wait'>support</Enqueue>",
        world=world,
        wait="<Play>/m.mp3</Play><Say>wait</Say>",
    )
    assert ("talking", "queue:support", 30.0) in stretches(call)
    assert (told(scene)["QueueResult"], told(scene)["QueueTime"]) == ("bridged", "12")
    waits = scene.app.fields("https://app.example/wait")
    assert len(waits) == 3
    assert [wait["QueuePosition"] for wait in waits] == ["1", "1", "1"]
    assert waits[0]["QueueSid"] == told(scene)["QueueSid"]
    talk = next(one for one in call.heard if one.what == "talking")
    assert talk.at_s == pytest.approx(12.3, abs=0.01)


@pytest.mark.parametrize(
    ("wait", "result", "last"),
    [
        ("<Say>x</Say><Leave/>", "leave", "Welcome to the line"),
        ("<Redirect>/wait2</Redirect>", "leave", "Welcome to the line"),
        (Response(500), "error", "Welcome to the line"),
        ("<Say>full</Say><Hangup/>", None, "full"),
    ],
)
def test_enqueue_wait_documents(wait: Answer, result: str | None, last: str) -> None:
    """The waiting document can leave, send elsewhere, hang up, or be broken, which never asks the fallback."""
    call, scene = run(
        "<Enqueue action='/next' waitUrl='/wait'>support</Enqueue>", wait=wait, wait2="<Pause length='2'/><Leave/>"
    )
    assert [one["QueueResult"] for one in scene.app.fields(NEXT)] == ([result] if result else [])
    assert call.heard[-1].detail == last
    assert FALLBACK not in scene.app.urls()


def test_empty_wait_document_does_not_spin() -> None:
    """A waiting document with nothing in it is asked again at a bearable pace."""
    _, scene = run("<Enqueue waitUrl='/wait'>support</Enqueue>", Caller(hangs_up_after_s=20), wait="")
    assert 15 <= scene.app.urls().count("https://app.example/wait") <= 25


def test_queue_positions() -> None:
    """Callers of one queue know their place; it moves up when one in front gives up."""

    async def script(scene: Scene) -> None:
        for patience_s in (10, 40):
            scene.switchboard.dial(CALLER, NUMBER, Caller(hangs_up_after_s=patience_s))
            await scene.clock.sleep(1)
        await scene.clock.sleep(60)

    scene = play(script, {PRIMARY: "<Enqueue waitUrl='/wait'>support</Enqueue>",
                          "https://app.example/wait": "<Pause length='5'/>"})  # fmt: skip
    second = scene.world.network_calls[list(scene.world.network_calls)[1]].call_sid
    waits = [one for one in scene.app.fields("https://app.example/wait") if one["CallSid"] == second]
    assert [one["QueuePosition"] for one in waits] == ["2", "2", "1", "1", "1", "1", "1", "1"]
    assert waits[0]["CurrentQueueSize"] == "2"
