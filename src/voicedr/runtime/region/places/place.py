"""What a place promises: to read the document, and to replace it only if it still is what was read.

PlaceError               nothing was read, or nothing was changed
├── WrongAddress         there is no such place: nothing was asked
├── PlaceRefused         and nothing will be by asking again: the place says no
├── PlaceSilent          it could not be asked
└── PlaceUnsettled       a write was sent and not confirmed: look before you repeat it
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlsplit

ATTEMPT_S_MAX = 2.0
"""One look, or one write, takes milliseconds. A place that needs longer is as good as silent for now."""


class PlaceError(Exception):
    """What was asked of which place, how it stands, and the next step."""


class WrongAddress(PlaceError):
    """An address is none. Nothing was asked."""


class PlaceRefused(PlaceError):
    """The place said no. Nothing changed."""


class PlaceSilent(PlaceError):
    """The place could not be asked. Nothing changed."""


class PlaceUnsettled(PlaceError):
    """A write was sent, and what it did is not known."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a place had when it was read.

    Attributes:
        content: The document's bytes; None: there is none.
        version: What a write is compared with; only the place knows what it means.
        floor: The highest epoch that was ever begun there, as far as the place remembers; 0 where it does not.
    """

    content: bytes | None
    version: str
    floor: int = 0


class Source(Protocol):
    """Somewhere to read. One thread at a time."""

    @property
    def name(self) -> str:
        """The address without anything secret."""
        ...

    def read(self, *, latest: bool = False) -> Found:
        """What is there.

        Args:
            latest: What every writer has agreed on, and not what one copy happens to have. For who will write. Who only
                follows does without: a copy that is behind is harmless to it, and answers when the majority is gone.

        Raises:
            PlaceError: If it could not be read.
        """
        ...

    def close(self) -> None:
        """Let connections go. It may be read again."""
        ...


class Sink(Source, Protocol):
    """Somewhere to read and write."""

    def write(self, content: bytes, was: Found) -> bool:
        """Replace what is there, if it is what ``was`` was. False: somebody else was first, and nothing changed.

        Raises:
            PlaceUnsettled: If it may have been written.
            PlaceError: If nothing changed.
        """
        ...

    def scratch(self, name: str) -> Sink:
        """Another place of the same kind beside this one, where racing harms nobody."""
        ...

    def remove(self) -> None:
        """Take away what is here. For scratch places.

        Raises:
            PlaceError: If it is left lying about.
        """
        ...


def without_secrets(address: str) -> str:
    """An address without user, password, query and fragment."""
    parts = urlsplit(address)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
