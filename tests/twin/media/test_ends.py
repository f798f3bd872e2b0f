"""What is heard at each end, frame by frame, and where keys go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from voicedr.twin.faults import MediaEffect
from voicedr.twin.media import sounds, speech, tones
from voicedr.twin.media.ends import SILENT_FRAME, End, Extension
from voicedr.twin.media.sounds import Sound, Sounds
from voicedr.wire import g711, wav
from voicedr.wire.rtp import STEP


class Held(End):
    """A phone that says one byte again and again, and remembers the keys that it is sent."""

    def __init__(self, made: Sounds, says: int) -> None:
        super().__init__(made)
        self.says = bytes([says]) * STEP
        self.sent = ""

    @property
    def quiet_s(self) -> float:
        return 1.5

    def pressed(self, key: str, by: End | None) -> None:
        self.sent += key

    def says_to(self, asker: End) -> bytes | None:
        return self.says


def run(script: Callable[[Sounds], Awaitable[None]], *, samples: bytes | None = b"\x40\1" * 400) -> None:
    """Run with somebody who says these samples, whatever the text."""

    async def speak(text: str) -> bytes | None:
        return samples

    async def main() -> None:
        made = Sounds(speak)
        await script(made)
        await made.close()

    asyncio.run(main())


async def made(end: End) -> None:
    """Wait until what it hears has been made."""
    await asyncio.wait_for(asyncio.gather(*end._sounds._making.values()), 5)
    assert end._ticket is None


async def asked(of: Sounds, what: str, detail: str, file: bytes = b"") -> Sound:
    """Have a sound made."""
    found: asyncio.Future[Sound] = asyncio.get_running_loop().create_future()
    assert of.request(what, detail, file, found.set_result)
    return await asyncio.wait_for(found, 5)


def test_a_sound_is_heard_once_to_its_end() -> None:
    """It is playing until its last frame is heard; then the bell rings and there is silence."""

    async def script(all_sounds: Sounds) -> None:
        end, rings = Held(all_sounds, 1), []
        end.bell.listen(lambda: rings.append(end.playing))
        end.hears("say", "Hello")
        assert end.playing
        await made(end)
        frames = []
        while end.playing:
            frames.append(end.heard())
        assert b"".join(frames) == (g711.mu_law(b"\x40\1") * 400).ljust(480, g711.MU_SILENCE)
        assert rings == [False]
        assert end.heard() == SILENT_FRAME

    run(script)


def test_something_else_takes_its_place_at_once() -> None:
    """What was asked for before is not heard any more, even if it is made later."""

    async def script(all_sounds: Sounds) -> None:
        end = Held(all_sounds, 1)
        end.hears("say", "Hello")
        end.hears("silence", "")
        assert not end.playing
        await asyncio.sleep(0.05)
        assert end.heard() == SILENT_FRAME

    run(script)


@pytest.mark.parametrize("what", ["ringing", "tone", "not-connected", "hold-music", "talking"])
def test_sounds_without_an_end(what: str) -> None:
    """Tones go on, are loud at once, and are not waited for."""

    async def script(all_sounds: Sounds) -> None:
        end = Held(all_sounds, 1)
        end.hears(what, "busy")
        await made(end)
        assert not end.playing
        heard = [end.heard() != SILENT_FRAME for _ in range(1000)]
        assert heard[0]
        assert any(heard[500:])

    run(script)


def test_two_phones_and_their_keys() -> None:
    """Each hears what the other says and is sent its keys; apart again, they hear nothing."""

    async def script(all_sounds: Sounds) -> None:
        one, two = Held(all_sounds, 1), Held(all_sounds, 2)
        one.connect(two)
        assert (one.heard(), two.heard()) == (two.says, one.says)
        one.key("5")
        two.key("#")
        assert (one.sent, two.sent, one.take(), two.keyed) == ("#", "5", "5", "#")
        one.disconnect()
        assert (one.heard(), two.heard()) == (SILENT_FRAME, SILENT_FRAME)

    run(script)


def test_through_numbers_that_have_dialled_on() -> None:
    """Two phones with two extensions between them hear each other, and the keys of one reach everything on the way."""

    async def script(all_sounds: Sounds) -> None:
        one, two = Held(all_sounds, 1), Held(all_sounds, 2)
        near = one.extension()
        one.connect(near)
        far = near.extension()
        near.connect(far)
        far.connect(two)
        assert (one.heard(), two.heard()) == (two.says, one.says)
        one.key("7")
        assert [end.keyed for end in (one, near, far)] == ["7", "7", "7"]
        assert two.sent == "7"
        two.key("8")
        assert one.sent == "8"
        assert (near.quiet_s, far.quiet_s) == (1.5, 1.5)
        far.disconnect()
        assert one.heard() == SILENT_FRAME

    run(script)


def test_what_is_played_at_an_extension_waits_for_the_phone() -> None:
    """Nothing of it is lost while nobody is connected."""

    async def script(all_sounds: Sounds) -> None:
        phone = Held(all_sounds, 1)
        extension = phone.extension()
        assert isinstance(extension, Extension)
        extension.hears("say", "Hello")
        await made(extension)
        assert extension.playing
        phone.connect(extension)
        assert phone.heard() == g711.mu_law(b"\x40\1") * STEP
        phone.heard()
        phone.heard()
        assert not extension.playing

    run(script)


@pytest.mark.parametrize(
    ("effect", "heard_at", "keyed"),
    [
        (MediaEffect(), (2, 1), "5"),
        (MediaEffect(deaf=True), (None, 1), "5"),
        (MediaEffect(mute=True), (2, None), ""),
        (MediaEffect(keys="lost"), (2, 1), ""),
        (MediaEffect(keys="doubled"), (2, 1), "55"),
    ],
)
def test_what_is_lost(effect: MediaEffect, heard_at: tuple[int | None, int | None], keyed: str) -> None:
    """What a fault takes from the number that was called is not heard, or not keyed, at the other side."""

    async def script(all_sounds: Sounds) -> None:
        one, two = Held(all_sounds, 1), Held(all_sounds, 2)
        number = one.extension()
        number.suffers(lambda: effect)
        one.connect(number)
        number.connect(two)
        frames = [SILENT_FRAME if says is None else bytes([says]) * STEP for says in heard_at]
        assert [one.heard(), two.heard()] == frames
        one.key("5")
        assert (two.sent, number.keyed) == (keyed, keyed)

    run(script)


def test_a_fault_that_begins_and_ends() -> None:
    """It is noticed within half a second, both ways."""

    async def script(all_sounds: Sounds) -> None:
        one, two = Held(all_sounds, 1), Held(all_sounds, 2)
        now = [MediaEffect(), MediaEffect(deaf=True), MediaEffect()]
        one.suffers(lambda: now[0])
        one.connect(two)
        found = []
        for _ in range(3):
            found.append([one.heard() for _ in range(26)][-1] == SILENT_FRAME)
            del now[0]
            now.append(MediaEffect())
        assert found == [False, True, False]

    run(script)


def test_whoever_has_gone_is_not_waited_for() -> None:
    """When a phone is closed in the middle of a sound the bell rings, and nothing that comes after plays."""

    async def script(all_sounds: Sounds) -> None:
        end, rings = Held(all_sounds, 1), []
        end.hears("say", "Hello")
        end.bell.listen(lambda: rings.append(end.playing))
        end.close()
        end.hears("say", "Hello")
        assert (rings, end.playing) == ([False], False)

    run(script)


def test_words_are_tones_where_nobody_can_speak() -> None:
    """Without a program that speaks every word is a tone, the same one for the same word."""

    async def script(all_sounds: Sounds) -> None:
        found = await asked(all_sounds, "say", "one two one")
        word = round((tones.WORD_S + tones.GAP_S) * g711.RATE)
        first, second, third = (found.mu_law[at * word : (at + 1) * word] for at in range(3))
        assert first == third != second
        assert await asked(all_sounds, "error-message", "one two one") is found

    run(script, samples=None)


def test_a_file_in_another_coding_is_a_tone() -> None:
    """What is played instead of an MP3 file can be heard, and has an end."""

    async def script(all_sounds: Sounds) -> None:
        end = Held(all_sounds, 1)
        end.hears("play", "https://app.example/a.mp3", b"ID3...")
        await made(end)
        count = 0
        while end.playing:
            assert end.heard() != SILENT_FRAME
            count += 1
        assert count == sounds.NOT_READ_S * 50

    run(script)


def test_what_is_kept_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old sounds are forgotten when too many bytes are kept."""
    monkeypatch.setattr(sounds, "KEPT_BYTES_MAX", 10_000)

    async def script(all_sounds: Sounds) -> None:
        for number in range(10):
            await asked(all_sounds, "play", "", wav.of_mu_law(bytes([number]) * 3000))
        assert all_sounds._bytes == sum(len(one.mu_law) for one in all_sounds._kept.values()) <= 10_000

    run(script)


def test_speech(monkeypatch: pytest.MonkeyPatch) -> None:
    """With espeak-ng somebody speaks, also what looks like an option; without it nobody does."""
    if speech.available():
        assert len(asyncio.run(speech.spoken("-v de --help")) or b"") > g711.RATE
    monkeypatch.setattr(speech, "PROGRAM", "no-such-program")
    assert not speech.available()
    assert asyncio.run(speech.spoken("Hello")) is None
