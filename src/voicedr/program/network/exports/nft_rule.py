"""One rule of nftables, from its expressions as libnftables-json(5) writes them.

What the text reader cannot put into such an expression it gives as ``{"unclear": text}``. A statement that is not known
makes the rule unclear, and so does a condition that is not known; neither is left out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from voicedr.program.network.boxes import ADDRESS_MAX, PORT_MAX, both, merged, others
from voicedr.program.network.exports.words import NotUnderstood, address_span, port_span, protocol
from voicedr.program.network.rules import Rule, Spans, Verdict

Expression: TypeAlias = Mapping[str, Any]
Sets: TypeAlias = Mapping[str, Sequence[Any] | None]
"""Named sets of a table and their elements; None for one whose elements change by themselves."""

VERDICTS = {"accept": Verdict.ACCEPT, "drop": Verdict.DROP, "reject": Verdict.DROP, "return": Verdict.RETURN}
WITHOUT_EFFECT = frozenset({"counter", "log", "comment", "mangle", "notrack", "ct helper", "flow", "last"})
NEW = frozenset({"new", "untracked"})
"""The states that a call's first packet may be in. ``established`` alone is not enough: media may come before ours."""


class _Never(Exception):
    """The rule cannot match a new IPv4 packet from outside."""


class _Reading:
    """A rule that is being read."""

    def __init__(self, sets: Sets) -> None:
        self.sets = sets
        self.sources: Spans | None = None
        self.ports: Spans | None = None
        self.destinations: Spans | None = None
        self.protocols: frozenset[str] | None = None
        self.interfaces: frozenset[str] | None = None
        self.unclear: list[str] = []
        self.verdict: Verdict | None = None
        self.target = ""

    def condition(self, match: Expression) -> None:
        """Take one ``match`` into account."""
        try:
            self._condition(match["left"], str(match.get("op", "==")), match["right"])
        except NotUnderstood as exc:
            self.unclear.append(str(exc))

    def _condition(self, left: Any, op: str, right: Any) -> None:
        if op not in ("==", "!=", "in") or not isinstance(left, Mapping):
            raise NotUnderstood(f"condition {_short(left)} {op}")
        negated = op == "!="
        match left:
            case {"payload": {"protocol": "ip", "field": "saddr"}}:
                self.sources = both(self.sources, self._addresses(right, negated))
            case {"payload": {"protocol": "ip", "field": "daddr"}}:
                self.destinations = both(self.destinations, self._addresses(right, negated))
            case {"payload": {"protocol": "ip6" | "icmp" | "icmpv6"}}:
                raise _Never
            case {"payload": {"protocol": "tcp" | "udp" | "th" as carried, "field": "dport"}}:
                if carried != "th":
                    self._protocols(frozenset((carried,)))
                spans = merged(tuple(port_span(word) for word in self._words(right)))
                self.ports = both(self.ports, others(spans, PORT_MAX) if negated else spans)
            case {"payload": {"protocol": "tcp" | "udp" as carried}}:
                self._protocols(frozenset((carried,)))
                raise NotUnderstood(f"condition {_short(left)}")
            case {"payload": {"protocol": "sctp" | "dccp" | "udplite" | "ah" | "esp" | "comp"}}:
                raise _Never
            case {"payload": {"protocol": "ip", "field": "protocol"}} | {"meta": {"key": "l4proto"}}:
                named = frozenset(one for word in self._words(right) for one in protocol(word))
                self._protocols(frozenset(("tcp", "udp")) - named if negated else named)
            case {"meta": {"key": "nfproto"}}:
                if ("ipv4" in map(str, self._words(right))) == negated:
                    raise _Never
            case {"meta": {"key": "protocol"}}:
                if ("ip" in map(str, self._words(right))) == negated:
                    raise _Never
            case {"ct": {"key": "state"}}:
                if bool(NEW.intersection(map(str, self._words(right)))) == negated:
                    raise _Never
            case {"meta": {"key": "iifname" | "iif"}} if not negated:
                self._interfaces(right)
            case {"meta": {"key": "iifname" | "iif"}} if [str(word) for word in self._words(right)] == ["lo"]:
                pass  # Whatever is not from this machine itself.
            case _:
                raise NotUnderstood(f"condition {_short(left)}")

    def _protocols(self, named: frozenset[str]) -> None:
        self.protocols = named if self.protocols is None else self.protocols & named
        if not self.protocols:
            raise _Never

    def _interfaces(self, right: Any) -> None:
        named = frozenset(str(word) for word in self._words(right)) - {"lo"}
        self.interfaces = named if self.interfaces is None else self.interfaces & named
        if not self.interfaces:
            raise _Never

    def _addresses(self, right: Any, negated: bool) -> Spans:
        spans = [address_span(str(word)) for word in self._words(right)]
        known = merged(tuple(span for span in spans if span is not None))
        return others(known, ADDRESS_MAX) if negated else known

    def _words(self, right: Any) -> list[str | int]:
        """A right-hand side as single words: addresses, prefixes, ranges."""
        match right:
            case bool():
                raise NotUnderstood(f"value {right}")
            case str() if right.startswith("@"):
                elements = self.sets.get(right[1:])
                if elements is None:
                    raise NotUnderstood(f"set {right} is not in the export, or changes by itself")
                return [word for element in elements for word in self._words(element)]
            case str() | int():
                return [right]
            case {"set": inner} | {"elem": {"val": inner}}:
                return self._words(inner)
            case {"prefix": {"addr": str(addr), "len": int(length)}}:
                return [f"{addr}/{length}"]
            case {"range": [first, last]}:
                return [f"{first}-{last}"]
            case list():
                return [word for element in right for word in self._words(element)]
            case _:
                raise NotUnderstood(f"value {_short(right)}")

    def statement(self, name: str, value: Any) -> None:
        """Take one statement that is not a match into account."""
        if name in VERDICTS:
            self.verdict = VERDICTS[name]
        elif name in ("jump", "goto") and isinstance(value, Mapping):
            self.verdict, self.target = Verdict(name), str(value.get("target", ""))
        elif name == "vmap" and _of_later_packets(value):
            raise _Never
        elif name == "xt" and isinstance(value, Mapping) and value.get("type") == "match":
            # What iptables has brought in by its own modules: a comment, or a condition that nft does not show.
            if value.get("name") != "comment":
                self.unclear.append(f"match {value.get('name')} of iptables; export it with iptables-save")
        elif name == "limit":
            self.unclear.append("a limit on the rate")
        elif name not in WITHOUT_EFFECT:
            self.unclear.append(f"statement {name if name != 'unclear' else _short(value)}")
            self.verdict = Verdict.UNCLEAR


def nft_rule(expressions: Sequence[Expression], sets: Sets, where: str) -> Rule | None:
    """The rule; None if it cannot match a new IPv4 packet from outside or decides nothing."""
    reading = _Reading(sets)
    try:
        for expression in expressions:
            for name, value in expression.items():
                if name == "match" and isinstance(value, Mapping) and "left" in value and "right" in value:
                    reading.condition(value)
                else:
                    reading.statement(name, value)
                if reading.verdict is not None:
                    break
            if reading.verdict is not None:
                break
    except _Never:
        return None
    if reading.verdict is None:
        return None
    return Rule(
        where,
        reading.verdict,
        None if reading.sources is None else merged(reading.sources),
        None if reading.ports is None else merged(reading.ports),
        reading.protocols,
        reading.interfaces,
        None if reading.destinations is None else merged(reading.destinations),
        tuple(reading.unclear),
        reading.target,
    )


def _of_later_packets(value: Any) -> bool:
    """True for a map from states to verdicts that has none for a call's first packet: the next rule is looked at."""
    match value:
        case {"key": {"ct": {"key": "state"}}, "data": {"set": list() as pairs}}:
            keys = [pair[0] for pair in pairs if isinstance(pair, Sequence) and len(pair) == 2]
            return len(keys) == len(pairs) and all(isinstance(key, str) for key in keys) and not NEW.intersection(keys)
        case _:
            return False


def _short(value: Any) -> str:
    return " ".join(str(value).split())[:80]
