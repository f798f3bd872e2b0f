"""The way through a firewall is that of every single packet, in every world that the unclear rules allow."""

from __future__ import annotations

from itertools import product

from hypothesis import given, settings
from hypothesis import strategies as st

from voicedr.program.network.boxes import Box
from voicedr.program.network.rules import Chain, Firewall, Rule, Verdict
from voicedr.program.network.walk import Arrival, walk

SIZE = 4
"""Addresses and ports, from 0 on, that are looked at one by one."""

spans = st.none() | st.tuples(st.integers(0, SIZE - 1), st.integers(0, SIZE - 1)).map(
    lambda pair: ((min(pair), max(pair)),)
)
ENDS = (Verdict.ACCEPT, Verdict.DROP, Verdict.RETURN)


@st.composite
def rules(draw: st.DrawFn, index: int, deep: bool) -> Rule:
    """A rule; a chain that is jumped to jumps no further."""
    verdict = draw(st.sampled_from((*ENDS, Verdict.UNCLEAR) if deep else (*ENDS, Verdict.UNCLEAR, *DOWN)))
    may_be_unclear = verdict in (Verdict.ACCEPT, Verdict.DROP)
    unclear = ("?",) if may_be_unclear and draw(st.booleans()) else ()
    target = "below" if verdict in DOWN else ""
    return Rule(str(index), verdict, draw(spans), draw(spans), unclear=unclear, target=target)


DOWN = (Verdict.JUMP, Verdict.GOTO)


@st.composite
def firewalls(draw: st.DrawFn) -> Firewall:
    """Two entry chains and one that they jump to."""

    def chain(name: str, deep: bool) -> Chain:
        found = tuple(draw(rules(at, deep)) for at in range(draw(st.integers(0, 3))))
        return Chain(found, draw(st.sampled_from((Verdict.ACCEPT, Verdict.DROP))))

    return Firewall(
        "fw", "made", {"one": chain("one", False), "two": chain("two", False), "below": chain("below", True)},
        draw(st.sampled_from((("one",), ("one", "two")))),
    )  # fmt: skip


def fate(firewall: Firewall, address: int, port: int, world: dict[tuple[str, int], Verdict | None]) -> bool:
    """Whether one packet gets in, in one world: what each unclear rule does there, or None if it does not match."""

    def through(name: str) -> Verdict:
        for at, rule in enumerate(firewall.chains[name].rules):
            inside = all(
                allowed is None or any(first <= value <= last for first, last in allowed)
                for allowed, value in ((rule.sources, address), (rule.ports, port))
            )
            if not inside:
                continue
            verdict = world.get((name, at), rule.verdict)
            if verdict in (Verdict.JUMP, Verdict.GOTO):
                below = through("below")
                if below is not Verdict.RETURN:
                    return below
                if verdict is Verdict.GOTO:
                    return Verdict.RETURN
            elif verdict is not None:
                return verdict
        return Verdict.RETURN

    for entry in firewall.entries:
        verdict = through(entry)
        if (firewall.chains[entry].policy if verdict is Verdict.RETURN else verdict) is Verdict.DROP:
            return False
    return True


@settings(max_examples=150, deadline=None)
@given(firewalls())
def test_every_packet_fares_as_the_walk_says(firewall: Firewall) -> None:
    """Passed and dropped hold in all worlds; unclear only where worlds differ. Nothing is lost or counted twice."""
    choices: dict[tuple[str, int], tuple[Verdict | None, ...]] = {}
    for name, chain in firewall.chains.items():
        for at, rule in enumerate(chain.rules):
            if rule.verdict is Verdict.UNCLEAR:
                choices[(name, at)] = (Verdict.ACCEPT, Verdict.DROP, None)
            elif rule.unclear:
                choices[(name, at)] = (rule.verdict, None)
    worlds = [dict(zip(choices, chosen, strict=True)) for chosen in product(*choices.values())][:300]
    way = walk(firewall, "udp", [Box(0, SIZE - 1, 0, SIZE - 1)], Arrival())
    said: dict[tuple[int, int], str] = {}
    found = [("in", box) for box in way.passed]
    found += [("out", box) for box, _ in way.dropped] + [("?", box) for box, _ in way.unclear]
    for word, box in found:
        for address, port in product(range(box.first, box.last + 1), range(box.port_min, box.port_max + 1)):
            assert (address, port) not in said
            said[(address, port)] = word
    for address, port in product(range(SIZE), repeat=2):
        fates = {fate(firewall, address, port, world) for world in worlds}
        if said[(address, port)] != "?":
            assert fates == {said[(address, port)] == "in"}
        elif len(worlds) < 300:
            assert fates == {True, False}


def test_a_circle_of_jumps_is_unknown() -> None:
    """No kernel loads it; a file that has one is not followed for ever, and nothing in it counts."""
    chains = {"in": Chain((Rule("1", Verdict.JUMP, target="in"),), Verdict.ACCEPT)}
    way = walk(Firewall("fw", "made", chains, ("in",)), "udp", [Box(0, 1, 0, 1)], Arrival())
    assert not way.passed
    assert "circle" in way.unclear[0][1]


def test_jumps_that_double_are_given_up() -> None:
    """Thirty chains, each jumping twice to the next, would be a thousand million steps: it ends, and is unknown."""
    chains = {
        str(at): Chain(tuple(Rule("r", Verdict.JUMP, target=str(at + 1)) for _ in range(2)), Verdict.ACCEPT)
        for at in range(30)
    }
    way = walk(Firewall("fw", "made", chains | {"30": Chain(())}, ("0",)), "udp", [Box(0, 1, 0, 1)], Arrival())
    assert "steps" in way.unclear[0][1]


def test_an_interface_and_an_address_decide_if_somebody_says_them() -> None:
    """Unknown without; taken at its word with; another interface is another rule's."""
    rule = Rule("r", Verdict.ACCEPT, interfaces=frozenset({"eth+"}), destinations=((1, 1),))
    firewall = Firewall("fw", "made", {"in": Chain((rule,), Verdict.DROP)}, ("in",))
    box = Box(5, 5, 1, 1)
    assert walk(firewall, "udp", [box], Arrival()).unclear
    assert walk(firewall, "udp", [box], Arrival(interface="eth0")).unclear
    assert walk(firewall, "udp", [box], Arrival("eth0", "0.0.0.1")).passed == [box]
    assert walk(firewall, "udp", [box], Arrival("wan0", "0.0.0.1")).dropped
    assert walk(firewall, "udp", [box], Arrival("eth0", "0.0.0.2")).dropped
