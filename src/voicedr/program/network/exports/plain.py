"""A plain list of what is let in: one prefix a line, and perhaps a protocol and ports, as in ``udp 10000-20000``."""

from __future__ import annotations

from voicedr.program.network.boxes import merged
from voicedr.program.network.exports.words import NotUnderstood, address_span, port_span
from voicedr.program.network.rules import BrokenExport, Chain, Firewall, Rule, Verdict


def read_plain(text: str, name: str) -> Firewall:
    """The list as one chain that lets these in and nothing else.

    Raises:
        BrokenExport: With the line that is not of this form.
    """
    rules = []
    for number, line in enumerate(text.splitlines(), 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        try:
            rule = _rule(words, f"line {number}")
        except NotUnderstood as exc:
            raise BrokenExport(
                f"{name}:{number}: {exc}. A line is a prefix, and perhaps udp or tcp and ports:"
                " 168.86.128.0/18 udp 10000-60000. Nothing was judged."
            ) from exc
        if rule is not None:
            rules.append(rule)
    return Firewall(name, "plain", {"list": Chain(tuple(rules), Verdict.DROP)}, ("list",))


def _rule(words: list[str], where: str) -> Rule | None:
    span = address_span(words[0])
    protocols = ports = None
    if len(words) > 1:
        if words[1].lower() not in ("udp", "tcp"):
            raise NotUnderstood(f"protocol {words[1]!r} is neither udp nor tcp")
        protocols = frozenset((words[1].lower(),))
        if len(words) > 2:
            ports = merged(tuple(port_span(one) for one in "".join(words[2:]).split(",")))
    return None if span is None else Rule(where, Verdict.ACCEPT, (span,), ports, protocols)
