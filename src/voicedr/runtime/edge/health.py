"""What one client remembers of its edges, and which edge comes next. Shared by threads and tasks.

One circuit for each product and edge: a product that a Region does not have has no name there
(https://www.twilio.com/docs/global-infrastructure/regional-product-and-feature-availability), which says nothing about
the others. Time and chance come in.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from threading import Lock

from voicedr.runtime.edge.circuit import FRESH, Circuit, Event, Limits, State, after

REMEMBERED_MAX = 512
"""Products times edges. The provider has about fifty products; beyond this the oldest is forgotten."""


@dataclass(frozen=True, slots=True)
class Pick:
    """The edge for an attempt.

    Attributes:
        era: The circuit's era when the attempt began; its result counts in that one only.
        last_resort: No edge is known to work, and this one is tried for want of a better.
    """

    edge: str
    era: int
    trial: bool = False
    last_resort: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """An edge stands otherwise than before."""

    product: str
    edge: str
    before: State
    now: State


class Health:
    """The circuits."""

    def __init__(self, edges: Sequence[str], limits: Limits) -> None:
        self._edges = tuple(edges)
        self._limits = limits
        self._circuits: dict[tuple[str, str], Circuit] = {}
        self._lock = Lock()

    def pick(self, product: str, tried: Collection[str], *, read: bool, now_s: float) -> Pick | None:
        """The edge to try next, or None if all were tried.

        In order: the first that is closed; for a read, one that is half-open, as its trial. If there is none, those
        that are left, the longest open first: refusing here would help nobody.
        """
        first = self._edges[0]
        if first not in tried:
            circuit = self._circuits.get((product, first), FRESH)
            if circuit.state is State.CLOSED:
                return Pick(first, circuit.era)
        with self._lock:
            left = [edge for edge in self._edges if edge not in tried]
            for edge in left:
                circuit = self._found_lost(product, edge, now_s)
                if circuit.state is State.CLOSED:
                    return Pick(edge, circuit.era)
                if read and circuit.state is State.HALF_OPEN:
                    self._put(product, edge, Event.TRIAL_BEGUN, now_s, 0.0)
                    return Pick(edge, circuit.era, trial=True)
            if not left:
                return None
            edge = min(left, key=lambda one: self._circuits.get((product, one), FRESH).due_at_s)
            return Pick(edge, self._circuits.get((product, edge), FRESH).era, last_resort=True)

    def closed_besides(self, product: str, edge: str) -> Pick | None:
        """Another edge that is known to work, for a second request beside a late one."""
        for other in self._edges:
            circuit = self._circuits.get((product, other), FRESH)
            if other != edge and circuit.state is State.CLOSED:
                return Pick(other, circuit.era)
        return None

    def to_probe(self, product: str, now_s: float) -> list[Pick]:
        """Edges whose wait is over. They count as being probed from now on: probe them and say what came."""
        if all(self._circuits.get((product, edge), FRESH).state is State.CLOSED for edge in self._edges):
            return []
        due = []
        with self._lock:
            for edge in self._edges:
                circuit = self._found_lost(product, edge, now_s)
                if circuit.state is State.OPEN and now_s >= circuit.due_at_s:
                    self._put(product, edge, Event.PROBE_BEGUN, now_s, 0.0)
                    due.append(Pick(edge, circuit.era))
        return due

    def report(self, product: str, pick: Pick, event: Event, now_s: float, chance: float) -> Change | None:
        """Say what came of an attempt or a probe; what it changed, if anything."""
        circuit = self._circuits.get((product, pick.edge), FRESH)
        if event is Event.ANSWERED and circuit.state is State.CLOSED and not circuit.failures:
            return None
        with self._lock:
            before = self._circuits.get((product, pick.edge), FRESH)
            if before.era != pick.era:
                return None
            now = self._put(product, pick.edge, event, now_s, chance)
        return Change(product, pick.edge, before.state, now.state) if now.state is not before.state else None

    def states(self) -> dict[tuple[str, str], State]:
        """How each product and edge stands of which anything is remembered."""
        with self._lock:
            return {key: circuit.state for key, circuit in self._circuits.items()}

    def _found_lost(self, product: str, edge: str, now_s: float) -> Circuit:
        circuit = self._circuits.get((product, edge), FRESH)
        if circuit.state in {State.PROBING, State.TRIAL} and now_s >= circuit.due_at_s:
            return self._put(product, edge, Event.LOST, now_s, 0.0)
        return circuit

    def _put(self, product: str, edge: str, event: Event, now_s: float, chance: float) -> Circuit:
        key = (product, edge)
        circuit = after(self._circuits.get(key, FRESH), event, now_s, self._limits, chance)
        if key not in self._circuits and len(self._circuits) >= REMEMBERED_MAX:
            del self._circuits[next(iter(self._circuits))]
        self._circuits[key] = circuit
        return circuit
