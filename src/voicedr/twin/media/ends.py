"""The ends of a connection: real phones and the network's ends that they are connected with.

Every end plays what it is told to hear. What is heard at a phone is that or, while it is told nothing that sounds,
what comes from the end that it is connected with:

    phone ──── phone                    each other
    phone ──── extension                what a script plays at the extension
    phone ──── extension ──── phone     each other, through a number that has dialled on
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from voicedr.twin.calls.commands import Bell
from voicedr.twin.calls.phone import Phone
from voicedr.twin.faults import MediaEffect
from voicedr.twin.media.sounds import Sound, Sounds
from voicedr.wire import g711
from voicedr.wire.rtp import KEYS, STEP

KEYED_MAX = 1000
EFFECTS_MAX = 16
LOOKS_EVERY = 25
"""Frames between two looks at what is lost: half a second."""

SILENT_FRAME = g711.MU_SILENCE * STEP


class End:
    """What phones and extensions have in common. Time passes by calling ``heard``, once every 20 ms."""

    def __init__(self, sounds: Sounds) -> None:
        self.bell = Bell()
        self.other: End | None = None
        self._sounds = sounds
        self._sound: Sound | None = None
        self._at = 0
        self._ticket: object = None
        self._keyed = ""
        self._effects: list[Callable[[], MediaEffect | None]] = []
        self._lost = MediaEffect()
        self._looks_in = 0
        self._gone = False

    @property
    def playing(self) -> bool:
        """Whether something with an end is still to be heard."""
        return self._ticket is not None or (self._sound is not None and not self._sound.repeats)

    @property
    def keyed(self) -> str:
        """The keys that were not taken."""
        return self._keyed

    @property
    def quiet_s(self) -> float:
        """For how long nothing was said from here."""
        raise NotImplementedError  # Each kind of end has its own.

    def take(self) -> str:
        """Take them."""
        taken, self._keyed = self._keyed, ""
        return taken

    def hears(self, what: str, detail: str, sound: bytes = b"") -> None:
        """Play this from its beginning; the frames of ``talking`` are those of the other end if there is one."""
        self._stop()
        if what == "digits" and not self._gone:
            for key in detail.upper():
                self.pressed(key, None)
        elif not self._gone and not (what == "talking" and self.other is not None):
            ticket = self._ticket = object()
            if not self._sounds.request(what, detail, sound, partial(self._begin, ticket)):
                self._ticket = None

    def suffers(self, effect: Callable[[], MediaEffect | None]) -> None:
        """Ask this, too, what is lost."""
        if len(self._effects) < EFFECTS_MAX:
            self._effects.append(effect)
            self._looks_in = 0

    def connect(self, other: Phone) -> None:
        """Hear the other and be heard by it."""
        if not isinstance(other, End):
            raise TypeError(f"a phone of these media cannot be connected with {type(other).__name__}")
        self.disconnect()
        self._stop()
        self.other = other
        other.joined(self)

    def disconnect(self) -> None:
        """Be alone again."""
        other, self.other = self.other, None
        if other is not None:
            other.left(self)

    def close(self) -> None:
        """Whoever holds it has gone: nothing is heard here any more, and whoever waits for its end is told."""
        self._gone = True
        self.disconnect()
        self._stop()
        self.bell.ring()

    def extension(self) -> Extension:
        """A network's end that this can be connected with."""
        return Extension(self._sounds)

    def joined(self, by: End) -> None:
        """Another has connected itself with this one."""
        self.disconnect()
        self._stop()
        self.other = by

    def left(self, by: End) -> None:
        """The other has gone."""
        if self.other is by:
            self.other = None

    def key(self, pressed: str) -> None:
        """A key has come from whoever holds the phone; it goes to the script and to the other end."""
        effect = self.lost(now=True)
        if pressed not in KEYS or effect.mute or effect.keys == "lost":
            return
        for _ in range(2 if effect.keys == "doubled" else 1):
            if len(self._keyed) < KEYED_MAX:
                self._keyed += pressed
            if self.other is not None:
                self.other.pressed(pressed, self)
        self.bell.ring()

    def pressed(self, key: str, by: End | None) -> None:
        """Send a key, or a pause, to whoever is here."""
        raise NotImplementedError  # Each kind of end has its own.

    def says_to(self, asker: End) -> bytes | None:
        """The next frame of what comes from here; None if that is silence."""
        raise NotImplementedError  # Each kind of end has its own.

    def played(self) -> bytes | None:
        """The next frame of what this end is told to hear; None if that is silence."""
        sound = self._sound
        if sound is None:
            return None
        frame = sound.mu_law[self._at : self._at + STEP]
        self._at += STEP
        if sound.repeats and len(frame) < STEP:
            self._at = STEP - len(frame)
            frame += sound.mu_law[: self._at]
        elif not sound.repeats and self._at >= len(sound.mu_law):
            self._sound = None
            self.bell.ring()
        return frame.ljust(STEP, g711.MU_SILENCE)

    def heard(self) -> bytes:
        """The next frame of what is heard here."""
        own = self.played()
        other = self.other.says_to(self) if self.other is not None else None
        frame = own or other
        return SILENT_FRAME if frame is None or self.lost().deaf else frame

    def lost(self, *, now: bool = False) -> MediaEffect:
        """What is lost; looked at every half second, or now."""
        self._looks_in -= 1
        if self._effects and (now or self._looks_in < 0):
            self._looks_in = LOOKS_EVERY
            found = MediaEffect()
            for ask in self._effects:
                if (effect := ask()) is not None:
                    found = MediaEffect(
                        found.deaf or effect.deaf, found.mute or effect.mute, keys=found.keys or effect.keys
                    )
            self._lost = found
        return self._lost

    def _begin(self, ticket: object, sound: Sound) -> None:
        """A sound that was asked for is there; too late if something else was asked for since."""
        if self._ticket is ticket:
            self._ticket = None
            self._at = 0
            self._sound = sound if sound.mu_law else None
            if self._sound is None:
                self.bell.ring()

    def _stop(self) -> None:
        self._ticket = self._sound = None


class Extension(End):
    """The network's end of a call that a phone has placed.

    Its time passes while a phone is connected with it: what is played before waits. ``other`` is whom a script here
    connects it with, ``phone`` whoever has called.
    """

    def __init__(self, sounds: Sounds) -> None:
        super().__init__(sounds)
        self.phone: End | None = None

    @property
    def quiet_s(self) -> float:
        """For how long nothing came from the phone."""
        return 0.0 if self.phone is None else self.phone.quiet_s

    def joined(self, by: End) -> None:
        """Whoever has called is here."""
        self.phone = by

    def left(self, by: End) -> None:
        if self.phone is by:
            self.phone = None
        super().left(by)

    def pressed(self, key: str, by: End | None) -> None:
        """From the phone it is a key here; from the other side it goes on to the phone."""
        if by is not None and by is self.phone:
            self.key(key)
        elif self.phone is not None:
            self.phone.pressed(key, self)

    def says_to(self, asker: End) -> bytes | None:
        """To the phone, what is heard here; to the other side, what the phone says."""
        if asker is self.phone:
            return self.heard()
        return None if self.phone is None or self.lost().mute else self.phone.says_to(self)
