"""Whoever is at the end of a line: what they hear, what they key, when they give up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf

from voicedr.twin.calls.caller import Caller
from voicedr.twin.calls.phone import Phone
from voicedr.twin.world.model import Heard, NetworkCall

HEARD_MAX = 500
"""Stretches kept of one call. What comes after is told as one stretch, ``more``."""

_SHORT = 1e-9


@dataclass(slots=True)
class Person:
    """A caller, or whoever was called.

    Attributes:
        network: Where what they hear is written down; None if nobody asks.
        hangs_up_at: When they hang up, whatever they hear.
        times_asked: Gathers they have met.
        through: What arrives at the other end of what they key; None if all of it does.
        is_cut: Whether ``hangs_up_at`` is when the line drops, and not when they have had enough.
        phone: The real phone that they hold; None if they are simulated.
    """

    caller: Caller
    network: NetworkCall | None = None
    hangs_up_at: float = inf
    times_asked: int = 0
    through: Callable[[str], str] | None = None
    is_cut: bool = False
    phone: Phone | None = None
    _what: str = ""
    _detail: str = ""
    _since: float = field(default=0.0)

    def hears(
        self, now: float, what: str, detail: str = "", *, sent: tuple[str, str] | None = None, sound: bytes = b""
    ) -> None:
        """From now on they hear this, until it is something else.

        Args:
            sent: What was sent, if a fault has made something else of it: a real phone is told that, for it lasts as
                long as it would.
            sound: The file that is played.
        """
        if self.phone is not None:
            self.phone.hears(*(sent or (what, detail)), sound)
        if (what, detail) != (self._what, self._detail):
            self._write_down(now)
            self._what, self._detail, self._since = what, detail, now

    def notices(self, now: float, what: str, detail: str = "") -> None:
        """Something that takes no time: a key pressed, hanging up. What they hear goes on."""
        if self.network is None:
            return
        before = (self._what, self._detail)
        self._write_down(now)
        _add(self.network, Heard(now - self.network.dialled_at, 0.0, what, detail))
        self._what, self._detail, self._since = *before, now

    def hears_no_more(self, now: float) -> None:
        """The line is dead at this end."""
        self._write_down(now)
        self._what = self._detail = ""
        if self.phone is not None:
            self.phone.hears("silence", "")

    def keys(self) -> str:
        """What they key or say at the Gather that they meet now; empty if nothing."""
        self.times_asked += 1
        presses = self.caller.presses
        pressed = presses[self.times_asked - 1] if self.times_asked <= len(presses) else ""
        return pressed if self.through is None else self.through(pressed)

    def is_cut_off_after(self, now: float, seconds: float) -> None:
        """The line drops so many seconds from now, unless they hang up before."""
        if now + seconds < self.hangs_up_at:
            self.hangs_up_at, self.is_cut = now + seconds, True

    def _write_down(self, now: float) -> None:
        if self.network is not None and self._what and now - self._since > _SHORT:
            begun_s = self._since - self.network.dialled_at
            _add(self.network, Heard(begun_s, now - self._since, self._what, self._detail))


def _add(network: NetworkCall, heard: Heard) -> None:
    heard = Heard(round(heard.at_s, 3), round(heard.for_s, 3), heard.what, heard.detail)
    kept = network.heard
    if len(kept) < HEARD_MAX:
        kept.append(heard)
    else:
        last = kept[-1]
        kept[-1] = Heard(last.at_s, heard.at_s + heard.for_s - last.at_s, "more")
