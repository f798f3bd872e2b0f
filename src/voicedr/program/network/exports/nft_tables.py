"""A whole ruleset of nftables: tables with sets and chains, as either reader found them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from voicedr.program.network.exports.nft_rule import Expression, Sets, nft_rule
from voicedr.program.network.rules import BrokenExport, Chain, Firewall, Rule, Verdict

FAMILIES = frozenset({"ip", "inet", "netdev", "bridge"})
"""Families whose chains may see an IPv4 packet. ``ip6`` and ``arp`` do not."""

HOOKS = {"ingress": 0, "prerouting": 1, "input": 2, "forward": 2}
"""The hooks on the way in, in order (nft(8), "CHAINS"). ``input`` is for this machine, ``forward`` for one behind it.
The order of chains at one hook is left as it stands: a packet must pass all of them, so it changes nothing."""

POLICIES = {"accept": Verdict.ACCEPT, "drop": Verdict.DROP}


class NftChain(msgspec.Struct):
    """A chain as it stands in the export. Without a hook it is reached by jumps only."""

    family: str
    table: str
    name: str
    kind: str = ""
    hook: str = ""
    policy: str = "accept"
    rules: list[tuple[str, Sequence[Expression]]] = msgspec.field(default_factory=list)


class NftRuleset(msgspec.Struct):
    """Chains in order, and each table's sets."""

    chains: list[NftChain] = msgspec.field(default_factory=list)
    sets: dict[tuple[str, str], dict[str, Sequence[Any] | None]] = msgspec.field(default_factory=dict)

    def chain(self, family: str, table: str, name: str) -> NftChain | None:
        """One of them, or None."""
        return next((c for c in self.chains if (c.family, c.table, c.name) == (family, table, name)), None)


def firewall_of(ruleset: NftRuleset, name: str, form: str, hook: str = "input") -> Firewall:
    """The rules on the way to this machine.

    Args:
        hook: ``input`` for an SBC on the machine itself, ``forward`` for one behind it.

    Raises:
        BrokenExport: If nothing in it is asked about what comes in.
    """
    entries = sorted(
        (c for c in ruleset.chains if c.family in FAMILIES and c.hook in HOOKS and c.hook in _way(hook)),
        key=lambda c: HOOKS[c.hook],
    )
    if not any(c.hook == hook for c in entries):
        raise BrokenExport(
            f"{name}: no chain is at the hook {hook}, so these rules stop nothing there. Is it the right machine?"
            f" Export it whole: nft -j list ruleset"
        )
    chains = {_full(c): _chain(c, ruleset.sets.get((c.family, c.table), {})) for c in ruleset.chains}
    return Firewall(name, form, chains, tuple(_full(c) for c in entries))


def _way(hook: str) -> frozenset[str]:
    return frozenset({"ingress", "prerouting", hook})


def _full(chain: NftChain) -> str:
    return f"{chain.family} {chain.table} {chain.name}"


def _chain(chain: NftChain, sets: Sets) -> Chain:
    return Chain(tuple(_rules(chain, sets)), POLICIES.get(chain.policy, Verdict.UNCLEAR))


def _rules(chain: NftChain, sets: Sets) -> Iterable[Rule]:
    for where, expressions in chain.rules:
        rule = nft_rule(expressions, sets, f"{where} of chain {chain.name}")
        if rule is not None:
            target = f"{chain.family} {chain.table} {rule.target}" if rule.target else ""
            yield msgspec.structs.replace(rule, target=target)
