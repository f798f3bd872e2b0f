"""The transactions that are open, found by what a message says, and run when something is due."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import TypeAlias

from voicedr.wire.sip.client_transactions import ClientState, InviteClient, NonInviteClient
from voicedr.wire.sip.messages import COOKIE, Request, Response, branch_of, from_tag, method_of, sequence_of, top_via
from voicedr.wire.sip.server_transactions import Answer, InviteServer, NonInviteServer, ServerState
from voicedr.wire.sip.timers import NEAR_S, Deliver, Effect, GaveUp, Transmit

Machine: TypeAlias = InviteClient | NonInviteClient | InviteServer | NonInviteServer | Answer
Key: TypeAlias = tuple[str, ...]
User: TypeAlias = Callable[[Deliver | GaveUp], None]

TRANSACTIONS_MAX = 100_000
"""Open at once; a request beyond it is dropped, as an overloaded server drops it. At 4 kB each this is 400 MB."""


@dataclass(frozen=True, slots=True)
class Flow:
    """A way to a peer: ``udp``, ``tcp`` or ``tls``, from an address of ours to one of theirs."""

    transport: str
    local: tuple[str, int]
    remote: tuple[str, int]

    @property
    def reliable(self) -> bool:
        """Whether the transport repeats what is lost."""
        return self.transport != "udp"


@dataclass(eq=False, slots=True)
class Entry:
    """An open transaction, the way its messages go, and who is told."""

    key: Key
    machine: Machine
    flow: Flow
    user: User


def client_key(message: Request | Response) -> Key:
    """By branch and method (RFC 3261 section 17.1.3)."""
    return ("client", branch_of(message), method_of(message))


def server_key(request: Request, method: str = "") -> Key:
    """By branch, sender and method; by the rest of the headers for a sender of RFC 2543 (section 17.2.3)."""
    via, method = top_via(request), method or request.method
    method = "INVITE" if method == "ACK" else method
    branch = via.parameters.get("branch") or ""
    if branch.startswith(COOKIE):
        return ("server", branch, via.host, str(via.port or 5060), method)
    return ("server", request.call_id, from_tag(request), str(sequence_of(request)), str(via), method)


class Table:
    """All of them. ``transmit`` puts a message on a way; ``now`` is a clock that only rises."""

    def __init__(self, transmit: Callable[[Request | Response, Flow], None], now: Callable[[], float]) -> None:
        self.transmit = transmit
        self._now = now
        self._open: dict[Key, Entry] = {}
        self._due: list[tuple[float, int, Entry]] = []
        self._order = count()

    def __len__(self) -> int:
        return len(self._open)

    @property
    def next_at(self) -> float | None:
        """When ``due`` is to be called; it may turn out that nothing was due."""
        return self._due[0][0] if self._due else None

    def find(self, key: Key) -> Entry | None:
        """The open transaction with this key."""
        return self._open.get(key)

    def begin(self, key: Key, machine: Machine, flow: Flow, user: User) -> Entry:
        """Take on a transaction and start it. An ``Answer`` is started already."""
        entry = self._open[key] = Entry(key, machine, flow, user)
        self.carry_out(entry, [] if isinstance(machine, Answer) else machine.start(self._now()))
        return entry

    def carry_out(self, entry: Entry, effects: list[Effect]) -> None:
        """Do what a transaction asks, and note when it wants to be asked again."""
        next_at = entry.machine.next_at
        if next_at is not None:
            heapq.heappush(self._due, (next_at, next(self._order), entry))
        elif _over(entry.machine) and self._open.get(entry.key) is entry:
            del self._open[entry.key]
        for effect in effects:
            if isinstance(effect, Transmit):
                self.transmit(effect.message, entry.flow)
            else:
                entry.user(effect)

    def due(self) -> None:
        """Run every transaction for which something is due."""
        now = self._now()
        while self._due and self._due[0][0] <= now + NEAR_S:
            at, _, entry = heapq.heappop(self._due)
            if entry.machine.next_at == at and self._open.get(entry.key) is entry:
                self.carry_out(entry, entry.machine.due(now))

    def broken(self, flow: Flow, why: str) -> None:
        """A way does not work: its transactions fail now."""
        for entry in [entry for entry in self._open.values() if entry.flow == flow]:
            if not isinstance(entry.machine, Answer):
                self.carry_out(entry, entry.machine.failed(why))


def _over(machine: Machine) -> bool:
    return isinstance(machine, Answer) or machine.state in (ClientState.TERMINATED, ServerState.TERMINATED)
