"""What is remembered of one edge, as a state machine. It reads no clock and does nothing by itself.

**Theory.** An edge that cannot be reached costs every request a connect budget, unless somebody remembers. So one
failure to *connect* opens the circuit at once: nothing was delivered, and the next request would meet the same. An
edge that connects and then fails (5xx, reset, silence) may have failed for one request only, so it takes several in a
row. While the circuit is open, requests go elsewhere and do not touch the edge. After a wait, somebody must look
whether it is back; were that a request, its caller would pay a connect budget again and again. So a *probe* looks: a
connection and a TLS handshake beside all requests. Only when it got through is the circuit half-open, and one read at a
time is the trial; its answer closes the circuit. A trial is never a write: a write that gets no answer cannot be
repeated. Each time it opens anew the wait doubles up to a limit, and is spread by chance so that many clients do not
come back at once.

A result counts only if its request began after the last change from closed to open or back: each such change is a new
*era*. Otherwise a late answer from before an outage would close the circuit in the middle of it. A probe or trial of
which nothing is heard is lost after a while, and its place is free again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum


class State(StrEnum):
    """How an edge stands."""

    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"
    HALF_OPEN = "half_open"
    TRIAL = "trial"


class Event(StrEnum):
    """What happened."""

    ANSWERED = "answered"
    FAILED = "failed"
    FAILED_OFTEN = "failed_often"
    UNREACHED = "unreached"
    PROBE_BEGUN = "probe_begun"
    PROBE_REACHED = "probe_reached"
    TRIAL_BEGUN = "trial_begun"
    LOST = "lost"


S, E = State, Event

TRANSITIONS: dict[State, dict[Event, State]] = {
    S.CLOSED:    {E.ANSWERED: S.CLOSED, E.FAILED: S.CLOSED, E.FAILED_OFTEN: S.OPEN, E.UNREACHED: S.OPEN},
    S.OPEN:      {E.ANSWERED: S.CLOSED, E.FAILED: S.OPEN, E.FAILED_OFTEN: S.OPEN, E.UNREACHED: S.OPEN,
                  E.PROBE_BEGUN: S.PROBING},
    S.PROBING:   {E.ANSWERED: S.CLOSED, E.FAILED: S.PROBING, E.FAILED_OFTEN: S.PROBING, E.UNREACHED: S.OPEN,
                  E.PROBE_REACHED: S.HALF_OPEN, E.LOST: S.OPEN},
    S.HALF_OPEN: {E.ANSWERED: S.CLOSED, E.FAILED: S.OPEN, E.FAILED_OFTEN: S.OPEN, E.UNREACHED: S.OPEN,
                  E.TRIAL_BEGUN: S.TRIAL},
    S.TRIAL:     {E.ANSWERED: S.CLOSED, E.FAILED: S.OPEN, E.FAILED_OFTEN: S.OPEN, E.UNREACHED: S.OPEN,
                  E.LOST: S.HALF_OPEN},
}  # fmt: skip
"""What is not in the table changes nothing."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Attributes:
    failures_to_open: So many failures in a row after a connection open the circuit; one without connection does.
    wait_s: The first wait before a probe; doubled each time the circuit opens again.
    wait_s_max: The longest wait, before chance is added.
    spread: The share by which chance makes a wait longer, from 0 to this.
    lost_s: A probe or trial of which nothing was heard for so long is lost.
    """

    failures_to_open: int = 3
    wait_s: float = 1.0
    wait_s_max: float = 30.0
    spread: float = 0.2
    lost_s: float = 60.0


@dataclass(frozen=True, slots=True)
class Circuit:
    """How one edge stands.

    Attributes:
        failures: In a row, after a connection.
        opened: How often it opened since an answer last closed it.
        due_at_s: Open: when to probe. Probing and trial: when it is lost. A monotonic clock's seconds.
        era: Rises when it opens or closes.
    """

    state: State = State.CLOSED
    failures: int = 0
    opened: int = 0
    due_at_s: float = 0.0
    era: int = 0


FRESH = Circuit()


def after(circuit: Circuit, event: Event, now_s: float, limits: Limits, chance: float) -> Circuit:
    """How it stands after an event.

    Args:
        now_s: A monotonic clock's seconds.
        chance: From 0 to 1, fresh for each call.
    """
    if event is Event.FAILED and circuit.failures + 1 >= limits.failures_to_open:
        event = Event.FAILED_OFTEN
    state = TRANSITIONS[circuit.state].get(event)
    if state is None:
        return circuit
    match state:
        case State.CLOSED:
            if event is Event.FAILED:
                return replace(circuit, failures=circuit.failures + 1)
            if circuit.state is State.CLOSED:
                return replace(circuit, failures=0)
            return Circuit(era=circuit.era + 1)
        case State.OPEN if circuit.state is not State.OPEN:
            wait_s = min(limits.wait_s * 2.0 ** min(circuit.opened, 30), limits.wait_s_max)
            era = circuit.era + (circuit.state is State.CLOSED)
            return Circuit(state, 0, circuit.opened + 1, now_s + wait_s * (1 + limits.spread * chance), era)
        case State.PROBING | State.TRIAL if circuit.state is not state:
            return replace(circuit, state=state, due_at_s=now_s + limits.lost_s)
        case _:
            return replace(circuit, state=state)
