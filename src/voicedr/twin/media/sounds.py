"""What each thing that a line hears sounds like, made once and kept for a while."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from voicedr.twin.media import tones
from voicedr.twin.media.speech import spoken
from voicedr.wire import g711, wav

KEPT_BYTES_MAX = 32 * 1024 * 1024
"""More than an hour of sound."""

HELLO = "Hello. This is a simulated party."
HELLO_EVERY_S = 4.0
"""How long a simulated party is silent between two greetings. Assumption, as that they speak at all."""

NOT_READ_S = 5.0
"""How long the tone lasts that stands for a file in a coding that cannot be played here, MP3 for one."""

Speak = Callable[[str], Awaitable[bytes | None]]
"""Gives samples for a text, or None."""

_ENDLESS: dict[str, Callable[[], bytes]] = {
    "ringing": tones.ringing,
    "busy": tones.busy,
    "tone": tones.congestion,
    "not-connected": tones.congestion,
    "hold-music": tones.hold_music,
}
_SPOKEN = frozenset({"say", "error-message"})


@dataclass(frozen=True, slots=True)
class Sound:
    """Something to be heard: mu-law, 8,000 samples a second; again and again if it repeats."""

    mu_law: bytes
    repeats: bool = False


class Sounds:
    """Makes sounds, beside whatever else is going on."""

    def __init__(self, speak: Speak = spoken) -> None:
        self._speak = speak
        self._kept: dict[str, Sound] = {}
        self._bytes = 0
        self._making: dict[str, asyncio.Task[None]] = {}
        self._wanted: dict[str, list[Callable[[Sound], None]]] = {}

    def request(self, what: str, detail: str, file: bytes, done: Callable[[Sound], None]) -> bool:
        """Have a sound made and given; it may be given at once. False if this is heard as silence."""
        if what == "tone" and detail == "busy":
            what = "busy"
        known = what in _ENDLESS or what in _SPOKEN or what in {"beep", "talking"} or (what == "play" and file)
        if not known or (what in _SPOKEN and not detail.split()):
            return False
        if what in _SPOKEN:
            which = f"say {detail}"
        elif what == "play":
            which = f"play {hashlib.sha256(file).hexdigest()}"
        else:
            which = what
        if (kept := self._kept.get(which)) is not None:
            done(kept)
            return True
        self._wanted.setdefault(which, []).append(done)
        if which not in self._making:
            self._making[which] = asyncio.get_running_loop().create_task(self._make(which, what, detail, file))
        return True

    async def close(self) -> None:
        """Stop making."""
        tasks = list(self._making.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make(self, which: str, what: str, detail: str, file: bytes) -> None:
        try:
            sound = await self._made(what, detail, file)
        finally:
            del self._making[which]
            waiting = self._wanted.pop(which)
        self._keep(which, sound)
        for done in waiting:
            done(sound)

    async def _made(self, what: str, detail: str, file: bytes) -> Sound:
        if what == "play":
            return Sound(await asyncio.to_thread(_of_file, file))
        if what in _SPOKEN:
            return Sound(await self._said(detail))
        if what == "talking":
            return Sound(await self._said(HELLO) + g711.MU_SILENCE * round(HELLO_EVERY_S * g711.RATE), repeats=True)
        if what == "beep":
            return Sound(g711.mu_law(tones.beep()))
        return Sound(g711.mu_law(await asyncio.to_thread(_ENDLESS[what])), repeats=True)

    async def _said(self, text: str) -> bytes:
        samples = await self._speak(text)
        if samples is None:
            samples = await asyncio.to_thread(tones.words, text)
        return await asyncio.to_thread(g711.mu_law, samples)

    def _keep(self, which: str, sound: Sound) -> None:
        self._kept[which] = sound
        self._bytes += len(sound.mu_law)
        while self._bytes > KEPT_BYTES_MAX and self._kept:
            self._bytes -= len(self._kept.pop(next(iter(self._kept))).mu_law)


def _of_file(file: bytes) -> bytes:
    """A file's sound; a tone if it is of a kind that is not read."""
    try:
        return g711.mu_law(wav.samples(wav.read(file)))
    except wav.BadWav:
        return g711.mu_law(tones.tone((800,), NOT_READ_S))
