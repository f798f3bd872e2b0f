"""An exchange that the twin breaks on purpose. The server breaks a socket; an in-process sender raises."""

from __future__ import annotations

from dataclasses import dataclass

from voicedr.wire.http import Failure


@dataclass(frozen=True, slots=True)
class Broken:
    """No whole response comes.

    Attributes:
        failure: What the client sees.
        after_s: How long it waits before it sees it. A client with a shorter budget gives up sooner.
    """

    failure: Failure
    after_s: float = 0.0


HELD_S_MAX = 120.0
"""The longest that a swallowed request is held open. Clients give up sooner; a socket must have an end."""
