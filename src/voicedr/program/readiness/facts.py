"""Facts: what was seen, when and by whom; or why nobody could look.

Unknown is not yes. Whoever asks for a value must say what happens when there is none.
"""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class Observed(msgspec.Struct, Generic[T], frozen=True, tag="observed"):
    """A value somebody saw.

    Attributes:
        value: What was seen. None means: looked, and there is nothing there.
        at: When it was seen (aware UTC).
        source: Who says so, as the reader would look it up, e.g. ``"api.dublin.ie1 IncomingPhoneNumbers"``.
    """

    value: T
    at: datetime
    source: str


class Unobserved(msgspec.Struct, frozen=True, tag="unobserved"):
    """Nobody could look, and why. It never passes a check.

    Attributes:
        reason: Why, as the reader would be told.
        refused: True if the provider answered and said no. A check of that very permission fails on it; for every
            other check it is as unknown as silence.
    """

    reason: str
    refused: bool = False


Fact = Observed[T] | Unobserved
