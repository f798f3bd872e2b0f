"""When a handler is no longer asked: a circuit breaker, as values.

CLOSED, the handler is asked. After ``failures_max`` failures in a row the circuit is OPEN: nobody asks, so no caller
waits for what fails anyway, and a sick dependency is left in peace. After ``open_s`` one request is let through to see
(TRYING). If that goes well the circuit is CLOSED again, else OPEN for as long as before. A trial that nobody hears of
again ends after ``open_s``, and another is made.

Every change begins a new term. How a request ends counts only in the term in which it began: what was asked before the
circuit opened, and comes back late, says nothing about now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    """How the circuit stands."""

    CLOSED = "closed"
    OPEN = "open"
    TRYING = "trying"


class Event(StrEnum):
    """What happened."""

    GOOD = "good"
    BAD = "bad"
    TOO_MANY_BAD = "too-many-bad"
    WAITED = "waited"


TRANSITIONS: dict[tuple[State, Event], State] = {
    (State.CLOSED, Event.GOOD): State.CLOSED,
    (State.CLOSED, Event.BAD): State.CLOSED,
    (State.CLOSED, Event.TOO_MANY_BAD): State.OPEN,
    (State.OPEN, Event.WAITED): State.TRYING,
    (State.TRYING, Event.GOOD): State.CLOSED,
    (State.TRYING, Event.BAD): State.OPEN,
    (State.TRYING, Event.WAITED): State.TRYING,
}
"""Everything that can happen. Nothing else does."""


@dataclass(frozen=True, slots=True)
class Rules:
    """When it opens and for how long.

    Attributes:
        failures_max: So many failures in a row open it.
        open_s: How long nobody asks.
    """

    failures_max: int = 5
    open_s: float = 10.0

    def __post_init__(self) -> None:
        if self.failures_max < 1 or self.open_s <= 0:
            raise ValueError("failures_max must be at least 1, and open_s more than 0")


@dataclass(frozen=True, slots=True)
class Circuit:
    """How it stands, since when, in which term, and how many failures in a row there were."""

    state: State = State.CLOSED
    since_s: float = 0.0
    term: int = 0
    failures: int = 0


def admit(circuit: Circuit, rules: Rules, now_s: float) -> tuple[Circuit, bool]:
    """The circuit after a request came, and whether it may ask the handler."""
    if circuit.state is State.CLOSED:
        return circuit, True
    if now_s - circuit.since_s < rules.open_s:
        return circuit, False
    return _moved(circuit, Event.WAITED, now_s), True


def settle(circuit: Circuit, rules: Rules, now_s: float, *, good: bool, term: int) -> Circuit:
    """The circuit after the handler was asked in this term, and it went well or not."""
    if term != circuit.term or circuit.state is State.OPEN:
        return circuit
    if good:
        return replace(circuit, failures=0) if circuit.state is State.CLOSED else _moved(circuit, Event.GOOD, now_s)
    if circuit.state is State.TRYING:
        return _moved(circuit, Event.BAD, now_s)
    counted = replace(circuit, failures=circuit.failures + 1)
    return _moved(counted, Event.TOO_MANY_BAD, now_s) if counted.failures >= rules.failures_max else counted


def _moved(circuit: Circuit, event: Event, now_s: float) -> Circuit:
    return Circuit(TRANSITIONS[circuit.state, event], now_s, circuit.term + 1)
