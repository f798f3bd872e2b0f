"""The way of new packets through a firewall: which get in, which do not, and of which nobody can say.

A packet goes through every entry chain in order and must be accepted by each: a drop is final anywhere, an accept only
ends the chain it is in (nft(8), "accept"; iptables(8)). In a chain the first rule that matches and ends it decides. A
rule that was not understood may have matched or not, so the packets go on with a mark: *perhaps accepted by it*,
*perhaps dropped by it*. A mark matters only if what comes later says the opposite; if everybody agrees, it is known
after all.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from typing import NamedTuple

from voicedr.program.network.boxes import Box, cut
from voicedr.program.network.rules import Chain, Firewall, Rule, Verdict

DEPTH_MAX = 32
"""Chains within chains. The kernel allows 16 jumps (NFT_JUMP_STACK_SIZE); more is a circle."""

STEPS_MAX = 200_000
"""Rules that are looked at for one range, about a second. Rulesets of 20,000 rules need a tenth; more is unknown."""

REASONS_MAX = 3
"""Marks that one packet keeps. More would not help anybody to read it."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """Where packets come in, as far as somebody said it. None: nobody knows.

    Attributes:
        interface: Such as ``eth0``.
        address: The address of ours that they are sent to, as the firewall sees it.
    """

    interface: str | None = None
    address: str | None = None


@dataclass(slots=True)
class Way:
    """What came of it: boxes with the reason for each."""

    passed: list[Box] = field(default_factory=list)
    dropped: list[tuple[Box, str]] = field(default_factory=list)
    unclear: list[tuple[Box, str]] = field(default_factory=list)


class _Cell(NamedTuple):
    """Packets that are on their way, and the rules that may have ended it."""

    box: Box
    accepted_by: tuple[str, ...] = ()
    dropped_by: tuple[str, ...] = ()


class _TooFar(Exception):
    """The walk was given up."""


def walk(firewall: Firewall, protocol: str, boxes: Iterable[Box], arrival: Arrival) -> Way:
    """Send new packets from these addresses to these ports.

    Args:
        protocol: ``udp`` or ``tcp``.
    """
    start = [_Cell(box) for box in boxes]
    walker = _Walker(firewall, protocol, arrival)
    try:
        return walker.run(start)
    except _TooFar as exc:
        return Way(unclear=[(cell.box, str(exc)) for cell in start])


class _Walker:
    def __init__(self, firewall: Firewall, protocol: str, arrival: Arrival) -> None:
        self.firewall = firewall
        self.protocol = protocol
        self.arrival = arrival
        self.address = None if arrival.address is None else int(IPv4Address(arrival.address))
        self.steps = 0
        self.way = Way()
        self.accepted: list[_Cell] = []

    def run(self, cells: list[_Cell]) -> Way:
        for entry in self.firewall.entries:
            self.accepted = []
            chain = self.firewall.chains[entry]
            left = self._chain(cells, entry, 0)
            if chain.policy is Verdict.ACCEPT:
                self._accept(left)
            elif chain.policy is Verdict.DROP:
                self._drop(left, f"no rule of {entry} lets it in")
            else:
                self._accept([_marked(cell, f"the policy of {entry} was not understood", True, True) for cell in left])
            cells = self.accepted
        for cell in cells:
            if cell.dropped_by:
                self.way.unclear.append((cell.box, "; ".join(cell.dropped_by)))
            else:
                self.way.passed.append(cell.box)
        return self.way

    def _accept(self, cells: Iterable[_Cell]) -> None:
        self.accepted += [cell._replace(accepted_by=()) for cell in cells]

    def _drop(self, cells: Iterable[_Cell], why: str) -> None:
        for cell in cells:
            if cell.accepted_by:
                # Let in by a rule that nobody understood, or else dropped here.
                both = _few(cell.dropped_by, *cell.accepted_by)
                self.accepted.append(_Cell(cell.box, (), both))
            else:
                self.way.dropped.append((cell.box, why))

    def _chain(self, cells: list[_Cell], name: str, depth: int) -> list[_Cell]:
        """What comes out at the end of a chain, or returns from it."""
        if depth > DEPTH_MAX:
            raise _TooFar(f"chains are nested deeper than {DEPTH_MAX}: {name} is part of a circle")
        chain: Chain | None = self.firewall.chains.get(name)
        if chain is None:
            return [_marked(cell, f"chain {name} is not in the export", True, True) for cell in cells]
        returned: list[_Cell] = []
        for rule in chain.rules:
            if not cells:
                break
            self.steps += max(1, len(cells))
            if self.steps > STEPS_MAX:
                raise _TooFar(f"it would take more than {STEPS_MAX} steps to follow the rules")
            unsure = self._unsure(rule)
            if unsure is None:
                continue
            hit, rest = _split(cells, rule)
            if not hit:
                continue
            cells = rest + self._apply(rule, hit, unsure, depth, returned)
        return cells + returned

    def _apply(
        self, rule: Rule, hit: list[_Cell], unsure: tuple[str, ...], depth: int, returned: list[_Cell]
    ) -> list[_Cell]:
        """What goes on to the next rule."""
        why = f"{rule.where}: {', '.join(unsure)}" if unsure else rule.where
        match rule.verdict:
            case Verdict.UNCLEAR:
                return [_marked(cell, why, True, True) for cell in hit]
            case Verdict.ACCEPT | Verdict.DROP if unsure:
                accepts = rule.verdict is Verdict.ACCEPT
                return [_marked(cell, why, accepts, not accepts) for cell in hit]
            case Verdict.ACCEPT:
                self._accept(hit)
                return []
            case Verdict.DROP:
                self._drop(hit, f"{rule.where} drops it")
                return []
            case Verdict.JUMP | Verdict.GOTO | Verdict.RETURN if unsure:
                # Both ways could be followed; that one of them may end it is all that is said.
                return [_marked(cell, why, True, True) for cell in hit]
            case Verdict.JUMP:
                return self._chain(hit, rule.target, depth + 1)
            case Verdict.GOTO:
                returned += self._chain(hit, rule.target, depth + 1)
                return []
            case Verdict.RETURN:
                returned += hit
                return []

    def _unsure(self, rule: Rule) -> tuple[str, ...] | None:
        """Why nobody can say whether the rule matches; empty if it is only a matter of the box; None if it does not."""
        if rule.protocols is not None and self.protocol not in rule.protocols:
            return None
        unsure = list(rule.unclear)
        if rule.interfaces is not None:
            if self.arrival.interface is None:
                unsure.append(f"only for what comes in at {', '.join(sorted(rule.interfaces))}; say --interface")
            elif not any(_named(pattern, self.arrival.interface) for pattern in rule.interfaces):
                return None
        if rule.destinations is not None:
            if self.address is None:
                unsure.append("only for one destination address; say --address")
            elif not any(first <= self.address <= last for first, last in rule.destinations):
                return None
        return tuple(unsure)


def _named(pattern: str, interface: str) -> bool:
    """Whether a rule's interface is this one: ``eth+`` and ``eth*`` are all that begin so."""
    return interface.startswith(pattern[:-1]) if pattern[-1:] in ("+", "*") else interface == pattern


def _split(cells: list[_Cell], rule: Rule) -> tuple[list[_Cell], list[_Cell]]:
    hit: list[_Cell] = []
    rest: list[_Cell] = []
    for cell in cells:
        inside, outside = cut(cell.box, rule.sources, rule.ports)
        hit += [cell._replace(box=box) for box in inside]
        rest += [cell._replace(box=box) for box in outside] if inside else [cell]
    return hit, rest


def _few(kept: tuple[str, ...], *more: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*kept, *more)))[:REASONS_MAX]


def _marked(cell: _Cell, why: str, accepts: bool, drops: bool) -> _Cell:
    return _Cell(
        cell.box,
        _few(cell.accepted_by, why) if accepts else cell.accepted_by,
        _few(cell.dropped_by, why) if drops else cell.dropped_by,
    )
