"""A real phone at the end of a line: it hears, and it is keyed.

Scripts see only this; sockets, clocks and sound are ``twin/media`` and ``twin/server/media.py``. Between two commands
of a script nothing is heard and no key comes, so what is looked at stays so until the script yields.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from voicedr.twin.calls.commands import Bell
from voicedr.twin.faults import MediaEffect


class Phone(Protocol):
    """Whoever holds a real phone, or an end of the network that such a phone is connected with."""

    @property
    def bell(self) -> Bell:
        """Rung when nothing is left to be heard, and when a key has come."""
        ...

    @property
    def playing(self) -> bool:
        """Whether something that has an end is still to be heard; it may not even have been made yet."""
        ...

    @property
    def keyed(self) -> str:
        """The keys that came and were not taken, the oldest first."""
        ...

    def take(self) -> str:
        """Take them."""
        ...

    def hears(self, what: str, detail: str, sound: bytes = b"") -> None:
        """From now on this is heard, until it is something else. Saying it twice is playing it twice.

        Args:
            what: A word as ``Line.hears`` uses: ``say``, ``play``, ``silence``, ``ringing``, ``talking`` ...
            detail: The text that is said, the URL that is played, the keys.
            sound: The file that ``play`` is.
        """
        ...

    def connect(self, other: Phone) -> None:
        """Let the two hear each other and get each other's keys, while nothing is played to them."""
        ...

    def disconnect(self) -> None:
        """Separate it from whoever it is connected with. Nothing happens if that is nobody."""
        ...

    @property
    def quiet_s(self) -> float:
        """For how long nothing was said into it."""
        ...

    def suffers(self, effect: Callable[[], MediaEffect | None]) -> None:
        """From now on, besides what it suffers already, what this says at the time is lost."""
        ...

    def extension(self) -> Phone:
        """A new end of the network for it. What is played there is heard here once the two are connected."""
        ...
