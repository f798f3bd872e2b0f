"""With a real phone at the end of the line, verbs last as long as the phone says, and its keys count."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

from switchboard_scene import CALLER, NUMBER, PRIMARY, Answer, Scene, play
from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.commands import Bell
from voicedr.twin.calls.phone import Phone
from voicedr.twin.faults import MediaEffect
from voicedr.twin.world.model import NetworkCall, Number, NumberVoice, Party, Voice
from voicedr.wire.http import Response

LASTS_S = {"say": 2.5, "play": 4.0, "beep": 0.5, "error-message": 3.3, "digits": 0.6}
NEXT = "https://app.example/next"


@dataclass
class FakePhone:
    """Somebody who keys and speaks at set times after the call began, and to whom every sound lasts as above."""

    scene: Scene
    keys: tuple[tuple[float, str], ...] = ()
    speaks_until_s: float = 0.0
    bell: Bell = field(default_factory=Bell)
    keyed: str = ""
    heard: list[tuple[float, str, str]] = field(default_factory=list)
    with_whom: list[Phone | None] = field(default_factory=list)
    begun: float = 0.0
    _ends_at: float = 0.0

    def start(self) -> None:
        self.begun = self.scene.now
        for at, key in self.keys:
            self._later(at, self._key, key)

    @property
    def playing(self) -> bool:
        return self.scene.now < self._ends_at - 1e-6

    @property
    def quiet_s(self) -> float:
        return max(0.0, self.scene.now - self.begun - self.speaks_until_s)

    def take(self) -> str:
        taken, self.keyed = self.keyed, ""
        return taken

    def hears(self, what: str, detail: str, sound: bytes = b"") -> None:
        now = self.scene.now
        self.heard.append((round(now - self.begun, 2), what, detail))
        self._ends_at = now + LASTS_S.get(what, 0.0)
        if what in LASTS_S:
            self._later(LASTS_S[what], self.bell.ring)

    def connect(self, other: Phone) -> None:
        self.with_whom.append(other)

    def disconnect(self) -> None:
        self.with_whom.append(None)

    def suffers(self, effect: Callable[[], MediaEffect | None]) -> None:
        """Keys that are lost are lost by the phone's media, not here."""

    def extension(self) -> Phone:
        return FakePhone(self.scene, begun=self.begun)

    def _key(self, key: str) -> None:
        self.keyed += key
        self.bell.ring()

    def _later(self, seconds: float, do: Callable[..., None], *arguments: Any) -> None:
        async def wait() -> None:
            await self.scene.clock.sleep(seconds)
            do(*arguments)

        WAITING.add(asyncio.ensure_future(wait()))


WAITING: set[asyncio.Future[None]] = set()


def placed(scene: Scene, phone: FakePhone, number: str = NUMBER, hangs_up_after_s: float = 60.0) -> NetworkCall:
    """A call from the network by this phone."""
    scene.world.settings.setup_s = 0.0
    phone.start()
    return scene.switchboard._place(CALLER, number, Caller(hangs_up_after_s=hangs_up_after_s), False, phone)[0]


def call(
    document: str,
    answers: dict[str, Answer] | None = None,
    *,
    prepare: Callable[[Scene], object] | None = None,
    **phone: Any,
) -> tuple[FakePhone, Scene]:
    """A call by a real phone to a number whose application answers with this."""
    made: list[FakePhone] = []

    async def script(scene: Scene) -> None:
        if prepare is not None:
            prepare(scene)
        made.append(FakePhone(scene, **phone))
        await scene.switchboard.ended(placed(scene, made[0]).id)
        await scene.clock.sleep(30)

    scene = play(script, {PRIMARY: document, NEXT: "<Hangup/>"} | (answers or {}))
    return made[0], scene


def told(scene: Scene, url: str = NEXT) -> list[tuple[float, str | None]]:
    """When a URL was asked, and with which Digits."""
    return [(round(asked.at, 1), asked.fields.get("Digits")) for asked in scene.app.asked if asked.url == url]


def redirect(document: str) -> str:
    """The document, and then whatever is next."""
    return f"{document}<Redirect>/next</Redirect>"


WAV = Response(200, (("Content-Type", "audio/x-wav; x=y"),), b"RIFF and so on")


@pytest.mark.parametrize(
    ("verb", "lasts_s"),
    [
        ("<Say>Hello</Say>", 2.5),
        ('<Say loop="3">Hello</Say>', 7.5),
        ('<Say loop="0">Hello</Say>', None),
        ('<Play loop="2">/a.wav</Play>', 8.0),
        ('<Play digits="12"/>', 0.6),
        ('<Pause length="2"/>', 2.0),
    ],
)
def test_how_long_it_lasts(verb: str, lasts_s: float | None) -> None:
    """A verb ends when the phone has heard all of it, not when words have been counted."""
    phone, scene = call(redirect(verb), {"https://app.example/a.wav": WAV})
    assert told(scene) == ([] if lasts_s is None else [(lasts_s, None)])
    if lasts_s is None:
        assert len([one for one in phone.heard if one[1] == "say" and one[0] < 60]) == 24


def test_what_cannot_be_heard_takes_its_time() -> None:
    """A caller whose sound is lost is told nothing, and what is said to them lasts as long."""
    lost = partial(Scene.breaks, fault="one-way-audio-to-caller-lost")
    phone, scene = call(redirect("<Say>Hello</Say>"), prepare=lost)
    assert ("say", "Hello") in [(what, detail) for _, what, detail in phone.heard]
    assert told(scene) == [(2.5, None)]


def test_the_error_message() -> None:
    """The error message is heard to its end before the call is over."""
    phone, scene = call("", {PRIMARY: Response(500), "https://spare.example/voice": Response(500)})
    (network,) = scene.world.network_calls.values()
    assert network.outcome == "error-message"
    assert network.ended_at is not None
    assert network.ended_at - network.dialled_at == pytest.approx(3.3, abs=0.01)
    assert "error-message" in [what for _, what, _ in phone.heard]


GATHER = '<Gather action="/next" {}><Say>Enter</Say></Gather><Redirect>/next?late</Redirect>'


@pytest.mark.parametrize(
    ("attributes", "keys", "asked"),
    [
        ('numDigits="2"', ((1.0, "1"), (1.5, "2"), (1.6, "3")), (1.5, "12")),
        ("", ((3.0, "1"), (4.0, "2"), (5.0, "#")), (5.0, "12")),
        ('timeout="3"', ((3.0, "1"), (5.9, "2")), (8.9, "12")),
        ('timeout="3"', ((3.0, "1"), (6.1, "2")), (6.0, "1")),
        ('timeout="3"', (), (5.5, None)),
        ('timeout="3" actionOnEmptyResult="true"', (), (5.5, "")),
        ('finishOnKey="*"', ((3.0, "#"), (3.5, "*")), (3.5, "#")),
        ('finishOnKey="" numDigits="2"', ((3.0, "#"), (3.5, "*")), (3.5, "#*")),
        ('bargeIn="false" timeout="2"', ((1.0, "1"), (3.0, "2")), (5.0, "2")),
        ('input="speech" timeout="2"', ((1.0, "1"), (3.0, "2")), (4.5, None)),
    ],
)
def test_gather(attributes: str, keys: tuple[tuple[float, str], ...], asked: tuple[float, str | None]) -> None:
    """numDigits, finishOnKey, timeout, bargeIn and actionOnEmptyResult work on keys that really come."""
    _, scene = call(GATHER.format(attributes), keys=keys)
    assert told(scene) == [asked]


def test_keys_before_gather_do_not_count() -> None:
    """What is keyed before the Gather is not its Digits."""
    document = "<Say>Hello</Say>" + GATHER.format("numDigits='1'")
    _, scene = call(document, keys=((1.0, "9"), (4.0, "1")))
    assert told(scene) == [(4.0, "1")]


@pytest.mark.parametrize(
    ("attributes", "spoken_s", "keys", "ended"),
    [
        ('timeout="2" playBeep="false"', 4.0, (), (6.0, None, "4")),
        ('timeout="2"', 4.0, (), (6.0, None, "4")),
        ('timeout="2" trim="do-not-trim" playBeep="false"', 4.0, (), (6.0, None, "6")),
        ('playBeep="false"', 9.0, ((3.0, "7"),), (3.0, "7", "3")),
        ('finishOnKey="#" playBeep="false" maxLength="5"', 9.0, ((3.0, "7"),), (5.0, None, "5")),
    ],
)
def test_record(
    attributes: str, spoken_s: float, keys: tuple[tuple[float, str], ...], ended: tuple[float, str | None, str]
) -> None:
    """A recording ends after real silence, by a key that finishes, or at its longest, and has that length."""
    _, scene = call(f'<Record action="/next" {attributes}/>', speaks_until_s=spoken_s, keys=keys)
    (asked,) = [one for one in scene.app.asked if one.url == NEXT]
    assert (asked.at, asked.fields.get("Digits")) == (pytest.approx(ended[0], abs=0.26), ended[1])
    assert int(asked.fields["RecordingDuration"]) == pytest.approx(float(ended[2]), abs=0.5)


def test_a_call_through_the_network_is_the_phones() -> None:
    """A phone that calls a number which dials another number hears what that one says, once the two are connected."""

    async def script(scene: Scene) -> None:
        world = scene.world
        other = world.numbers["+14155550101"] = Number(world.mint("PN"), "+14155550101", "Other", scene.now)
        world.regions["us1"].numbers[other.sid] = NumberVoice(Voice(voice_url="https://app.example/other"))
        phones.append(FakePhone(scene))
        await scene.switchboard.ended(placed(scene, phones[0]).id)

    phones: list[FakePhone] = []
    answers: dict[str, Answer] = {
        PRIMARY: "<Dial>+14155550101</Dial>",
        "https://app.example/other": "<Say>Other</Say>",
    }
    play(script, answers)
    (with_other, after) = phones[0].with_whom
    assert isinstance(with_other, FakePhone)
    assert [what for _, what, _ in with_other.heard] == ["ringing", "ringing", "say", "silence"]
    assert after is None
    assert "say" not in [what for _, what, _ in phones[0].heard]


def test_star_ends_a_dial() -> None:
    """With hangupOnStar a real ``*`` ends the talk; another key does not."""
    document = redirect('<Dial hangupOnStar="true">+442079460123</Dial>')

    def answered(scene: Scene) -> None:
        scene.world.parties["+442079460123"] = Party(after_s=1.0, talks_s=40)

    phone, scene = call(document, prepare=answered, keys=((3.0, "5"), (7.0, "*")))
    assert told(scene)[0][0] == pytest.approx(7.0, abs=0.3)
    assert ("talking", "+442079460123") in [(what, detail) for _, what, detail in phone.heard]


def test_a_waiting_caller_is_taken_in_the_middle_of_a_prompt() -> None:
    """A prompt heard in a queue is cut short as soon as an agent comes, and the two real phones are connected."""

    async def script(scene: Scene) -> None:
        agent_number = Number(scene.world.mint("PN"), "+14155550102", "Agents", scene.now)
        scene.world.numbers[agent_number.e164] = agent_number
        voice = NumberVoice(Voice(voice_url="https://app.example/agent"))
        scene.world.regions["us1"].numbers[agent_number.sid] = voice
        for number, hangs_up_after_s in ((NUMBER, 60.0), (agent_number.e164, 10.0)):
            phones.append(FakePhone(scene))
            calls.append(placed(scene, phones[-1], number, hangs_up_after_s))
            await scene.clock.sleep(3.5)
        for one in calls:
            await scene.switchboard.ended(one.id)

    phones: list[FakePhone] = []
    calls: list[Any] = []
    answers: dict[str, Answer] = {
        PRIMARY: '<Enqueue waitUrl="/wait">support</Enqueue>',
        "https://app.example/wait": '<Play loop="10">/a.wav</Play>',
        "https://app.example/a.wav": WAV,
        "https://app.example/agent": "<Dial><Queue>support</Queue></Dial>",
    }
    play(script, answers)
    taken = next(at for at, what, _ in phones[0].heard if what == "talking")
    assert taken == pytest.approx(3.5, abs=0.1)
    assert phones[0].with_whom == [phones[1], None]
