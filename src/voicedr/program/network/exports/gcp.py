"""``gcloud compute firewall-rules list --format=json``.

Its shape is https://cloud.google.com/compute/docs/reference/rest/v1/firewalls. The lowest priority number that matches
decides; at the same number a deny goes before an allow, and what no rule matches does not come in
(https://cloud.google.com/firewall/docs/firewalls). Rules may be for some machines only, by tag or service account, and
the export has all networks: what is not named by ``only`` is unclear.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from voicedr.program.network.boxes import merged
from voicedr.program.network.exports.words import NotUnderstood, address_span, port_span, protocol
from voicedr.program.network.rules import BrokenExport, Chain, Firewall, Rule, Verdict

UNSEEN = ("hierarchical and network firewall policies are not in this export",)
PRIORITY = 1000
"""Of a rule that says none."""


def read_gcp(items: Sequence[Any], name: str, only: Sequence[str] = ()) -> Firewall:
    """The rules for what comes in, in the order in which they decide.

    Args:
        only: The network and the target tags and service accounts of the SBC.

    Raises:
        BrokenExport: If it is not shaped as the command writes it.
    """
    rules: list[tuple[int, bool, int, Mapping[str, Any]]] = []
    for at, one in enumerate(items):
        if not isinstance(one, Mapping) or ("allowed" in one) == ("denied" in one):
            raise _broken(name, f"rule {at + 1}")
        priority = one.get("priority", PRIORITY)
        if not isinstance(priority, int) or isinstance(priority, bool):
            raise _broken(name, f"rule {at + 1}: priority {priority!r}")
        if one.get("direction", "INGRESS") == "INGRESS" and not one.get("disabled", False):
            rules.append((priority, "allowed" in one, at, one))
    rules.sort(key=lambda rule: rule[:3])
    networks = {_last(one.get("network", "")) for *_, one in rules}
    chosen = frozenset(_last(word) for word in only)
    found = tuple(rule for *_, at, one in rules for rule in _rules(one, name, at, networks, chosen))
    return Firewall(name, "gcp", {"rules": Chain(found, Verdict.DROP)}, ("rules",), UNSEEN)


def _last(word: Any) -> str:
    return str(word).rstrip("/").rpartition("/")[2]


def _broken(name: str, where: str) -> BrokenExport:
    return BrokenExport(
        f"{name}: {where} is not shaped as Google Cloud writes it. Nothing was judged. Export it again:"
        " gcloud compute firewall-rules list --format=json"
    )


def _words(one: Mapping[str, Any], key: str, name: str, where: str) -> list[Any]:
    found = one.get(key) or []
    if not isinstance(found, list):
        raise _broken(name, f"{where}: {key}")
    return found


def _rules(one: Mapping[str, Any], name: str, at: int, networks: set[str], only: frozenset[str]) -> Iterator[Rule]:
    where = f"rule {one.get('name', at + 1)}"
    unclear: list[str] = []
    network = _last(one.get("network", ""))
    if len(networks) > 1:
        if not networks & only:
            unclear.append(
                f"it is of network {network}, and there are {len(networks)}; say with --only which is the SBC's"
            )
        elif network not in only:
            return
    targets = [*_words(one, "targetTags", name, where), *_words(one, "targetServiceAccounts", name, where)]
    if targets and not only.intersection(map(str, targets)):
        if only - networks:
            return
        unclear.append(f"it is for {', '.join(map(str, targets))} only; say with --only if the SBC is that")
    if _words(one, "destinationRanges", name, where):
        unclear.append("it is for some destination addresses only")
    ranges = _words(one, "sourceRanges", name, where)
    if not ranges and (one.get("sourceTags") or one.get("sourceServiceAccounts")):
        return  # From machines of one's own only.
    spans: list[tuple[int, int]] = []
    wide = False
    for word in ranges:
        try:
            span = address_span(str(word))
        except NotUnderstood as exc:
            unclear.append(str(exc))
            wide = True
        else:
            spans += [] if span is None else [span]
    if ranges and not spans and not wide:
        return  # IPv6 only.
    sources = None if wide or not ranges else merged(tuple(spans))
    verdict = Verdict.ACCEPT if "allowed" in one else Verdict.DROP
    for part in _words(one, "allowed" if "allowed" in one else "denied", name, where):
        if not isinstance(part, Mapping) or "IPProtocol" not in part:
            raise _broken(name, where)
        word = str(part["IPProtocol"]).lower()
        protocols = None if word == "all" else protocol(word)
        if protocols is not None and not protocols:
            continue
        try:
            ports = merged(tuple(port_span(p) for p in _words(part, "ports", name, where))) or None
        except NotUnderstood as exc:
            raise _broken(name, f"{where}: {exc}") from exc
        yield Rule(where, verdict, sources, ports, protocols, unclear=tuple(unclear))
