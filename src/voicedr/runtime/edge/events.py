"""What a client tells of itself: one event for each thing that was not ordinary.

An event has no URL, no field, no body and no credential: paths of the provider's API have telephone numbers in them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

LOG = logging.getLogger("voicedr.edge")


class Kind(StrEnum):
    """What happened."""

    ATTEMPT_LOST = "attempt_lost"
    """An attempt had no answer; ``reason`` says why."""
    FAILED_OVER = "failed_over"
    """The next attempt goes to ``edge``; ``reason`` says what was wrong with the one before."""
    EDGE_CHANGED = "edge_changed"
    """``edge`` stands as ``reason`` says: open, probing, half_open, trial, closed."""
    HEDGED = "hedged"
    """A read was late and was sent to ``edge``, too."""
    HEDGE_WON = "hedge_won"
    """The second request answered first."""
    THROTTLED = "throttled"
    """429; the request waits ``seconds``."""
    NOT_REPEATED = "not_repeated"
    """A write was answered 5xx, or not answered: it is not repeated."""
    GAVE_UP = "gave_up"
    """The request ends without an answer."""


@dataclass(frozen=True, slots=True)
class EdgeEvent:
    """Attributes:
    edge: The edge that it is about.
    reason: A `Why`, a `State`, or a status as text.
    seconds: How long the attempt took, or how long the request waits.
    """

    kind: Kind
    region: str
    product: str
    edge: str
    method: str = ""
    reason: str = ""
    seconds: float = 0.0


_LEVEL = {
    Kind.ATTEMPT_LOST: logging.WARNING,
    Kind.FAILED_OVER: logging.WARNING,
    Kind.EDGE_CHANGED: logging.WARNING,
    Kind.NOT_REPEATED: logging.WARNING,
    Kind.GAVE_UP: logging.ERROR,
}


def tell(event: EdgeEvent, listener: Callable[[EdgeEvent], None] | None) -> None:
    """Log an event and give it to the listener. What the listener raises is logged and goes no further."""
    LOG.log(
        _LEVEL.get(event.kind, logging.INFO),
        "edge %s.%s.%s: %s%s%s%s",
        event.product,
        event.edge,
        event.region,
        event.kind.value,
        f" {event.method}" if event.method else "",
        f", {event.reason}" if event.reason else "",
        f", {event.seconds:.3f} s" if event.seconds else "",
    )
    if listener is None:
        return
    try:
        listener(event)
    except Exception:
        LOG.exception("on_event raised for %s; the request goes on", event.kind.value)
