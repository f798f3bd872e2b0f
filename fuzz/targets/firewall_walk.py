"""What the walk says of a box of packets, each packet says that is sent through the rules alone, whatever is unclear.

The model follows one packet at a time. What nobody understood is decided by a stroke of chance, and many such worlds
are tried: what the walk lets in is let in by all of them, and what it drops is dropped by all of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from voicedr.program.network.boxes import Box, merged
from voicedr.program.network.rules import Chain, Firewall, Rule, Spans, Verdict
from voicedr.program.network.walk import Arrival, walk

SPACE = 6
"""So many addresses and ports: a packet for each pair."""

WORLDS = 8
_DEPTH_MAX = 40
_NAMES = ("a", "b", "c", "d")
SEEDS = [bytes(range(at, at + 120)) for at in (0, 7, 60, 130)] + [
    bytes([0, 1, 2, 0, 1, 0, 0]),
    b"\x03" * 90,
    b"\x01\x00\x02\x05" * 40,
]


class _Circle(Exception):
    """Chains that lead to themselves."""


class _Bytes:
    """Choices, one byte each; nothing left is zero."""

    def __init__(self, data: bytes) -> None:
        self._left = iter(data)

    def below(self, limit: int) -> int:
        """A number from 0 up to ``limit``."""
        return next(self._left, 0) % limit


@dataclass(frozen=True)
class _Packet:
    address: int
    port: int
    protocol: str
    interface: str
    destination: int


def one(data: bytes) -> None:
    """Make rules of it, walk them, and hold the walk against every packet."""
    choice = _Bytes(data)
    firewall = Firewall(
        "fw",
        "made",
        {name: _chain(choice) for name in _NAMES[: 1 + choice.below(4)]},
        tuple(_NAMES[: 1 + choice.below(2)]),
    )
    firewall = Firewall(
        "fw", "made", firewall.chains, tuple(name for name in firewall.entries if name in firewall.chains)
    )
    protocol = ("udp", "tcp")[choice.below(2)]
    arrival = Arrival((None, "eth0")[choice.below(2)], (None, "0.0.0.1")[choice.below(2)])
    way = walk(firewall, protocol, [Box(0, SPACE - 1, 0, SPACE - 1)], arrival)
    said: dict[tuple[int, int], str] = {}
    for word, boxes in (
        ("passed", way.passed),
        ("dropped", [box for box, _ in way.dropped]),
        ("unclear", [box for box, _ in way.unclear]),
    ):
        for box in boxes:
            for address in range(box.first, box.last + 1):
                for port in range(box.port_min, box.port_max + 1):
                    assert (address, port) not in said, f"{address}:{port} is {said[address, port]} and {word}"
                    said[address, port] = word
    assert len(said) == SPACE * SPACE, "a packet is nowhere"
    chance = Random(data)
    known = arrival.interface is not None and arrival.address is not None and not _unclear(firewall)
    for _ in range(1 if known else WORLDS):
        interface = arrival.interface or ("eth0", "eth1", "ppp0")[chance.randrange(3)]
        destination = 1 if arrival.address is not None else chance.randrange(3)
        world: dict[object, int] = {}

        def decide(what: object, ways: int, world: dict[object, int] = world) -> int:
            return world.setdefault(what, chance.randrange(ways))

        for (address, port), word in said.items():
            packet = _Packet(address, port, protocol, interface, destination)
            try:
                let_in = _let_in(firewall, packet, decide)
            except _Circle:
                assert word == "unclear" or not known, f"{address}:{port} goes round and is {word}"
                continue
            if word != "unclear":
                assert let_in == (word == "passed"), f"{packet} is {word}, and the rules say otherwise: {firewall}"
            elif known:
                assert any("nested" in why for _, why in way.unclear), f"{packet} is unclear, and nothing is"


def _unclear(firewall: Firewall) -> bool:
    return any(
        chain.policy not in (Verdict.ACCEPT, Verdict.DROP)
        or any(
            rule.unclear or rule.verdict is Verdict.UNCLEAR or (rule.target and rule.target not in firewall.chains)
            for rule in chain.rules
        )
        for chain in firewall.chains.values()
    )


def _chain(choice: _Bytes) -> Chain:
    policy = (Verdict.ACCEPT, Verdict.DROP, Verdict.ACCEPT, Verdict.DROP, Verdict.UNCLEAR)[choice.below(5)]
    return Chain(tuple(_rule(choice, at) for at in range(choice.below(5))), policy)


def _rule(choice: _Bytes, at: int) -> Rule:
    verdict = list(Verdict)[choice.below(6 if choice.below(8) else 7) % len(Verdict)]
    kind = choice.below(256)
    return Rule(
        f"rule {at}",
        verdict,
        _spans(choice) if kind & 1 else None,
        _spans(choice) if kind & 2 else None,
        frozenset((("udp",), ("tcp",), ("udp", "tcp"))[choice.below(3)]) if kind & 4 else None,
        frozenset((("eth0",), ("eth+",), ("ppp0",))[choice.below(3)]) if kind & 24 == 24 else None,
        _spans(choice) if kind & 96 == 96 else None,
        ("nobody knows",) if kind & 192 == 128 else (),
        (*_NAMES, "gone")[choice.below(5)] if verdict in (Verdict.JUMP, Verdict.GOTO) else "",
    )


def _spans(choice: _Bytes) -> Spans:
    made = []
    for _ in range(1 + choice.below(2)):
        first = choice.below(SPACE)
        made.append((first, first + choice.below(SPACE - first)))
    return merged(tuple(made))


def _let_in(firewall: Firewall, packet: _Packet, decide: Callable[[object, int], int]) -> bool:
    """Whether every entry chain accepts it."""
    for entry in firewall.entries:
        ended = _through(firewall, entry, packet, decide, (), 0)
        if ended is None:
            policy = firewall.chains[entry].policy
            ended = decide(("policy", entry), 2) == 1 if policy is Verdict.UNCLEAR else policy is Verdict.ACCEPT
        if not ended:
            return False
    return True


def _through(
    firewall: Firewall, name: str, packet: _Packet, decide: Callable[[object, int], int], path: tuple[str, ...],
    depth: int,
) -> bool | None:  # fmt: skip
    """Whether a chain accepts it; None if it comes out at the end."""
    if depth > _DEPTH_MAX:
        raise _Circle
    chain = firewall.chains.get(name)
    if chain is None:
        return (None, True, False)[decide(("chain", name), 3)]
    for at, rule in enumerate(chain.rules):
        if not _matches(rule, packet):
            continue
        if rule.unclear and decide((name, at), 2):
            continue
        verdict = rule.verdict
        if verdict is Verdict.UNCLEAR:
            verdict = (Verdict.ACCEPT, Verdict.DROP, None)[decide((name, at, "does"), 3)]
        match verdict:
            case None:
                continue
            case Verdict.ACCEPT | Verdict.DROP:
                return verdict is Verdict.ACCEPT
            case Verdict.RETURN:
                return None
            case Verdict.JUMP | Verdict.GOTO:
                ended = _through(firewall, rule.target, packet, decide, (*path, name), depth + 1)
                if ended is not None or verdict is Verdict.GOTO:
                    return ended
    return None


def _matches(rule: Rule, packet: _Packet) -> bool:
    return (
        (rule.protocols is None or packet.protocol in rule.protocols)
        and (rule.sources is None or _in(packet.address, rule.sources))
        and (rule.ports is None or _in(packet.port, rule.ports))
        and (rule.destinations is None or _in(packet.destination, rule.destinations))
        and (
            rule.interfaces is None
            or packet.interface in rule.interfaces
            or any(one.endswith("+") and packet.interface.startswith(one[:-1]) for one in rule.interfaces)
        )
    )


def _in(value: int, spans: Spans) -> bool:
    return any(first <= value <= last for first, last in spans)
