"""``iptables-save``: the rules on the way to this machine (iptables(8), iptables-extensions(8))."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from voicedr.program.network.boxes import ADDRESS_MAX, PORT_MAX, both, merged, others
from voicedr.program.network.exports.words import NotUnderstood, address_spans, port_span, protocol
from voicedr.program.network.rules import BrokenExport, Chain, Firewall, Rule, Spans, Verdict

ENTRIES = (
    ("raw", "PREROUTING"), ("mangle", "PREROUTING"), ("nat", "PREROUTING"),
    ("mangle", "{way}"), ("filter", "{way}"), ("security", "{way}"),
)  # fmt: skip
"""Where a packet from outside comes by, in order; ``{way}`` is INPUT, or FORWARD for an SBC behind this machine."""

TARGETS = {"ACCEPT": Verdict.ACCEPT, "DROP": Verdict.DROP, "REJECT": Verdict.DROP, "RETURN": Verdict.RETURN}
GOES_ON = frozenset(
    {"LOG", "NFLOG", "ULOG", "MARK", "CONNMARK", "CONNSECMARK", "SECMARK", "TCPMSS", "CT", "NOTRACK", "DSCP", "TOS",
     "CLASSIFY", "TRACE", "AUDIT", "SET", "CHECKSUM", "HL", "TTL"}
)  # fmt: skip
"""Targets after which the next rule is looked at, whatever their options are."""

POLICIES = {"ACCEPT": Verdict.ACCEPT, "DROP": Verdict.DROP, "-": Verdict.RETURN}
NEW = frozenset({"NEW", "UNTRACKED"})
HARMLESS = frozenset({"--comment", "--reject-with"})
"""Options with one value that change nothing about which packets match."""

ANY_TEXT = frozenset({"--comment", "--log-prefix", "--nflog-prefix", "--ulog-prefix", "--string", "--hex-string"})
"""Options whose one value may be any text, a dash in front included."""

MODULES = frozenset({"tcp", "udp", "multiport", "comment", "state", "conntrack", "addrtype", "iprange"})
"""Modules that match everything unless an option of theirs says otherwise."""

FIRST_OF_TCP = "FIN,SYN,RST,ACK SYN"
"""How ``--syn`` is saved: what the first packet of a connection has."""


class _Never(Exception):
    """The rule cannot match a new packet from outside."""


@dataclass
class _Rule:
    """A rule that is being read."""

    hook: str
    unclear: list[str] = field(default_factory=list)
    sources: Spans | None = None
    destinations: Spans | None = None
    ports: Spans | None = None
    protocols: frozenset[str] | None = None
    interfaces: frozenset[str] | None = None
    target: str = ""
    goto: bool = False

    def option(self, option: str, value: str, negated: bool) -> None:
        """Take one option with its value into account.

        Raises:
            NotUnderstood: If it is not known.
        """
        match option:
            case "-s" | "--source" | "--src-range":
                self.sources = both(self.sources, _spans(value, negated))
            case "-d" | "--destination" | "--dst-range":
                self.destinations = both(self.destinations, _spans(value, negated))
            case "-p" | "--protocol":
                self._protocols(value, negated)
            case "--dport" | "--destination-port" | "--dports" | "--destination-ports":
                spans = merged(tuple(port_span(one) for one in value.split(",")))
                self.ports = both(self.ports, others(spans, PORT_MAX) if negated else spans)
            case "-i" | "--in-interface":
                self._interface(value, negated)
            case "--state" | "--ctstate":
                if bool(NEW.intersection(value.split(","))) == negated:
                    raise _Never
            case "-m" | "--match" if value in MODULES and not negated:
                pass
            case "--syn" | "--tcp-flags" if not value or value == FIRST_OF_TCP:
                if negated:
                    raise _Never
            case "--dst-type" if value == "LOCAL" and not negated and self.hook == "input":
                pass  # It is, on the way to this machine.
            case "-o" | "--out-interface":
                raise NotUnderstood("an outgoing interface")
            case _:
                raise NotUnderstood(f"option {'! ' if negated else ''}{option} {value}")

    def _protocols(self, value: str, negated: bool) -> None:
        if value.lower() in ("all", "0"):
            return
        named = protocol(value)
        named = frozenset(("tcp", "udp")) - named if negated else named
        self.protocols = named if self.protocols is None else self.protocols & named
        if not self.protocols:
            raise _Never

    def _interface(self, value: str, negated: bool) -> None:
        if value == "lo":
            if not negated:
                raise _Never
        elif negated:
            raise NotUnderstood(f"any interface but {value}")
        elif value != "+":
            self.interfaces = frozenset((value,))


def _spans(value: str, negated: bool) -> Spans:
    known = merged(address_spans(value.split(",")))
    return others(known, ADDRESS_MAX) if negated else known


def read_iptables(text: str, name: str, hook: str = "input") -> Firewall:
    """The rules on the way to this machine, or through it.

    Raises:
        BrokenExport: With the line that could not be read.
    """
    rules: dict[str, list[Rule]] = {}
    policies: dict[str, Verdict] = {}
    raw: list[tuple[str, int, str]] = []
    table = ""
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line.startswith("# Generated by ip6tables"):
            raise BrokenExport(
                f"{name}:{number}: these are the rules of IPv6, and the provider's voice addresses are IPv4. Export the"
                " others: iptables-save"
            )
        if not line or line.startswith("#"):
            continue
        if line.startswith("["):  # Counters, of iptables-save -c.
            line = line.partition("]")[2].strip()
        if line.startswith("*"):
            table = line[1:]
        elif line == "COMMIT":
            table = ""
        elif line.startswith(":") and table:
            chain, _, policy = line[1:].partition(" ")
            policies[f"{table} {chain}"] = POLICIES.get(policy.split(" ")[0], Verdict.UNCLEAR)
            rules[f"{table} {chain}"] = []
        elif line.startswith("-A ") and table:
            raw.append((table, number, line))
        else:
            raise _broken(name, number, f"{line[:60]!r} is not a line of iptables-save")
    if table:
        raise BrokenExport(f"{name}: ends before COMMIT; the export was cut off. Nothing was judged. Export it again.")
    for table, number, line in raw:
        chain, rule = _read(line, table, number, name, hook, rules)
        if rule is not None:
            rules[chain].append(rule)
    way = hook.upper()
    entries = tuple(entry for of, chain in ENTRIES if (entry := f"{of} {chain.format(way=way)}") in rules)
    if f"filter {way}" not in rules:
        raise BrokenExport(
            f"{name}: has no chain {way} of the table filter, so it stops nothing there. Export it whole, as root:"
            " iptables-save"
        )
    chains = {key: Chain(tuple(found), policies[key]) for key, found in rules.items()}
    return Firewall(name, "iptables-save", chains, entries)


def _broken(name: str, number: int, why: str) -> BrokenExport:
    return BrokenExport(f"{name}:{number}: {why}. Nothing was judged. Export it again: iptables-save")


def _read(line: str, table: str, number: int, name: str, hook: str, chains: Iterable[str]) -> tuple[str, Rule | None]:
    try:
        words = shlex.split(line)
    except ValueError as exc:
        raise _broken(name, number, f"quotes do not match ({exc})") from exc
    if len(words) < 2:
        raise _broken(name, number, "a chain is missing")
    chain = f"{table} {words[1]}"
    if chain not in chains:
        raise _broken(name, number, f"chain {words[1]} is not declared in table {table}")
    found = _Rule(hook)
    try:
        for option, values, negated in _options(words[2:]):
            _take(found, option, values, negated)
    except _Never:
        return chain, None
    return chain, _made(found, table, f"line {number} of chain {words[1]}", chains)


def _options(words: list[str]) -> Iterator[tuple[str, list[str], bool]]:
    """Options with their values and whether they are turned round by ``!``."""
    at, negated = 0, False
    while at < len(words):
        word = words[at]
        at += 1
        if word == "!":
            negated = True
            continue
        values = []
        if word in ANY_TEXT and at < len(words):
            values.append(words[at])
            at += 1
        while at < len(words) and words[at] != "!" and not words[at].startswith("-"):
            values.append(words[at])
            at += 1
        yield word, values, negated
        negated = False


def _take(found: _Rule, option: str, values: list[str], negated: bool) -> None:
    if option in ("-j", "--jump", "-g", "--goto") and values:
        found.target, found.goto = values[0], option in ("-g", "--goto")
        return
    if found.target in GOES_ON or (option in HARMLESS and not negated):
        return
    try:
        found.option(option, " ".join(values), negated)
    except NotUnderstood as exc:
        found.unclear.append(str(exc))


def _made(found: _Rule, table: str, where: str, chains: Iterable[str]) -> Rule | None:
    target = ""
    if not found.target or found.target in GOES_ON:
        return None
    if found.target in TARGETS:
        verdict = TARGETS[found.target]
    elif f"{table} {found.target}" in chains:
        verdict, target = (Verdict.GOTO if found.goto else Verdict.JUMP), f"{table} {found.target}"
    else:
        verdict = Verdict.UNCLEAR
        found.unclear.append(f"target {found.target}")
    return Rule(
        where,
        verdict,
        _clean(found.sources),
        _clean(found.ports),
        found.protocols,
        found.interfaces,
        _clean(found.destinations),
        tuple(found.unclear),
        target,
    )


def _clean(spans: Spans | None) -> Spans | None:
    return None if spans is None else merged(spans)
